import { Channel } from '../bulk/channel.ts';
import type { Context, OutputStream } from '../context.ts';
import { warn } from '../output/messages.ts';
import type { Target } from '../output/target.ts';

/** The file that an answer is saved in as it comes. It has its name when the answer is known to be whole. */
export class AnswerFile implements OutputStream {
  readonly isTTY = false;
  readonly color = false;
  readonly columns = 80;
  readonly #save: (data: AsyncIterable<string | Uint8Array>) => Promise<string>;
  readonly #pieces = new Channel<string | Uint8Array>();
  #saved: Promise<string> | undefined;
  /** What was wrong with the answer. */
  #cut: Error | undefined;
  /** It could not be written. */
  #isLost = false;

  /**
   * @param number of the answer, from 1
   * @param extension asked for when the text begins
   */
  constructor(target: Target, number: number, extension: () => string, context: Context) {
    const onKept = (part: string) => warn(context, `what arrived is in ${part}`);
    this.#save = (data) => target.save(number, { extension: extension(), data, onKept });
  }

  /** The rest of the answer is heard all the same where a disk is full: `close` tells. */
  write(data: string | Uint8Array): Promise<void> | undefined {
    this.#saved ??= this.#begin();
    return this.#pieces.push(data).catch(() => {});
  }

  async flush(): Promise<void> {}

  /** It could not be written, although there was an answer. */
  get isLost(): boolean {
    return this.#isLost;
  }

  /**
   * Ends the file.
   * @param failure what is wrong with the answer: what came of it stays beside, as `NAME.part`
   * @returns the path to tell; undefined where there was nothing to save
   * @throws Failure the same, with word of what is left of it; (usage, incomplete) where it cannot be written
   */
  async close(failure: Error | undefined): Promise<string | undefined> {
    this.#cut = failure;
    this.#pieces.end(failure);
    return this.#saved;
  }

  #begin(): Promise<string> {
    const saved = this.#save(this.#pieces);
    saved.catch((error: unknown) => {
      // Of an answer that was cut what came is in a file, beside.
      this.#isLost = this.#cut === undefined;
      this.#pieces.close(error);
    });
    return saved;
  }
}
