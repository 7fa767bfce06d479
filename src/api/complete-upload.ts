import { createHash } from 'node:crypto';
import type { Context } from '../context.ts';
import { Failure } from '../errors.ts';
import { trace } from '../output/messages.ts';
import type { Api } from './client.ts';
import { checkedFile, type FilePurpose, listFiles, type StoredFile } from './files.ts';
import { type LocalFile, stampedPieces } from './local-file.ts';
import { partCount, type Upload } from './send-parts.ts';
import type { UploadState } from './upload-state.ts';

/** Seconds from the beginning of an upload to its end (OpenAPI, `POST /uploads`). */
const LIFETIME_S = 3600;

/** Files among which that of a completed upload is looked for: the newest. */
const LOOKED_AT = 100;

/** The API says no to what it is asked: not that it is busy, or cannot be reached. */
export function isRefused(error: unknown): error is Failure {
  return error instanceof Failure && error.kind === 'refused';
}

/** The MD5 checksum of a file, hexadecimal, as `/uploads/{upload_id}/complete` takes it. */
export async function md5Of(file: LocalFile, signal: AbortSignal): Promise<string> {
  const hash = createHash('md5');
  for await (const piece of stampedPieces(file, signal)) hash.update(piece);
  return hash.digest('hex');
}

/**
 * Has the API put the parts of an upload together, and compare the checksum of the whole.
 * @throws Failure or Stopped
 */
export async function completeUpload(
  api: Api,
  file: LocalFile,
  upload: Upload,
  {
    md5,
    purpose,
    state,
  }: { readonly md5: string; readonly purpose: FilePurpose; readonly state: UploadState },
  context: Context,
): Promise<StoredFile> {
  const places = Array.from({ length: partCount(file, upload) }, (_, place) => place);
  const part_ids = places.map((place) => upload.parts.get(place) ?? '');
  trace(context, `the MD5 checksum of ${file.shown} is ${md5}`);
  await state.completing();
  let tries = upload.isCompleting ? 1 : 0;
  try {
    return await api.each((own) =>
      own.call(async (client, call) => {
        tries += 1;
        const answer = await client.uploads.complete(upload.id, { part_ids, md5 }, call);
        return checkedFile(answer.file, own);
      }),
    );
  } catch (error) {
    // The answer to an earlier try may have been lost, in this run or another: what is complete is so only once.
    const done = isRefused(error) && tries > 1 ? await madeFile(api, file, upload, purpose) : undefined;
    if (done === undefined) throw error;
    return done;
  }
}

/** The file that an upload has become, or undefined. */
async function madeFile(
  api: Api,
  { name, stamp }: LocalFile,
  { expiresAt }: Upload,
  purpose: FilePurpose,
): Promise<StoredFile | undefined> {
  const begun = expiresAt - LIFETIME_S;
  for await (const files of listFiles(api, { purpose, limit: LOOKED_AT })) {
    const found = files.find(
      ({ filename, bytes, created_at }) => filename === name && bytes === stamp.size && created_at >= begun,
    );
    if (found !== undefined) return found;
  }
  return undefined;
}
