import type { OpenAI } from 'openai';
import type { Context } from '../context.ts';
import { Failure, usageError } from '../errors.ts';
import { isObject } from '../json.ts';
import { joined, warn } from '../output/messages.ts';
import type { Api } from './client.ts';
import { completeUpload, isRefused, md5Of } from './complete-upload.ts';
import { expiryOf, type StoredFile, type UploadOptions } from './files.ts';
import { checkStamp, type LocalFile } from './local-file.ts';
import { PartSender, partCount, type Upload } from './send-parts.ts';
import { notAnAnswer } from './stream.ts';
import { NO_STATE, openUploadState, type UploadState } from './upload-state.ts';

/**
 * Bytes of a part. The API takes 64 MB (OpenAPI, `POST /uploads/{upload_id}/parts`); of smaller ones less is sent twice
 * after a cut, and 8 GB are 512 of them.
 */
const PART_BYTES = 16 * 1024 ** 2;

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

class PartedUpload {
  readonly #api: Api;
  readonly #file: LocalFile;
  readonly #options: UploadOptions;
  readonly #state: UploadState;
  readonly #context: Context;

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
    // At once: to end what is under way may take longer than a stopped run has.
    const tell = () => {
      const kept = this.#kept(upload);
      if (kept !== undefined) warn(this.#context, kept);
    };
    signal.addEventListener('abort', tell, { once: true });
    try {
      await this.#sender(upload).sendMissing(ending);
      const md5 = await checksum;
      await checkStamp(this.#file);
      const { purpose } = this.#options;
      const state = this.#state;
      const file = await completeUpload(
        this.#api,
        this.#file,
        upload,
        { md5, purpose, state },
        this.#context,
      );
      await state.forget();
      return file;
    } catch (error) {
      ending.abort(error);
      await checksum.catch(() => {});
      throw await this.#explained(error, upload);
    } finally {
      signal.removeEventListener('abort', tell);
    }
  }

  #sender(upload: Upload): PartSender {
    const { onProgress } = this.#options;
    return new PartSender(this.#api, this.#file, upload, {
      arrived: (place, id) => this.#state.sent(place, id),
      progress: (bytes) => onProgress?.(bytes, this.#file.stamp.size),
    });
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
    const kept = this.#kept(upload);
    if (kept === undefined || !(error instanceof Failure)) return error;
    const { kind, message, code, status, requestId, cause } = error;
    const hint = error.hint === undefined ? kept : joined(error.hint, kept);
    return new Failure(kind, message, { hint, code, status, requestId, cause });
  }

  /** What a later run can go on with; undefined where that is nothing. */
  #kept(upload: Upload): string | undefined {
    if (!this.#state.isKept || upload.parts.size === 0) return undefined;
    const left = Math.max(1, Math.round((upload.expiresAt - this.#now()) / 60));
    return `${this.#howFar(upload)} are sent; within ${left} min the same command sends the rest`;
  }

  /** The API need not keep what will never be complete. Where that fails it forgets by itself, in an hour. */
  async #cancel({ id }: Upload): Promise<void> {
    await this.#state.forget();
    await this.#api
      .each((own) => own.call((client, call) => client.uploads.cancel(id, call)))
      .catch(() => undefined);
  }

  #howFar(upload: Upload): string {
    return `${upload.parts.size} of ${partCount(this.#file, upload)} parts`;
  }

  /** Seconds since 1970. */
  #now(): number {
    return this.#context.clock.now() / 1000;
  }
}

/** What came with status 200 may still be anything. @throws Failure (network) */
function checkedUpload(upload: unknown, api: Api): OpenAI.Upload {
  const isUpload =
    isObject(upload) && typeof upload['id'] === 'string' && typeof upload['expires_at'] === 'number';
  if (!isUpload) throw notAnAnswer(api, 'an upload');
  return upload as unknown as OpenAI.Upload;
}
