import { type FoundPassage, type PassagePage, searchStore } from '../api/vector-stores.ts';
import type { Context } from '../context.ts';
import { Failure, usageError } from '../errors.ts';
import type { GlobalOptions } from '../flags/global.ts';
import { readParams } from '../input/params.ts';
import { readTextArgument } from '../input/prompt.ts';
import { writeJson, writeJsonLine } from '../output/json.ts';
import { warn } from '../output/messages.ts';
import { writePassages } from '../output/passages.ts';
import { startWaiting } from '../output/progress.ts';
import { readFilters } from './filter.ts';
import { refuseExpired, withStore } from './find-store.ts';

export interface SearchOptions extends GlobalOptions {
  /** Results at most. */
  readonly top?: number;
  readonly filter?: readonly string[];
  readonly rewriteQuery?: boolean;
  readonly ranker?: string;
  readonly scoreThreshold?: number;
}

/** Prints the passages of a store that are most like a question. @throws Failure or Stopped */
export async function searchPassages(
  [word = '', ...words]: readonly string[],
  options: SearchOptions,
  context: Context,
): Promise<void> {
  const filter = await readFilters(options.filter ?? []);
  const params = readParams(options.param ?? []);
  if (words.length > 0 && words.join('').trim() === '') throw usageError('the question is empty');
  const query = await readTextArgument(words, context, 'question');
  const { connect } = await import('../api/client.ts');
  const api = await connect(options, context);
  const waiting = startWaiting(context, `searching ${word}`);
  const page = await withStore(word, api, async ({ id, store }) => {
    if (store !== undefined) refuseExpired(store);
    const asked = {
      query,
      count: options.top,
      filter,
      rewrite: options.rewriteQuery,
      ranker: options.ranker,
      threshold: options.scoreThreshold,
    };
    return searchStore(api, id, asked, params).catch((error: unknown) => {
      throw ofExpired(error, word);
    });
  }).finally(() => waiting.stop());
  if (page.data.length === 0) warn(context, 'nothing that fits was found');
  await show(page, query, options, context);
}

async function show(
  page: PassagePage,
  query: string,
  { json }: SearchOptions,
  { stdout }: Context,
): Promise<void> {
  if (json === true) return void (await writeJson(stdout, page));
  const found = page.data.map(shown);
  if (stdout.isTTY) {
    const passages = found.map(({ score, file, text }) => ({ score, place: file, text }));
    return writePassages(passages, query, stdout);
  }
  for (const passage of found) await writeJsonLine(stdout, passage);
}

/** A passage as a line of a pipe has it. */
function shown({ score, file_id, filename, attributes, content }: FoundPassage) {
  const path = attributes?.['path'];
  return {
    score,
    file: typeof path === 'string' ? path : filename,
    file_id,
    text: content.map(({ text }) => text).join('\n'),
    attributes,
  };
}

/** The API's word that a store has expired, with what to do about it. */
function ofExpired(error: unknown, word: string): unknown {
  if (!(error instanceof Failure) || error.kind !== 'refused' || !/\bexpired\b/i.test(error.message))
    return error;
  const { message, code, status, requestId } = error;
  const hint = `make a new one, and add the files: oai vector-store create --name NAME`;
  return new Failure('refused', message || `${word} has expired`, {
    hint,
    code,
    status,
    requestId,
    cause: error,
  });
}
