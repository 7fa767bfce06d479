import { createHash } from 'node:crypto';
import type { OpenAI } from 'openai';
import type { Context } from '../context.ts';
import { Failure, Stopped, usageError } from '../errors.ts';
import { isObject } from '../json.ts';
import { joined, trace, warn } from '../output/messages.ts';
import type { Api } from './client.ts';
import { checkedFile, expiryOf, listFiles, type StoredFile, type UploadOptions } from './files.ts';
import { checkStamp, type LocalFile, stampedPieces } from './local-file.ts';
import { sentFile } from './sent-file.ts';
import { notAnAnswer } from './stream.ts';
import { type EarlierUpload, NO_STATE, openUploadState, type UploadState } from './upload-state.ts';

/**
 * Bytes of a part. The API takes 64 MB (OpenAPI, `POST /uploads/{upload_id}/parts`); of smaller ones less is sent twice
 * after a cut, and 8 GB are 512 of them.
 */
const PART_BYTES = 16 * 1024 ** 2;

/** Parts that are sent at once. */
const AT_ONCE = 4;

/** An upload that ends so soon, in seconds, is not gone on with. */
const LEAST_LEFT_S = 60;

/**
 * Uploads a file in parts, several at once, each with its own tries and `--timeout`. What was sent is kept: where a run
 * is cut, killed or fails, the next one for the same file sends the parts that are missing. The API compares the MD5
 * checksum of the whole.
 * @throws as `uploadFile`
 */
export async function uploadInParts(
  api: Api,
  file: LocalFile,
  options: UploadOptions,
  context: Context,
): Promise<StoredFile> {
  const { settings } = api;
  const { purpose, expiresAfter, partSize, params } = options;
  // The sandbox of one command, and a cassette, know nothing of another run.
  const isForgetful = settings.sandbox || api.replays || api.dryRun;
  const server = [settings.baseUrl, settings.organization, settings.project];
  const asked = [...server, purpose, file.name, expiresAfter ?? null, partSize ?? null, params ?? null];
  const state = isForgetful ? NO_STATE : await openUploadState(file, asked, context);
  try {
    return await new PartedUpload(api, file, options, state, context).run();
  } finally {
    await state.close();
  }
}

/** An upload under way, with the parts that the API has. */
interface Upload extends EarlierUpload {
  readonly parts: Map<number, string>;
}

class PartedUpload {
  readonly #api: Api;
  readonly #file: LocalFile;
  readonly #options: UploadOptions;
  readonly #state: UploadState;
  readonly #context: Context;
  /** Bytes that have been sent of each part that is not there yet. */
  readonly #sending = new Map<number, number>();
  #tries = 0;

  constructor(api: Api, file: LocalFile, options: UploadOptions, state: UploadState, context: Context) {
    this.#api = api;
    this.#file = file;
    this.#options = options;
    this.#state = state;
    this.#context = context;
  }

  async run(): Promise<StoredFile> {
    const earlier = await this.#earlier();
    if (earlier !== undefined) {
      try {
        return await this.#finish(earlier);
      } catch (error) {
        if (!isRefused(error)) throw error;
        warn(
          this.#context,
          `the API takes no more of the upload ${earlier.id}: ${this.#file.shown} is begun anew`,
        );
        await this.#state.forget();
      }
    }
    return this.#finish(await this.#begin());
  }

  /** What an earlier run has sent, where it can be gone on with. */
  async #earlier(): Promise<Upload | undefined> {
    const { earlier } = this.#state;
    const { shown } = this.#file;
    if (earlier === undefined) return undefined;
    if (earlier === 'changed') {
      warn(this.#context, `${shown} has changed since parts of it were sent: it is begun anew`);
      return undefined;
    }
    const upload = { ...earlier, parts: new Map(earlier.parts) };
    if (earlier.expiresAt - this.#now() < LEAST_LEFT_S) {
      warn(this.#context, `the upload of ${shown} that was begun has expired: it is begun anew`);
      return undefined;
    }
    warn(this.#context, `going on with ${shown}: ${this.#howFar(upload)} were sent before`);
    return upload;
  }

  async #begin(): Promise<Upload> {
    const { name: filename, type: mime_type, stamp } = this.#file;
    const { purpose, params = {}, partSize = PART_BYTES } = this.#options;
    const body = { filename, mime_type, purpose, bytes: stamp.size, ...expiryOf(this.#options), ...params };
    const { id, expires_at: expiresAt } = await this.#api
      .each((own) =>
        own.call(async (client, call) => checkedUpload(await client.uploads.create(body, call), own)),
      )
      .catch((error: unknown) => {
        throw this.#noUploads(error);
      });
    const begun = { id, expiresAt, partSize };
    await this.#state.begin(begun);
    return { ...begun, parts: new Map(), isCompleting: false };
  }

  /** A server may know files, and no uploads. */
  #noUploads(error: unknown): unknown {
    const isMissing = error instanceof Failure && (error.status === 404 || error.status === 405);
    if (!isMissing || this.#api.settings.isOpenAI) return error;
    const { message, status, code, requestId, kind } = error;
    const hint = 'this server takes no files in parts: the API alone does';
    return new Failure(kind, message, { hint, status, code, requestId, cause: error });
  }

  /** Sends what is missing, and has the API put it together. */
  async #finish(upload: Upload): Promise<StoredFile> {
    const ending = new AbortController();
    const { signal } = this.#context;
    const checksum = md5Of(this.#file, AbortSignal.any([signal, ending.signal]));
    checksum.catch(() => {});
    try {
      await this.#sendParts(upload, ending);
      const md5 = await checksum;
      await checkStamp(this.#file);
      return await this.#complete(upload, md5);
    } catch (error) {
      ending.abort(error);
      await checksum.catch(() => {});
      throw await this.#explained(error, upload);
    }
  }

  async #sendParts(upload: Upload, ending: AbortController): Promise<void> {
    const missing = Array.from({ length: this.#count(upload) }, (_, place) => place).filter(
      (place) => !upload.parts.has(place),
    );
    this.#tell(upload);
    let failure: unknown;
    const queue = missing.values();
    const worker = async () => {
      for (const place of queue) {
        if (failure !== undefined) return;
        try {
          await this.#sendPart(upload, place, ending.signal);
        } catch (error) {
          failure ??= error;
          ending.abort(error);
        }
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    if (failure !== undefined) throw failure;
  }

  async #sendPart(upload: Upload, place: number, signal: AbortSignal): Promise<void> {
    const [from, to] = this.#range(upload, place);
    const id = await this.#api.each(
      (own) =>
        own.call(async (client, call) => {
          const open = () => this.#pieces(upload, place, from, to, own.signal);
          const data = {
            name: 'part',
            type: 'application/octet-stream',
            source: { kind: 'made' },
            open,
          } as const;
          const part = await sentFile(data, own, (body) =>
            client.uploads.parts.create(upload.id, { data: body }, call),
          );
          if (!isObject(part) || typeof part.id !== 'string') throw notAnAnswer(own, 'a part of an upload');
          return part.id;
        }),
      signal,
    );
    this.#sending.delete(place);
    upload.parts.set(place, id);
    await this.#state.sent(place, id);
    this.#tell(upload);
  }

  async *#pieces(
    upload: Upload,
    place: number,
    from: number,
    to: number,
    signal: AbortSignal,
  ): AsyncGenerator<Uint8Array> {
    let sent = 0;
    for await (const piece of stampedPieces(this.#file, signal, from, to)) {
      yield piece;
      sent += piece.length;
      this.#sending.set(place, sent);
      this.#tell(upload);
    }
  }

  async #complete(upload: Upload, md5: string): Promise<StoredFile> {
    const places = Array.from({ length: this.#count(upload) }, (_, place) => place);
    const part_ids = places.map((place) => upload.parts.get(place) ?? '');
    trace(this.#context, `the MD5 checksum of ${this.#file.shown} is ${md5}`);
    await this.#state.completing();
    const file = await this.#api
      .each((own) =>
        own.call(async (client, call) => {
          this.#tries += 1;
          const answer = await client.uploads.complete(upload.id, { part_ids, md5 }, call);
          return checkedFile(answer.file, own);
        }),
      )
      .catch(async (error: unknown) => {
        // Its answer may have been lost, in this run or in an earlier one: what is complete is not completed again.
        const mayBeDone = isRefused(error) && (upload.isCompleting || this.#tries > 1);
        const done = mayBeDone ? await this.#completed(upload) : undefined;
        if (done === undefined) throw error;
        return done;
      });
    await this.#state.forget();
    return file;
  }

  /** The file that the upload has become. */
  async #completed(upload: Upload): Promise<StoredFile | undefined> {
    const { name, stamp } = this.#file;
    const hour = 3600;
    for await (const files of listFiles(this.#api, { purpose: this.#options.purpose, limit: 100 })) {
      const found = files.find(
        (file) =>
          file.filename === name && file.bytes === stamp.size && file.created_at >= upload.expiresAt - hour,
      );
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** What a run that ends early leaves behind: parts to go on with, or, where they are of no use, nothing. */
  async #explained(error: unknown, upload: Upload): Promise<unknown> {
    if (error instanceof Failure && error.kind === 'usage') {
      await this.#cancel(upload);
      return error;
    }
    if (isRefused(error)) {
      await this.#state.forget();
      return this.#now() < upload.expiresAt
        ? error
        : usageError(
            `${this.#file.shown} was not sent within the hour that the API gives an upload`,
            undefined,
            error,
          );
    }
    if (!this.#state.isKept || upload.parts.size === 0) return error;
    const left = Math.max(1, Math.round((upload.expiresAt - this.#now()) / 60));
    const kept = `${this.#howFar(upload)} are sent; within ${left} min the same command sends the rest`;
    if (error instanceof Stopped) warn(this.#context, kept);
    if (!(error instanceof Failure)) return error;
    const { kind, message, code, status, requestId, cause } = error;
    const hint = error.hint === undefined ? kept : joined(error.hint, kept);
    return new Failure(kind, message, { hint, code, status, requestId, cause });
  }

  /** The API need not keep what will never be complete. Where that fails it forgets by itself, in an hour. */
  async #cancel({ id }: Upload): Promise<void> {
    await this.#state.forget();
    await this.#api
      .each((own) => own.call((client, call) => client.uploads.cancel(id, call)))
      .catch(() => undefined);
  }

  #howFar({ parts, partSize }: Upload): string {
    return `${parts.size} of ${Math.ceil(this.#file.stamp.size / partSize)} parts`;
  }

  #count({ partSize }: Upload): number {
    return Math.ceil(this.#file.stamp.size / partSize);
  }

  #range({ partSize }: Upload, place: number): [from: number, to: number] {
    return [place * partSize, Math.min(this.#file.stamp.size, (place + 1) * partSize)];
  }

  #tell(upload: Upload): void {
    let sent = 0;
    for (const place of upload.parts.keys()) {
      const [from, to] = this.#range(upload, place);
      sent += to - from;
    }
    for (const bytes of this.#sending.values()) sent += bytes;
    this.#options.onProgress?.(sent, this.#file.stamp.size);
  }

  /** Seconds since 1970. */
  #now(): number {
    return this.#context.clock.now() / 1000;
  }
}

/** The API says no to what it is asked: not that it is busy, or cannot be reached. */
function isRefused(error: unknown): error is Failure {
  return error instanceof Failure && error.kind === 'refused';
}

/** The MD5 checksum of a file, hexadecimal, as `/uploads/{upload_id}/complete` takes it. */
async function md5Of(file: LocalFile, signal: AbortSignal): Promise<string> {
  const hash = createHash('md5');
  for await (const piece of stampedPieces(file, signal)) hash.update(piece);
  return hash.digest('hex');
}

/** What came with status 200 may still be anything. @throws Failure (network) */
function checkedUpload(upload: unknown, api: Api): OpenAI.Upload {
  const isUpload =
    isObject(upload) && typeof upload['id'] === 'string' && typeof upload['expires_at'] === 'number';
  if (!isUpload) throw notAnAnswer(api, 'an upload');
  return upload as unknown as OpenAI.Upload;
}
