import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { BatchEndpoint } from '../api/batches.ts';
import type { Api } from '../api/client.ts';
import { fileContent } from '../api/files.ts';
import { type LocalFile, localFile, stampedPieces } from '../api/local-file.ts';
import type { Context } from '../context.ts';
import { type Failure, usageError } from '../errors.ts';
import { type LintProblem, lintJsonl } from '../files/lint.ts';
import { BATCH_ENDPOINTS, isBatchEndpoint, MOST_BATCH_BYTES } from '../files/lint-batch.ts';
import { isStdinPath } from '../input/file.ts';
import { spoolFile, spoolPieces } from '../input/spool.ts';
import { isPiped, stdinPieces } from '../input/stdin.ts';
import { say } from '../output/messages.ts';
import { startWaiting } from '../output/progress.ts';
import { sizeText } from '../output/size.ts';
import { placedLines } from './placed-lines.ts';

/** The requests of a batch that is to be. */
export interface BatchInput {
  /** What they are known by when the same command comes again: a hash of them, or the id of their file. */
  readonly key: string;
  /** Where all of them go to. */
  readonly endpoint: BatchEndpoint;
  /** Undefined where the API has them. */
  readonly file: LocalFile | undefined;
  /** The id of their file, where the API has them. */
  readonly fileId: string | undefined;
  /** How many; undefined where the API has them. */
  readonly rows: number | undefined;
  dispose(): Promise<void>;
}

/** Problems that are shown, a line each. */
const MOST_SHOWN = 10;

const LIMIT = {
  bytes: MOST_BATCH_BYTES,
  tooLarge: (size: number) =>
    usageError(`there are ${sizeText(size)} and more, and a batch takes ${sizeText(MOST_BATCH_BYTES)}`),
};

/**
 * Finds the requests that a word names, and looks at each of them: nothing is sent where one is wrong.
 * @param word a file, `-`, the id of a file that the API has, or undefined for what is piped in
 * @param endpoint that of the user
 * @throws Failure or Stopped
 */
export async function findBatchInput(
  word: string | undefined,
  endpoint: BatchEndpoint | undefined,
  api: Api,
  context: Context,
): Promise<BatchInput> {
  if (word !== undefined && /^file-[\w-]+$/.test(word) && !(await isThere(word, context))) {
    return uploadedInput(word, endpoint, api, context);
  }
  const { file, dispose } = await plainFile(word, context);
  try {
    return { ...(await lintedInput(file, endpoint, context)), dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

function isThere(path: string, { cwd }: Context): Promise<boolean> {
  return stat(resolve(cwd, path)).then(
    () => true,
    () => false,
  );
}

/** What can be read only once is written down first. */
async function plainFile(
  word: string | undefined,
  context: Context,
): Promise<{ readonly file: LocalFile; dispose(): Promise<void> }> {
  const { cwd } = context;
  const isStdin = word === undefined || isStdinPath(word);
  if (word === undefined && !isPiped(context)) {
    throw usageError('batch create needs a file of requests', 'oai batch create in.jsonl');
  }
  const found = isStdin ? undefined : await stat(resolve(cwd, word)).catch(() => undefined);
  const isPlain = found === undefined || found.isFile() || found.isDirectory();
  if (!isStdin && isPlain) {
    const file = await localFile(word, { cwd, name: uploadName(word), type: 'application/jsonl' });
    return { file, dispose: async () => {} };
  }
  const shown = isStdin ? 'stdin' : word;
  const kept = isStdin
    ? await spoolPieces(stdinPieces(context, 'the requests'), LIMIT)
    : await spoolFile(word, LIMIT, context);
  const facts = { cwd, shown, name: 'requests.jsonl', type: 'application/jsonl' };
  const source = isStdin ? ({ kind: 'stdin' } as const) : ({ kind: 'file', path: word } as const);
  try {
    return { file: await localFile(kept.path, { ...facts, source }), dispose: () => kept.dispose() };
  } catch (error) {
    await kept.dispose();
    throw error;
  }
}

/** The API takes no other end of a name. */
function uploadName(path: string): string {
  const name = path.split(/[/\\]/).at(-1) ?? path;
  return /\.jsonl$/i.test(name) ? name : `${name}.jsonl`;
}

async function lintedInput(
  file: LocalFile,
  endpoint: BatchEndpoint | undefined,
  context: Context,
): Promise<Omit<BatchInput, 'dispose'>> {
  const hash = createHash('sha256');
  const pieces = async function* () {
    for await (const piece of stampedPieces(file, context.signal)) {
      hash.update(piece);
      yield piece;
    }
  };
  const waiting = startWaiting(context, `checking ${file.shown}`);
  const report = await lintJsonl(pieces(), { for: 'batch' }).finally(() => waiting.stop());
  if (!report.ok) throw badRows(file, report.problems, report.problemCount, context);
  const own = report.endpoint ?? '';
  if (!isBatchEndpoint(own)) throw new Error(`the linter let ${own} pass`);
  if (endpoint !== undefined && endpoint !== own) {
    throw usageError(
      `--endpoint ${endpoint} contradicts the rows of ${file.shown}, which go to ${own}`,
      `leave out --endpoint, or write "url":"${endpoint}" into the rows`,
    );
  }
  return { key: `sha256:${hash.digest('hex')}`, endpoint: own, file, fileId: undefined, rows: report.rows };
}

/** Shows the first problems, and gives the error that sums them up. */
function badRows(
  { shown }: LocalFile,
  problems: readonly LintProblem[],
  count: number,
  context: Context,
): Failure {
  const [first] = problems;
  if (count === 1 && first !== undefined) {
    return usageError(`${placed(shown, first)}: nothing was uploaded`, 'mend that line, and it goes on');
  }
  for (const problem of problems.slice(0, MOST_SHOWN)) say(context, placed(shown, problem));
  if (count > MOST_SHOWN) say(context, `and ${count - MOST_SHOWN} more`);
  return usageError(`${shown} has ${count} problems: nothing was uploaded`, 'mend them, and it goes on');
}

function placed(shown: string, { line, column, reason }: LintProblem): string {
  if (line === null) return `${shown}: ${reason}`;
  return `${shown}, line ${line}${column === undefined ? '' : `, column ${column}`}: ${reason}`;
}

/** Requests that were uploaded before: the first of them tells the endpoint. */
async function uploadedInput(
  fileId: string,
  endpoint: BatchEndpoint | undefined,
  api: Api,
  context: Context,
): Promise<BatchInput> {
  const found = endpoint ?? (await endpointIn(fileId, api, context));
  const none = { file: undefined, rows: undefined, dispose: async () => {} };
  return { ...none, key: fileId, endpoint: found, fileId };
}

async function endpointIn(fileId: string, api: Api, context: Context): Promise<BatchEndpoint> {
  for await (const { value } of placedLines(await fileContent(api, fileId, context), fileId)) {
    const url = value?.['url'];
    if (typeof url === 'string' && isBatchEndpoint(url)) return url;
    break;
  }
  throw usageError(
    `${fileId} is no file of requests for a batch`,
    `one of ${BATCH_ENDPOINTS.join(', ')} is the url of each`,
  );
}
