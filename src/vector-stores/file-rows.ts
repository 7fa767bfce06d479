import type { Api } from '../api/client.ts';
import { listFiles } from '../api/files.ts';
import type { VectorStoreFile } from '../api/vector-store-files.ts';
import { Failure } from '../errors.ts';
import { sizeText } from '../output/size.ts';
import type { Columns } from '../output/table.ts';

/** A file of a store with its name, which the API does not tell there. */
export type NamedFile = VectorStoreFile & {
  /** Its path as `add` named it, or the name of the uploaded file; null where neither is known. */
  readonly file: string | null;
};

/** What a table tells of a file of a store. */
export const fileColumns: Columns<NamedFile> = {
  ID: ({ id }) => id,
  STATUS: ({ status }) => status.replace('_', ' '),
  SIZE: ({ usage_bytes: bytes }) => (typeof bytes === 'number' ? sizeText(bytes) : null),
  FILE: ({ file, last_error: error }) => (error?.message ? `${file ?? '-'}: ${error.message}` : file),
};

/** The path that `add` has kept with a file; undefined for one that came otherwise. */
export function pathOf({ attributes }: Pick<VectorStoreFile, 'attributes'>): string | undefined {
  const path = attributes?.['path'];
  return typeof path === 'string' ? path : undefined;
}

/** Gives files their names. Those that `add` has not put there are looked for among all uploaded files, once. */
export class FileNames {
  readonly #api: Api;
  #names: Promise<ReadonlyMap<string, string>> | undefined;

  constructor(api: Api) {
    this.#api = api;
  }

  /** @throws Failure or Stopped */
  async named(files: readonly VectorStoreFile[]): Promise<NamedFile[]> {
    const hasUnnamed = files.some((file) => pathOf(file) === undefined);
    if (hasUnnamed) this.#names ??= this.#uploaded();
    const names = await this.#names;
    return files.map((file) => ({ ...file, file: pathOf(file) ?? names?.get(file.id) ?? null }));
  }

  async #uploaded(): Promise<ReadonlyMap<string, string>> {
    const names = new Map<string, string>();
    try {
      for await (const page of listFiles(this.#api, {})) {
        for (const { id, filename } of page) names.set(id, filename);
      }
    } catch (error) {
      // Without names the list is a list all the same: a key may not be allowed all files.
      if (!(error instanceof Failure)) throw error;
    }
    return names;
  }
}
