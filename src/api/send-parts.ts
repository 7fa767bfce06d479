import { isObject } from '../json.ts';
import type { Api } from './client.ts';
import { type LocalFile, stampedPieces } from './local-file.ts';
import { sentFile } from './sent-file.ts';
import { notAnAnswer } from './stream.ts';
import type { EarlierUpload } from './upload-state.ts';

/** An upload under way, with the parts that the API has. */
export interface Upload extends EarlierUpload {
  readonly parts: Map<number, string>;
}

/** Parts that are sent at once. */
const AT_ONCE = 4;

/** How many parts a file has. */
export function partCount({ stamp }: LocalFile, { partSize }: Upload): number {
  return Math.ceil(stamp.size / partSize);
}

function rangeOf({ stamp }: LocalFile, { partSize }: Upload, place: number): [from: number, to: number] {
  return [place * partSize, Math.min(stamp.size, (place + 1) * partSize)];
}

/** What is told of parts on their way. */
export interface PartListener {
  /** One more is there. */
  arrived(place: number, id: string): Promise<void>;
  /** @param bytes of the whole file that have been sent */
  progress(bytes: number): void;
}

/** Sends the parts of a file, several at once, each with its own tries and its own `--timeout`. */
export class PartSender {
  readonly #api: Api;
  readonly #file: LocalFile;
  readonly #upload: Upload;
  readonly #listener: PartListener;
  /** Bytes that have been sent of each part that is on its way. */
  readonly #sending = new Map<number, number>();

  constructor(api: Api, file: LocalFile, upload: Upload, listener: PartListener) {
    this.#api = api;
    this.#file = file;
    this.#upload = upload;
    this.#listener = listener;
  }

  /**
   * Sends what is missing. Where one part fails, the others on their way are given up.
   * @param ending aborted then, with the reason
   * @throws Failure or Stopped: the first that failed
   */
  async sendMissing(ending: AbortController): Promise<void> {
    const places = Array.from({ length: partCount(this.#file, this.#upload) }, (_, place) => place);
    const queue = places.filter((place) => !this.#upload.parts.has(place)).values();
    this.#tell();
    const worker = async () => {
      for (const place of queue) {
        if (ending.signal.aborted) return;
        // Of several that fail the first is the reason, also of the others.
        await this.#send(place, ending.signal).catch((error: unknown) => ending.abort(error));
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    ending.signal.throwIfAborted();
  }

  async #send(place: number, signal: AbortSignal): Promise<void> {
    const id = await this.#api.each(
      (own) =>
        own.call(async (client, call) => {
          const data = {
            name: 'part',
            type: 'application/octet-stream',
            source: { kind: 'made' },
            open: () => this.#pieces(place, own.signal),
          } as const;
          const part = await sentFile(data, own, (body) =>
            client.uploads.parts.create(this.#upload.id, { data: body }, call),
          );
          if (!isObject(part) || typeof part.id !== 'string') throw notAnAnswer(own, 'a part of an upload');
          return part.id;
        }),
      signal,
    );
    this.#sending.delete(place);
    this.#upload.parts.set(place, id);
    await this.#listener.arrived(place, id);
    this.#tell();
  }

  async *#pieces(place: number, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    let sent = 0;
    for await (const piece of stampedPieces(
      this.#file,
      signal,
      ...rangeOf(this.#file, this.#upload, place),
    )) {
      yield piece;
      sent += piece.length;
      this.#sending.set(place, sent);
      this.#tell();
    }
  }

  #tell(): void {
    let bytes = 0;
    for (const place of this.#upload.parts.keys()) {
      const [from, to] = rangeOf(this.#file, this.#upload, place);
      bytes += to - from;
    }
    for (const sent of this.#sending.values()) bytes += sent;
    this.#listener.progress(bytes);
  }
}
