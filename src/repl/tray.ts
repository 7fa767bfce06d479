import type { Api } from '../api/client.ts';
import type { ChatContentPart } from '../api/completions.ts';
import type { Attachment } from '../attachments/attachment.ts';
import { contentWith } from '../attachments/chat-parts.ts';
import type { Context } from '../context.ts';
import { usageError } from '../errors.ts';
import type { ImageDetail } from '../flags/attachments.ts';
import { didYouMean } from '../settings/nearest.ts';

/** Something that goes along with the next question. */
interface Laid {
  /** As it was typed. */
  readonly name: string;
  readonly attachment: Attachment;
}

/** What goes along with the next question. */
export class Tray {
  #laid: Laid[] = [];
  readonly #detail: ImageDetail | undefined;

  /** @param names of what is there already, in the same order */
  constructor(there: readonly Attachment[], names: readonly string[], detail: ImageDetail | undefined) {
    this.#laid = there.map((attachment, index) => ({ name: names[index] ?? `${index + 1}`, attachment }));
    this.#detail = detail;
  }

  get names(): readonly string[] {
    return this.#laid.map(({ name }) => name);
  }

  /** @throws Failure (usage) that names the attachment, where it is none that the server takes: none is laid then */
  async add(names: readonly string[], api: Api, context: Context): Promise<void> {
    const { readAttachments } = await import('../attachments/read.ts');
    const read = await readAttachments(names, api, context);
    context.signal.throwIfAborted();
    this.#laid.push(...read.map((attachment, index) => ({ name: names[index] ?? '', attachment })));
  }

  /** @param name or its number in the list @throws Failure (usage) where there is none */
  remove(name: string): void {
    const number = /^\d+$/.test(name) ? Number(name) - 1 : -1;
    const index = this.names.includes(name) ? this.names.indexOf(name) : number;
    if (this.#laid[index] === undefined) {
      throw usageError(`${name} is not attached${didYouMean(name, this.names)}`, '/attach lists what is');
    }
    this.#laid.splice(index, 1);
  }

  clear(): void {
    this.#laid = [];
  }

  /** A question with all of it, which is gone from here then. */
  take(text: string): string | ChatContentPart[] {
    const all = this.#laid.map(({ attachment }) => attachment);
    this.clear();
    return contentWith(all, text, this.#detail);
  }
}
