import type { Api } from '../api/client.ts';
import { deleteFile } from '../api/files.ts';
import { listStoreFiles } from '../api/vector-store-files.ts';
import { createStore, deleteStore, listStores, updateStore, type VectorStore } from '../api/vector-stores.ts';
import type { Context } from '../context.ts';
import { usageError } from '../errors.ts';
import type { GlobalOptions } from '../flags/global.ts';
import { labels, type Pair } from '../flags/metadata.ts';
import { mayDelete } from '../input/ask.ts';
import { readParams } from '../input/params.ts';
import { eachOf } from '../output/each-of.ts';
import { writeJson, writeJsonLine } from '../output/json.ts';
import { writePages } from '../output/pages.ts';
import { writeRows } from '../output/table.ts';
import { inertText } from '../output/terminal.ts';
import { isMissing, readStore, withStore } from './find-store.ts';
import { storeColumns } from './store-rows.ts';

export interface StoreOptions extends GlobalOptions {
  readonly name?: string;
  /** Days; false after `--no-expires-after`. */
  readonly expiresAfter?: number | false;
  /** False after `--no-metadata`. */
  readonly metadata?: readonly Pair[] | false;
  readonly limit?: number;
  readonly order?: 'asc' | 'desc';
  /** An id. */
  readonly after?: string;
  readonly yes?: boolean;
  readonly deleteFiles?: boolean;
}

async function connected(options: StoreOptions, context: Context): Promise<Api> {
  const { connect } = await import('../api/client.ts');
  return connect(options, context);
}

/** Shows all stores, the newest first. @throws Failure or Stopped */
export async function showStores(options: StoreOptions, context: Context): Promise<void> {
  const { limit, order, after, json } = options;
  const params = { ...(order !== undefined && { order }), ...readParams(options.param ?? []) };
  const api = await connected(options, context);
  const pages = listStores(api, { limit, after }, params);
  await writePages(pages, storeColumns, { json, empty: 'there are no vector stores' }, context);
}

/** Shows one. @throws Failure or Stopped */
export async function showStore(word: string, options: StoreOptions, context: Context): Promise<void> {
  await tell(await readStore(word, await connected(options, context)), options, context);
}

/** Makes a store. @throws Failure or Stopped */
export async function makeStore(
  options: StoreOptions,
  context: Context,
): Promise<{ readonly api: Api; readonly store: VectorStore }> {
  if (options.metadata === false) throw usageError('--no-metadata is for vector-store update');
  if (options.expiresAfter === false) throw usageError('--no-expires-after is for vector-store update');
  const { name, expiresAfter, metadata } = options;
  const fields = { name, expiresAfter, metadata: metadata && labels(metadata) };
  const params = readParams(options.param ?? []);
  const api = await connected(options, context);
  return { api, store: await createStore(api, fields, params) };
}

/** Gives a store another name, end or labels. @throws Failure or Stopped */
export async function changeStore(word: string, options: StoreOptions, context: Context): Promise<void> {
  const { name, expiresAfter, metadata } = options;
  const fields = {
    name,
    expiresAfter: expiresAfter === false ? null : expiresAfter,
    metadata: metadata === undefined ? undefined : labels(metadata === false ? [] : metadata),
  };
  const params = readParams(options.param ?? []);
  if (Object.values(fields).every((value) => value === undefined) && Object.keys(params).length === 0) {
    throw usageError(
      'nothing to change: vector-store update takes --name, --expires-after, --no-expires-after, --metadata and --no-metadata',
      'of a file of it: oai vector-store update STORE FILE --attribute name=value',
    );
  }
  const api = await connected(options, context);
  const store = await withStore(word, api, ({ id }) => updateStore(api, id, fields, params));
  await tell(store, options, context);
}

async function tell(store: VectorStore, { json }: StoreOptions, context: Context): Promise<void> {
  if (json === true) await writeJson(context.stdout, store);
  else await writeRows(context, [store], storeColumns, false);
}

/** Deletes stores; their files stay, unless they are to go with them. @throws Failure or Stopped */
export async function deleteStores(
  words: readonly string[],
  options: StoreOptions,
  context: Context,
): Promise<void> {
  const named = [...new Set(words)];
  const what = named.length === 1 ? (named[0] ?? '') : `${named.length} vector stores`;
  const all = options.deleteFiles === true ? `${what} and the files that are in it` : what;
  if (!(await mayDelete(all, options, context))) return;
  const api = await connected(options, context);
  await eachOf(named, 'deleted', context, (word) =>
    withStore(word, api, async ({ id }) => {
      if (options.deleteFiles === true) await deleteFilesOf(id, api);
      const answer = await deleteStore(api, id);
      if (options.json === true) await writeJsonLine(context.stdout, answer);
      else await context.stdout.write(`${inertText(id)}\n`);
    }),
  );
}

/** What is in other stores as well is gone from those, too. */
async function deleteFilesOf(storeId: string, api: Api): Promise<void> {
  const ids: string[] = [];
  for await (const page of listStoreFiles(api, storeId)) ids.push(...page.map(({ id }) => id));
  for (const id of ids) await deleteUpload(api, id);
}

/** Deletes a file of the API; one that is not there is deleted. @throws Failure or Stopped */
export async function deleteUpload(api: Api, id: string): Promise<void> {
  await deleteFile(api, id).catch((error: unknown) => {
    if (!isMissing(error)) throw error;
  });
}
