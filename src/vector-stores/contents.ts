import type { Api } from '../api/client.ts';
import { listStoreFiles, type VectorStoreFile } from '../api/vector-store-files.ts';
import { pathAttribute } from './attributes.ts';
import { pathOf } from './file-rows.ts';
import type { LocalText } from './local-texts.ts';

/** What a store has of one file here. */
export interface Kept {
  /** Its content, as it is here. */
  readonly same: VectorStoreFile | undefined;
  /** Other content of the same path, seen from the same folder: what it was before. */
  readonly stale: readonly VectorStoreFile[];
  /** There is other content of the same path, seen from another folder or another machine: it may be another file. */
  readonly hasNamesake: boolean;
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

  /** @param newest the id of an upload of a run that was cut: of several with the same content, it is the one */
  find({ path, root, sha256 }: LocalText, newest: string | undefined): Kept {
    const files = this.#byPath.get(pathAttribute(path)) ?? [];
    const isSame = ({ attributes }: VectorStoreFile) => attributes?.['sha256'] === sha256;
    const rank = ({ id, status }: VectorStoreFile) => (id === newest ? -1 : RANK.indexOf(status));
    const [same] = files.filter(isSame).sort((a, b) => rank(a) - rank(b));
    const others = files.filter((file) => file !== same);
    const stale = others.filter(({ attributes }) => attributes?.['root'] === root);
    return { same, stale, hasNamesake: others.some((file) => !stale.includes(file) && !isSame(file)) };
  }
}

/** @throws Failure or Stopped */
export async function readContents(api: Api, storeId: string): Promise<StoreContents> {
  const files: VectorStoreFile[] = [];
  for await (const page of listStoreFiles(api, storeId)) files.push(...page);
  return new StoreContents(files);
}
