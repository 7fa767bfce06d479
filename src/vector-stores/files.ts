import type { Api } from '../api/client.ts';
import {
  type Attributes,
  detachFile,
  listStoreFiles,
  updateStoreFile,
  type VectorStoreFile,
  type VectorStoreFileStatus,
} from '../api/vector-store-files.ts';
import type { Context } from '../context.ts';
import { Failure, usageError } from '../errors.ts';
import { isFileId } from '../files/file-id.ts';
import type { GlobalOptions } from '../flags/global.ts';
import type { Pair } from '../flags/metadata.ts';
import { mayDelete } from '../input/ask.ts';
import { readParams } from '../input/params.ts';
import { eachOf } from '../output/each-of.ts';
import { writeJsonLine } from '../output/json.ts';
import { writePages } from '../output/pages.ts';
import { writeRows } from '../output/table.ts';
import { inertText } from '../output/terminal.ts';
import { didYouMean } from '../settings/nearest.ts';
import { OWN, attributes as readAttributes } from './attributes.ts';
import { FileNames, fileColumns, type NamedFile } from './file-rows.ts';
import { withStore } from './find-store.ts';
import { deleteUpload } from './stores.ts';

export interface StoreFileOptions extends GlobalOptions {
  readonly status?: VectorStoreFileStatus;
  readonly limit?: number;
  readonly order?: 'asc' | 'desc';
  /** An id. */
  readonly after?: string;
  /** False after `--no-attribute`. */
  readonly attribute?: readonly Pair[] | false;
  readonly deleteFiles?: boolean;
  readonly yes?: boolean;
}

async function connected(options: StoreFileOptions, context: Context): Promise<Api> {
  const { connect } = await import('../api/client.ts');
  return connect(options, context);
}

/** Shows the files of a store. @throws Failure or Stopped */
export async function showFiles(word: string, options: StoreFileOptions, context: Context): Promise<void> {
  const { status: filter, limit, order, after, json } = options;
  const params = readParams(options.param ?? []);
  const api = await connected(options, context);
  const what = filter === undefined ? '' : ` that are ${filter.replace('_', ' ')}`;
  await withStore(word, api, ({ id }) => {
    const pages = namedPages(listStoreFiles(api, id, { filter, limit, order, after }, params), api);
    return writePages(pages, fileColumns, { json, empty: `there are no files${what}` }, context);
  });
}

async function* namedPages(pages: AsyncIterable<VectorStoreFile[]>, api: Api): AsyncGenerator<NamedFile[]> {
  const names = new FileNames(api);
  for await (const page of pages) yield names.named(page);
}

/** Takes files out of a store; they stay uploaded, unless they are to be deleted. @throws Failure or Stopped */
export async function removeFiles(
  [word = '', ...files]: readonly string[],
  options: StoreFileOptions,
  context: Context,
): Promise<void> {
  const named = [...new Set(files)];
  if (options.deleteFiles === true) {
    const what = named.length === 1 ? (named[0] ?? '') : `${named.length} files`;
    if (!(await mayDelete(what, options, context))) return;
  }
  const api = await connected(options, context);
  await withStore(word, api, async ({ id }) => {
    const shelf = new StoreShelf(id, word, api);
    await eachOf(named, 'taken out', context, async (file) => {
      const fileId = await shelf.idOf(file);
      const answer = await detachFile(api, id, fileId);
      if (options.deleteFiles === true) await deleteUpload(api, fileId);
      if (options.json === true) await writeJsonLine(context.stdout, answer);
      else await context.stdout.write(`${inertText(file)}\n`);
    });
  });
}

/** Gives files of a store other attributes; those that are not named stay. @throws Failure or Stopped */
export async function changeFiles(
  [word = '', ...files]: readonly string[],
  options: StoreFileOptions,
  context: Context,
): Promise<void> {
  const { attribute } = options;
  if (attribute === undefined) {
    throw usageError('a file needs --attribute name=value', '--no-attribute takes all of them away');
  }
  const given = attribute === false ? {} : readAttributes(attribute);
  const api = await connected(options, context);
  await withStore(word, api, async ({ id }) => {
    const shelf = new StoreShelf(id, word, api);
    await eachOf([...new Set(files)], 'changed', context, async (file) => {
      const there = await shelf.read(file);
      const kept = attribute === false ? ownOf(there) : (there.attributes ?? {});
      const changed = await updateStoreFile(api, id, there.id, { ...kept, ...given });
      if (options.json === true) await writeJsonLine(context.stdout, changed);
      else await writeRows(context, await new FileNames(api).named([changed]), fileColumns, false);
    });
  });
}

/** The attributes by which `add` knows a file again. */
function ownOf({ attributes }: VectorStoreFile): Attributes {
  const own = Object.entries(attributes ?? {}).filter(([name]) => OWN.some((other) => other === name));
  return Object.fromEntries(own);
}

/** The files of a store by what they are called; they are read once. */
class StoreShelf {
  readonly #storeId: string;
  readonly #shown: string;
  readonly #api: Api;
  #files: Promise<NamedFile[]> | undefined;

  constructor(storeId: string, shown: string, api: Api) {
    this.#storeId = storeId;
    this.#shown = shown;
    this.#api = api;
  }

  /** @throws Failure (refused) where there is none; (usage) where it is not clear which */
  async idOf(word: string): Promise<string> {
    return isFileId(word) ? word : (await this.read(word)).id;
  }

  /** @throws as `idOf` */
  async read(word: string): Promise<NamedFile> {
    this.#files ??= this.#all();
    const files = await this.#files;
    const named = files.filter(({ id, file }) => id === word || file === word);
    const found = named.length > 0 ? named : files.filter(({ file }) => file?.endsWith(`/${word}`));
    const [first] = found;
    if (first === undefined) {
      const known = files.flatMap(({ id, file }) => (file === null ? [id] : [file, id]));
      throw new Failure('refused', `${this.#shown} has no file ${word}${didYouMean(word, known)}`, {
        hint: `\`oai vector-store files ${this.#shown}\` shows those it has`,
      });
    }
    if (found.length === 1) return first;
    const which = found.map(({ id, file }) => `${id} (${file})`).join(', ');
    throw usageError(
      `${this.#shown} has ${found.length} files called ${word}: ${which}`,
      'name one by its id',
    );
  }

  async #all(): Promise<NamedFile[]> {
    const files: VectorStoreFile[] = [];
    for await (const page of listStoreFiles(this.#api, this.#storeId)) files.push(...page);
    return new FileNames(this.#api).named(files);
  }
}
