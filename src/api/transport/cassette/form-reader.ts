import { createHash } from 'node:crypto';
import { Busboy, type BusboyInstance } from '@fastify/busboy';

/** A part of a form: a text, or a file by its hash. */
export type FormPart =
  | { readonly name: string; readonly value: string }
  | {
      readonly name: string;
      readonly filename: string;
      readonly bytes: number;
      readonly sha256: string;
    };

/** Limits of the parser that are not ours: what is read here was made by this program. */
const NO_LIMITS = { fieldNameSize: 65_536, fieldSize: Number.POSITIVE_INFINITY };

/** Reads a form as it passes by. Files are hashed, and not kept. */
export class FormReader {
  readonly #parts: FormPart[] = [];
  readonly #parser: BusboyInstance;
  readonly #ended: Promise<void>;

  /** @param type the content type, with its boundary. @throws Error where it is none of a form */
  constructor(type: string) {
    this.#parser = new Busboy({ headers: { 'content-type': type }, limits: NO_LIMITS });
    this.#parser.on('field', (name, value) => this.#parts.push({ name, value }));
    this.#parser.on('file', (name, stream, filename) => {
      const at = this.#parts.length;
      const hash = createHash('sha256');
      let bytes = 0;
      // Its place in the form is known before what it holds.
      this.#parts.push({ name, filename, bytes, sha256: '' });
      stream.on('data', (piece: Buffer) => {
        hash.update(piece);
        bytes += piece.length;
      });
      stream.on('end', () => {
        this.#parts[at] = { name, filename, bytes, sha256: hash.digest('hex') };
      });
    });
    this.#ended = new Promise((resolve, reject) => {
      this.#parser.on('finish', resolve).on('error', reject);
    });
    this.#ended.catch(() => {});
  }

  /** Takes the next bytes; resolves when there is room for more. */
  async write(piece: Uint8Array): Promise<void> {
    if (this.#parser.write(piece)) return;
    const drained = new Promise<void>((resolve) => this.#parser.once('drain', resolve));
    await Promise.race([drained, this.#ended]);
  }

  /** All has been written. @throws Error where it is no whole form */
  async end(): Promise<readonly FormPart[]> {
    this.#parser.end();
    await this.#ended;
    return this.#parts;
  }
}
