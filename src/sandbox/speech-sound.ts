import { burstBytes, type SpokenPiece, SYMBOL_SECONDS, SYNC_TONES, tonesOf } from './speech-burst.ts';
import { piecesOf } from './speech-pieces.ts';

/** Hz: that of `response_format: pcm` (OpenAI's guide to text to speech). */
export const SPEECH_RATE = 24_000;

/** How fast is spoken at speed 1, in characters a second, spaces and marks included. */
export const CHARACTERS_A_SECOND = 15;

/** Samples. */
const SYMBOL = SPEECH_RATE * SYMBOL_SECONDS;
/** Silence between two words, at least: what tells them apart. */
const MIN_GAP = SYMBOL;
const LEAD_IN = SYMBOL * 6;
const LEAD_OUT = SYMBOL * 10;
/** Over which a hum comes and goes. */
const FADE = SYMBOL * 2;

/** Of full scale 1. All of it is soft. */
const TONE_LEVEL = 0.06;
const HUM_LEVEL = 0.07;

/** Marks at the end of a word are a pause, as spaces are. */
const PAUSE = /[\s\p{P}]*$/u;

export interface Voice {
  /** Of the hum between the tones, in Hz. */
  readonly pitch: number;
  /** 1 is normal. */
  readonly speed: number;
}

/** Hz: every voice has its own, from that of a low one to that of a high one. */
export function pitchOf(voice: string): number {
  const sum = [...Buffer.from(voice)].reduce((hash, byte) => (hash * 31 + byte) % 1009, 0);
  return 100 + (sum % 101);
}

/**
 * Speech that carries its text. It takes as long as a person would; where the text has more bytes than there is time
 * for, it takes as long as they do.
 * @returns 16 bits, little-endian, one channel, a piece of the text at a time
 */
export function* speechPcm(text: string, voice: Voice): Generator<Uint8Array> {
  const perCharacter = SPEECH_RATE / (CHARACTERS_A_SECOND * voice.speed);
  const turn = turnOf(voice.pitch);
  yield silence(LEAD_IN);
  // Where the text is, and where it would be if all of it could be said in its time.
  let at = 0;
  let due = 0;
  for (const piece of piecesOf(text)) {
    const characters = [...piece.text].length;
    const voiced = characters - [...(PAUSE.exec(piece.text)?.[0] ?? '')].length;
    const from = at;
    const burst = burstPcm(piece);
    const until = Math.round(due + voiced * perCharacter - MIN_GAP);
    const hum = Math.max(0, until - from - burst.length);
    due += characters * perCharacter;
    at = Math.max(from + burst.length + hum + MIN_GAP, Math.round(due));
    yield pcm16(burst);
    yield pcm16(humOf(hum, turn));
    yield silence(at - from - burst.length - hum);
  }
  yield silence(LEAD_OUT);
}

/** The wave of each sum of tones, which begins and ends at zero. */
const waves = new Map<string, Float32Array>();

function waveOf(tones: readonly number[]): Float32Array {
  const key = tones.join();
  const known = waves.get(key);
  if (known !== undefined) return known;
  const wave = Float32Array.from({ length: SYMBOL }, (_, index) =>
    tones.reduce(
      (sum, tone) => sum + (Math.sin((2 * Math.PI * tone * index) / SYMBOL) * 2 * TONE_LEVEL) / tones.length,
      0,
    ),
  );
  waves.set(key, wave);
  return wave;
}

function burstPcm(piece: SpokenPiece): Float32Array {
  const symbols = [...SYNC_TONES.map((tone) => [tone]), ...[...burstBytes(piece)].map(tonesOf)];
  const burst = new Float32Array(symbols.length * SYMBOL);
  for (const [index, tones] of symbols.entries()) burst.set(waveOf(tones), index * SYMBOL);
  return burst;
}

/** One turn of a hum like a low vowel. @param pitch Hz */
function turnOf(pitch: number): Float32Array {
  const length = Math.round(SPEECH_RATE / pitch);
  return Float32Array.from({ length }, (_, index) => {
    const turn = (2 * Math.PI * index) / length;
    return HUM_LEVEL * (Math.sin(turn) + 0.5 * Math.sin(2 * turn) + 0.25 * Math.sin(3 * turn));
  });
}

function humOf(length: number, turn: Float32Array): Float32Array {
  const hum = new Float32Array(length);
  const fade = Math.min(FADE, length / 2);
  for (let index = 0; index < length; index += 1) {
    const level = Math.min(1, (index + 1) / fade, (length - index) / fade);
    hum[index] = level * (turn[index % turn.length] ?? 0);
  }
  return hum;
}

function silence(length: number): Uint8Array {
  return new Uint8Array(length * 2);
}

function pcm16(samples: Float32Array): Uint8Array {
  const bytes = Buffer.alloc(samples.length * 2);
  for (let index = 0; index < samples.length; index += 1) {
    bytes.writeInt16LE(Math.round((samples[index] ?? 0) * 0x7fff), index * 2);
  }
  return bytes;
}
