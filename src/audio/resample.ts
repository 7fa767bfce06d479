/** Zero crossings of the filter on each side: enough for speech. */
const CROSSINGS = 16;

/**
 * Changes the rate of samples that come in pieces: band-limited interpolation with a windowed sinc (J. O. Smith,
 * "Digital Audio Resampling", https://ccrma.stanford.edu/~jos/resample/).
 */
export class Resampler {
  readonly #step: number;
  /** Of the lower of the two rates. */
  readonly #cutoff: number;
  /** Samples of the input on each side of one of the output. */
  readonly #reach: number;
  #samples: Float32Array;
  /** The place of the next sample of the output, in `#samples`. */
  #at: number;

  /** @param from Hz of what comes @param to Hz of what is made */
  constructor(from: number, to: number) {
    this.#step = from / to;
    this.#cutoff = Math.min(1, to / from);
    this.#reach = Math.ceil(CROSSINGS / this.#cutoff);
    // Before the first sample is silence.
    this.#samples = new Float32Array(this.#reach);
    this.#at = this.#reach;
  }

  /** @returns what can be made of it by now */
  push(samples: Float32Array): Float32Array {
    const from = Math.max(0, Math.floor(this.#at) - this.#reach);
    const kept = this.#samples.subarray(from);
    const joined = new Float32Array(kept.length + samples.length);
    joined.set(kept);
    joined.set(samples, kept.length);
    this.#samples = joined;
    this.#at -= from;
    const count = Math.max(0, Math.ceil((joined.length - this.#reach - this.#at) / this.#step));
    const made = Float32Array.from({ length: count }, (_, index) =>
      this.#sampleAt(this.#at + index * this.#step),
    );
    this.#at += count * this.#step;
    return made;
  }

  /** No more comes. @returns the rest */
  end(): Float32Array {
    return this.push(new Float32Array(this.#reach));
  }

  #sampleAt(place: number): number {
    const first = Math.ceil(place - this.#reach);
    const last = Math.floor(place + this.#reach);
    let sum = 0;
    for (let index = Math.max(0, first); index <= last; index += 1) {
      sum += (this.#samples[index] ?? 0) * this.#weight(index - place);
    }
    return sum;
  }

  /** A sinc under a Hann window. */
  #weight(distance: number): number {
    const turn = Math.PI * distance * this.#cutoff;
    const sinc = turn === 0 ? 1 : Math.sin(turn) / turn;
    const window = 0.5 + 0.5 * Math.cos((Math.PI * distance) / (this.#reach + 1));
    return this.#cutoff * sinc * window;
  }
}
