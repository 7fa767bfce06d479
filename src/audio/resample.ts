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
  /** Samples of the input before the first of these; samples of the output that were made. */
  #base = 0;
  #made = 0;

  /** @param from Hz of what comes @param to Hz of what is made */
  constructor(from: number, to: number) {
    this.#step = from / to;
    this.#cutoff = Math.min(1, to / from);
    this.#reach = Math.ceil(CROSSINGS / this.#cutoff);
    // Before the first sample is silence.
    this.#samples = new Float32Array(this.#reach);
  }

  /** @returns what can be made of it by now */
  push(samples: Float32Array): Float32Array {
    const from = Math.max(0, Math.floor(this.#placeOf(0)) - this.#reach);
    const kept = this.#samples.subarray(from);
    const joined = new Float32Array(kept.length + samples.length);
    joined.set(kept);
    joined.set(samples, kept.length);
    this.#samples = joined;
    this.#base += from;
    const last = joined.length - this.#reach;
    const count = Math.max(0, Math.ceil((last - this.#placeOf(0)) / this.#step));
    const made = Float32Array.from({ length: count }, (_, index) => this.#sampleAt(this.#placeOf(index)));
    this.#made += count;
    return made;
  }

  /** Where a sample that is to be made is among those of the input: counted anew each time, so that no error grows. */
  #placeOf(index: number): number {
    return this.#reach + (this.#made + index) * this.#step - this.#base;
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
