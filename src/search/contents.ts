import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Context } from '../context.ts';
import { usageError } from '../errors.ts';
import type { GlobalOptions } from '../flags/global.ts';
import { writeJson } from '../output/json.ts';
import { sizeText } from '../output/size.ts';
import { alignedTable, writeRows } from '../output/table.ts';
import type { ListedText } from './index-store.ts';
import { type OpenIndex, openIndex } from './open-index.ts';
import { counted, Report } from './report.ts';

export interface ContentsOptions extends GlobalOptions {
  readonly db?: string;
}

/** Shows every text of an index. @throws Failure (usage) */
export async function listTexts(options: ContentsOptions, context: Context): Promise<void> {
  const { store, paths } = await openIndex(options, 'read', context);
  try {
    const rows = store.list().map((text) => ({
      path: paths.shown(text),
      source: text.source,
      chunks: text.chunks,
      size: text.size,
      modified: text.mtime === null ? null : new Date(text.mtime).toISOString(),
      sha256: Buffer.from(text.sha256).toString('hex'),
    }));
    const columns = {
      chunks: (row: (typeof rows)[number]) => row.chunks,
      size: (row: (typeof rows)[number]) => sizeText(row.size),
      modified: (row: (typeof rows)[number]) => row.modified?.slice(0, 16).replace('T', ' '),
      path: (row: (typeof rows)[number]) => (row.source === 'stdin' ? `${row.path} (stdin)` : row.path),
    };
    await writeRows(context, rows, columns, options.json === true);
  } finally {
    store.close();
  }
}

/** Tells what an index is. @throws Failure (usage) */
export async function describeIndex(options: ContentsOptions, context: Context): Promise<void> {
  const { store, name } = await openIndex(options, 'read', context);
  try {
    const { kind, chunking } = store;
    const { files, chunks } = store.count();
    const { size } = await stat(resolve(context.cwd, name));
    const { stdout } = context;
    const [model, dimensions] = [kind?.model ?? null, kind?.dimensions ?? null];
    const { chunkTokens = null, overlap = null } = chunking ?? {};
    if (options.json === true || !stdout.isTTY) {
      const facts = { db: name, size, model, dimensions, texts: files, chunks, chunkTokens, overlap };
      await writeJson(stdout, facts);
      return;
    }
    const rows = [
      ['index', `${name}, ${sizeText(size)}`],
      ['model', model === null ? '-' : `${model}, ${dimensions} dimensions`],
      ['texts', `${files.toLocaleString('en')}, in ${counted(chunks, 'chunk')}`],
      ['cut', chunkTokens === null ? '-' : `at ${chunkTokens} tokens, of which ${overlap} overlap`],
    ];
    await stdout.write(await alignedTable(rows));
  } finally {
    store.close();
  }
}

/**
 * Takes texts out of an index; the files stay.
 * @param words files, folders with all that is below them, names of what came from stdin
 * @throws Failure (usage) where one is not in the index: then nothing is taken out
 */
export async function removeTexts(
  words: readonly string[],
  options: ContentsOptions,
  context: Context,
): Promise<void> {
  if (words.length === 0) throw usageError('nothing to remove', '`oai index list` shows what there is');
  const index = await openIndex(options, options.dryRun === true ? 'read' : 'write', context);
  const report = new Report(options.json === true, context);
  try {
    const chosen = await chosenTexts(words, index);
    if (options.dryRun !== true) index.store.remove(chosen.map(({ id }) => id));
    for (const text of chosen) {
      report.tell({ state: 'removed', path: index.paths.shown(text), chunks: text.chunks, embedded: 0 });
    }
    await report.flushed();
  } finally {
    index.store.close();
  }
}

async function chosenTexts(
  words: readonly string[],
  { store, paths, name }: OpenIndex,
): Promise<ListedText[]> {
  const texts = store.list();
  const chosen = new Set<ListedText>();
  for (const word of words) {
    const kept = await paths.kept(word);
    const below = kept === '' ? '' : `${kept}/`;
    const found = texts.filter(({ source, path }) =>
      source === 'stdin'
        ? path === word
        : path === kept || (path.startsWith(below) && (kept !== '' || !path.startsWith('..'))),
    );
    if (word === '' || found.length === 0) {
      throw usageError(`${word === '' ? "''" : word} is not in ${name}`, '`oai index list` shows what is');
    }
    for (const text of found) chosen.add(text);
  }
  return [...chosen];
}
