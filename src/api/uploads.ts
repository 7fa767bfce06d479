import type { Uploadable } from 'openai/core/uploads';
import { toStreamingFile } from 'openai/core/uploads';

/** Where the bytes of an upload come from, for a command line that sends the same. */
export type UploadSource =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'stdin' }
  | { readonly kind: 'url'; readonly url: string }
  /** The program made them. */
  | { readonly kind: 'made' }
  /** A line of a shell makes a file of them. @param target the file, as a word of the shell */
  | { readonly kind: 'shell'; line(target: string): string };

/** A file that is sent as it is read, anew for each try, and never held whole in memory. */
export interface StreamedUpload {
  /** As the server is to see it. */
  readonly name: string;
  /** The media type. */
  readonly type: string;
  readonly source: UploadSource;
  /** The bytes. What they throw is what the call fails with. */
  open(): AsyncIterable<Uint8Array>;
}

/** The files that a run sends. A name is told only once, so that the form of a request says which file is which. */
export class Uploads {
  readonly #lines = new Map<string, string>();
  readonly #sources = new Map<string, UploadSource>();

  /**
   * @param name as the server is to see it; numbered where another upload has it
   * @param type the media type
   */
  add(bytes: Uint8Array<ArrayBuffer> | Blob, name: string, type: string, source: UploadSource): File {
    const unique = this.#unused(name);
    this.#sources.set(unique, source);
    return new File([bytes], unique, { type });
  }

  /**
   * A text that stands for bytes in a request of JSON, as their base64 does.
   * @param line how a shell prints that text
   */
  addText(text: string, line: string): void {
    this.#lines.set(text, line);
  }

  /** Texts that stand for bytes, each with how a shell prints it. */
  get texts(): ReadonlyMap<string, string> {
    return this.#lines;
  }

  /** A file for one try of a request. */
  stream({ name, type, open }: StreamedUpload): Uploadable {
    return toStreamingFile(open(), name, { type });
  }

  sourceOf(name: string): UploadSource | undefined {
    return this.#sources.get(name);
  }

  #unused(name: string): string {
    const dot = name.lastIndexOf('.');
    const [stem, extension] = dot > 0 ? [name.slice(0, dot), name.slice(dot)] : [name, ''];
    for (let number = 1; ; number++) {
      const candidate = number === 1 ? name : `${stem}-${number}${extension}`;
      if (!this.#sources.has(candidate)) return candidate;
    }
  }
}
