import type { Api } from '../api/client.ts';
import { listFiles, type StoredFile } from '../api/files.ts';
import { checkIds } from '../api/ids.ts';
import { Failure } from '../errors.ts';
import { nearest } from '../settings/nearest.ts';

const HINT = '`oai files list` shows what there is';

/** Files among which the one that was meant is looked for: the newest. */
const LOOKED_AT = 1000;

/** @throws Failure (usage) where one cannot be the id of a file */
export function checkFileIds(ids: readonly string[]): void {
  checkIds(ids, 'a file', HINT);
}

/**
 * Does something with a file by its id. Where there is no such file, the failure names the nearest that there is: by its
 * id, or by its name, where that was typed.
 * @throws Failure or Stopped
 */
export async function withFileId<T>(api: Api, id: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Failure) || error.status !== 404) throw error;
    const { kind, message, code, status, requestId } = error;
    const hint = await hintFor(api, id);
    throw new Failure(kind, message, { hint, code, status, requestId, cause: error });
  }
}

async function hintFor(api: Api, id: string): Promise<string> {
  const files = await newest(api);
  const found =
    files.find(({ filename }) => filename === id) ??
    named(
      files,
      nearest(
        id,
        files.map((file) => file.id),
      ),
    ) ??
    named(
      files,
      nearest(
        id,
        files.map((file) => file.filename),
      ),
    );
  if (found !== undefined) return `did you mean ${found.id} (${found.filename})?`;
  return api.settings.sandbox
    ? 'the sandbox of one command forgets with its end: `oai sandbox` remembers while it runs'
    : HINT;
}

function named(files: readonly StoredFile[], name: string | undefined): StoredFile | undefined {
  return files.find((file) => name !== undefined && (file.id === name || file.filename === name));
}

/** What cannot be listed is no reason for another failure. */
async function newest(api: Api): Promise<readonly StoredFile[]> {
  const all: StoredFile[] = [];
  try {
    for await (const page of listFiles(api, { limit: LOOKED_AT })) all.push(...page);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
  }
  return all;
}
