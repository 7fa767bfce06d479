import { resolve } from 'node:path';
import type { Context } from '../context.ts';
import type { Access } from '../database/open-database.ts';
import { DEFAULT_DB } from './defaults.ts';
import { IndexStore } from './index-store.ts';
import { IndexPaths } from './paths.ts';

/** An index, and how its paths are read. */
export interface OpenIndex {
  readonly store: IndexStore;
  readonly paths: IndexPaths;
  /** As typed. */
  readonly name: string;
}

/** Opens the index of `--db`, or that of the working directory. @throws Failure (usage) */
export async function openIndex(
  { db: name = DEFAULT_DB }: { readonly db?: string | undefined },
  access: Access,
  { cwd }: Context,
): Promise<OpenIndex> {
  const path = resolve(cwd, name);
  const store = await IndexStore.open(path, name, access);
  return { store, paths: await IndexPaths.of(path, cwd), name };
}
