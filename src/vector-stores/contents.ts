import type { Api } from '../api/client.ts';
import { listStoreFiles, type VectorStoreFile } from '../api/vector-store-files.ts';
import { pathAttribute } from './attributes.ts';
import { pathOf } from './file-rows.ts';
import type { LocalText } from './local-texts.ts';

/** What a store has of one file here. */
export interface Kept {
  /** Its content, as it is here. */
  readonly same: VectorStoreFile | undefined;
  /** Other content of the same path: what it was before. */
  readonly stale: readonly VectorStoreFile[];
}

/** Of two with the same content, the one that is of more use. */
const RANK = ['completed', 'in_progress', 'failed', 'cancelled'];

/** What a store has, by the paths and the checksums that `add` keeps with its files. */
export class StoreContents {
  readonly #byPath = new Map<string, VectorStoreFile[]>();
  readonly #byId = new Map<string, VectorStoreFile>();

  constructor(files: readonly VectorStoreFile[]) {
    for (const file of files) {
      this.#byId.set(file.id, file);
      const path = pathOf(file);
      if (path !== undefined) this.#byPath.set(path, [...(this.#byPath.get(path) ?? []), file]);
    }
  }

  get(id: string): VectorStoreFile | undefined {
    return this.#byId.get(id);
  }

  find({ path, sha256 }: LocalText): Kept {
    const files = this.#byPath.get(pathAttribute(path)) ?? [];
    const isSame = ({ attributes }: VectorStoreFile) => attributes?.['sha256'] === sha256;
    const [same] = files.filter(isSame).sort((a, b) => RANK.indexOf(a.status) - RANK.indexOf(b.status));
    return { same, stale: files.filter((file) => file !== same) };
  }
}

/** @throws Failure or Stopped */
export async function readContents(api: Api, storeId: string): Promise<StoreContents> {
  const files: VectorStoreFile[] = [];
  for await (const page of listStoreFiles(api, storeId)) files.push(...page);
  return new StoreContents(files);
}
