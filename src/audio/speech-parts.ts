import { Failure } from '../errors.ts';

/** The answer of one of several speech requests. */
export interface SpeechPart {
  /** From 1 on. */
  readonly number: number;
  readonly bytes: AsyncIterable<Uint8Array>;
}

/** What to write over a file once all of it is there. */
export interface Patch {
  /** Bytes from the start. */
  readonly offset: number;
  readonly bytes: Uint8Array;
}

export interface Joined {
  readonly bytes: AsyncIterable<Uint8Array>;
  /**
   * Once `bytes` has ended: what to write over the start of a file so that its header tells the true length.
   * @returns undefined where nothing is to be mended
   */
  patch(): Patch | undefined;
}

/** An answer is not what was asked for: not the API's. @param what `is no MP3` */
export function badPart({ number }: SpeechPart, what: string): Failure {
  return new Failure('network', `part ${number} of the speech ${what}`);
}

/** What is wrong with a part that holds no samples: the words that it was for are lost. */
export const NO_SOUND = 'has no sound';

/** What is wrong with a part whose last frame is not whole: its answer was cut. */
export const BROKEN_FRAME = 'ends in the middle of a frame';

/** For what a format says of its samples: parts that differ in it cannot be joined. */
export class Agreement<T extends object> {
  #first: T | undefined;

  /** @throws Failure when a part differs from the first */
  check(part: SpeechPart, said: T): void {
    this.#first ??= said;
    const [first, now] = [Object.entries(this.#first), Object.entries(said)].map((facts) =>
      facts.map(([name, value]) => `${name} ${value}`).join(', '),
    );
    if (first !== now) throw badPart(part, `does not fit the first one (${now}; the first: ${first})`);
  }
}
