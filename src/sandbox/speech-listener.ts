import {
  burstLength,
  byteOf,
  MAX_SYMBOLS,
  readBurst,
  type SpokenPiece,
  SYMBOL_SECONDS,
  SYNC_TONES,
} from './speech-burst.ts';

/** A piece of a text, and when it is heard, in seconds. */
export interface HeardPiece extends SpokenPiece {
  readonly start: number;
  readonly end: number;
}

/** All that was heard. */
export interface HeardSound {
  readonly pieces: readonly HeardPiece[];
  readonly seconds: number;
  readonly isSilent: boolean;
}

/** Of full scale 1: what is softer is silence. -66 dB. */
const SILENCE = 0.0005;
/** How much of the power of a symbol is in the tone that a burst begins with. */
const SYNC_SHARE = 0.6;
/** A word has ended where it is softer than this share of its burst. */
const HUM_SHARE = 0.1;
/** Places in a symbol at which the start of a burst is looked for. */
const HOPS = 4;
/** A word goes on after a pause of as many hops. */
const PAUSE_HOPS = 4;
/** Steps of a symbol in which the place of a burst is looked for, before it is found to a sample. */
const STEPS = 24;

interface Hop {
  readonly energy: number;
  /** How much of it is the tone of the start, as a complex number. */
  readonly re: number;
  readonly im: number;
}

interface OpenWord {
  readonly piece: SpokenPiece;
  /** Samples from the start of the sound. */
  readonly start: number;
  readonly floor: number;
  end: number;
}

/** Listens to sound as it comes, and hears the words in it. */
export class SpeechListener {
  readonly #rate: number;
  /** Samples of a symbol: as it is, and whole. */
  readonly #exact: number;
  readonly #symbol: number;
  readonly #hop: number;
  /** As many samples must have come after the place that is listened to. */
  readonly #ahead: number;
  /** The tone that a burst begins with, sample by sample. */
  readonly #cosine: Float32Array;
  readonly #sine: Float32Array;
  readonly #pieces: HeardPiece[] = [];
  /** What has come and is still looked at: the first of them is the sample `#base` of the sound. */
  #samples = new Float32Array(0);
  #base = 0;
  /** The place that is listened to, in `#samples`. */
  #at = 0;
  #hops: Hop[] = [];
  #word: OpenWord | undefined;
  #loudest = 0;

  /** @param rate Hz: words are heard from 10 kHz on, where all the tones are */
  constructor(rate: number) {
    this.#rate = rate;
    this.#exact = rate * SYMBOL_SECONDS;
    this.#symbol = Math.round(this.#exact);
    this.#hop = Math.max(1, Math.floor(this.#exact / HOPS));
    this.#ahead = Math.ceil(this.#exact * (MAX_SYMBOLS + 3));
    const turns = (2 * Math.PI * SYNC_TONES[0]) / this.#symbol;
    this.#cosine = Float32Array.from({ length: this.#symbol }, (_, index) => Math.cos(turns * index));
    this.#sine = Float32Array.from({ length: this.#symbol }, (_, index) => Math.sin(turns * index));
  }

  /** @param samples of full scale 1; they are copied */
  hear(samples: Float32Array): void {
    // What is behind is kept for as long as a burst may begin there.
    const from = Math.max(0, this.#at - 2 * this.#symbol);
    const kept = this.#samples.subarray(from);
    const joined = new Float32Array(kept.length + samples.length);
    joined.set(kept);
    joined.set(samples, kept.length);
    this.#samples = joined;
    this.#base += from;
    this.#at -= from;
    this.#listen(joined.length - this.#ahead);
  }

  /** The words so far: each is known once it has ended. */
  get heard(): readonly HeardPiece[] {
    return this.#pieces;
  }

  /** The end of the sound. */
  end(): HeardSound {
    const total = this.#base + this.#samples.length;
    this.hear(new Float32Array(this.#ahead));
    this.#closeWord(total);
    return { pieces: this.#pieces, seconds: total / this.#rate, isSilent: this.#loudest < SILENCE };
  }

  #listen(until: number): void {
    while (this.#at < until) {
      const hop = this.#nextHop();
      this.#hops = [...this.#hops.slice(1 - HOPS), hop];
      if (this.#hops.length === HOPS && this.#isSync() && this.#burst(this.#at - HOPS * this.#hop)) {
        this.#hops = [];
      }
    }
  }

  /** Moves on by a hop. */
  #nextHop(): Hop {
    const samples = this.#samples;
    let turn = (this.#base + this.#at) % this.#symbol;
    let [energy, re, im] = [0, 0, 0];
    for (let index = this.#at; index < this.#at + this.#hop; index += 1) {
      const sample = samples[index] ?? 0;
      energy += sample * sample;
      re += sample * (this.#cosine[turn] ?? 0);
      im += sample * (this.#sine[turn] ?? 0);
      turn += 1;
      if (turn === this.#symbol) turn = 0;
    }
    this.#at += this.#hop;
    const level = Math.sqrt(energy / this.#hop);
    this.#loudest = Math.max(this.#loudest, level);
    this.#goOn(level);
    return { energy, re, im };
  }

  /** The word that is being said goes on, or has ended. */
  #goOn(level: number): void {
    const word = this.#word;
    if (word === undefined) return;
    const now = this.#base + this.#at;
    if (level >= word.floor) word.end = now;
    else if (now > word.end + PAUSE_HOPS * this.#hop) this.#closeWord(now);
  }

  #closeWord(now: number): void {
    if (this.#word === undefined) return;
    const { piece, start, end } = this.#word;
    const seconds = (place: number) => Math.min(place, now) / this.#rate;
    this.#pieces.push({ ...piece, start: seconds(start), end: seconds(end) });
    this.#word = undefined;
  }

  #isSync(): boolean {
    let [energy, re, im] = [0, 0, 0];
    for (const hop of this.#hops) {
      energy += hop.energy;
      re += hop.re;
      im += hop.im;
    }
    const length = HOPS * this.#hop;
    return energy > SILENCE ** 2 * length && (2 * (re * re + im * im)) / length > SYNC_SHARE * energy;
  }

  /** Reads a burst that begins somewhere here, and moves on behind it. @returns whether there is one */
  #burst(from: number): boolean {
    const start = this.#placeOfBurst(from);
    const power = this.#power(start, SYNC_TONES[0]);
    if (this.#power(start + this.#symbol, SYNC_TONES[1]) < SYNC_SHARE * power) return false;
    const symbolAt = (index: number) => start + Math.round(this.#exact * index);
    const byteAt = (index: number) => {
      const at = symbolAt(SYNC_TONES.length + index);
      return byteOf((tone) => this.#power(at, tone));
    };
    const bytes = Uint8Array.from({ length: burstLength(byteAt(0)) }, (_, index) => byteAt(index));
    const piece = readBurst(bytes);
    if (piece === undefined) return false;
    const end = symbolAt(SYNC_TONES.length + bytes.length);
    this.#closeWord(this.#base + start);
    this.#word = {
      piece,
      start: this.#base + start,
      end: this.#base + end,
      floor: HUM_SHARE * Math.sqrt(power),
    };
    this.#at = end;
    return true;
  }

  /** Where both tones of the start are the loudest. */
  #placeOfBurst(from: number): number {
    const strength = (place: number) =>
      Math.sqrt(this.#power(place, SYNC_TONES[0])) +
      Math.sqrt(this.#power(place + this.#symbol, SYNC_TONES[1]));
    const best = (first: number, last: number, step: number) => {
      let [found, most] = [Math.max(0, first), -1];
      for (let place = found; place <= last; place += step) {
        const value = strength(place);
        if (value > most) [found, most] = [place, value];
      }
      return found;
    };
    const step = Math.max(1, Math.round(this.#symbol / STEPS));
    const near = best(from - this.#hop, from + this.#symbol, step);
    return best(near - step + 1, near + step - 1, 1);
  }

  /** The power of a tone in a symbol: Goertzel's algorithm. A tone of level 1 has power 0.5. */
  #power(from: number, tone: number): number {
    const length = this.#symbol;
    const factor = 2 * Math.cos((2 * Math.PI * tone) / length);
    let [last, before] = [0, 0];
    for (let index = from; index < from + length; index += 1) {
      const value = (this.#samples[index] ?? 0) + factor * last - before;
      before = last;
      last = value;
    }
    return (2 * (last * last + before * before - factor * last * before)) / length ** 2;
  }
}
