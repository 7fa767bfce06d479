import type { Clock } from '../context.ts';
import { type FileObject, numbered, seconds } from './file-shelf.ts';
import { inMemory, type KeptBytes, NamelessFile, type Range } from './kept-bytes.ts';

/** What an upload was asked for. */
export interface NewUpload {
  readonly filename: string;
  readonly purpose: string;
  /** Of all parts together. */
  readonly bytes: number;
  /** Seconds that the file is to be kept. */
  readonly lifetime: number | undefined;
  readonly seed: string;
}

type Status = 'pending' | 'completed' | 'cancelled' | 'expired';

/** Seconds (OpenAPI, `POST /uploads`). */
const LIFETIME = 3600;

/** The uploads of one sandbox. They are gone with it. */
export class UploadShelf {
  readonly #kept = new Map<string, Upload>();
  readonly #named = new Map<string, number>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async add(asked: NewUpload): Promise<Upload> {
    const id = `upload_${numbered(this.#named, asked.seed).slice(0, 32)}`;
    const upload = new Upload(id, asked, await NamelessFile.open(), this.#clock);
    this.#kept.set(id, upload);
    return upload;
  }

  get(id: string): Upload | undefined {
    return this.#kept.get(id);
  }

  /** What a part is called. */
  partId(seed: string): string {
    return `part_${numbered(this.#named, `part ${seed}`).slice(0, 32)}`;
  }
}

/** A file that comes in parts. */
export class Upload {
  readonly id: string;
  readonly asked: NewUpload;
  readonly #clock: Clock;
  readonly #created: number;
  /** Undefined where there can be none: then the parts are in memory. */
  readonly #file: NamelessFile | undefined;
  readonly #parts = new Map<string, Range | Uint8Array>();
  #status: Status = 'pending';
  #made: FileObject | undefined;

  constructor(id: string, asked: NewUpload, file: NamelessFile | undefined, clock: Clock) {
    this.id = id;
    this.asked = asked;
    this.#file = file;
    this.#clock = clock;
    this.#created = seconds(clock);
  }

  get status(): Status {
    if (this.#status === 'pending' && seconds(this.#clock) >= this.#created + LIFETIME) {
      this.#end('expired');
    }
    return this.#status;
  }

  /** @returns when it came: seconds since 1970 */
  async addPart(id: string, bytes: Uint8Array): Promise<number> {
    this.#parts.set(id, this.#file === undefined ? bytes : await this.#file.append(bytes));
    return seconds(this.#clock);
  }

  hasPart(id: string): boolean {
    return this.#parts.has(id);
  }

  /** These parts, one after the other. */
  whole(ids: readonly string[]): KeptBytes {
    const parts = ids.map((id) => this.#parts.get(id)).filter((part) => part !== undefined);
    if (this.#file !== undefined) return this.#file.only(parts.filter(isRange));
    return inMemory(Buffer.concat(parts.filter((part) => part instanceof Uint8Array)));
  }

  complete(file: FileObject): void {
    this.#status = 'completed';
    this.#made = file;
  }

  cancel(): void {
    this.#end('cancelled');
  }

  /** The upload as the API tells it. */
  told(): object {
    const { bytes, filename, purpose } = this.asked;
    return {
      id: this.id,
      object: 'upload',
      bytes,
      created_at: this.#created,
      filename,
      purpose,
      status: this.status,
      expires_at: this.#created + LIFETIME,
      ...(this.#made !== undefined && { file: this.#made }),
    };
  }

  #end(status: Status): void {
    this.#status = status;
    this.#parts.clear();
    this.#file?.close();
  }
}

function isRange(part: Range | Uint8Array): part is Range {
  return !(part instanceof Uint8Array);
}
