import type { Api } from '../api/client.ts';
import { uploadFile } from '../api/files.ts';
import { type LocalFile, localFile, stampedPieces } from '../api/local-file.ts';
import type { Context } from '../context.ts';
import { type Failure, usageError } from '../errors.ts';
import { type LintReport, lintJsonl } from '../files/lint.ts';
import { type FineTuneMethod, LEAST_TRAINING_ROWS } from '../files/lint-fine-tune.ts';
import { isStdinPath } from '../input/file.ts';
import { type Spool, spoolPieces } from '../input/spool.ts';
import { stdinPieces } from '../input/stdin.ts';
import { say, warn } from '../output/messages.ts';
import { bar, startWaiting } from '../output/progress.ts';
import { sizeText } from '../output/size.ts';

/** What a file is for. */
export type DataUse = 'training' | 'validation';

/** Examples that were checked, or that the API has already. */
export type CheckedData =
  | { readonly kind: 'uploaded'; readonly id: string }
  | {
      readonly kind: 'local';
      readonly file: LocalFile;
      readonly rows: number;
      /** Where it was kept meanwhile, where it came from stdin. */
      readonly spool: Spool | undefined;
    };

/** Gives up what was kept meanwhile. */
export async function disposeData(data: CheckedData | undefined): Promise<void> {
  if (data?.kind === 'local') await data.spool?.dispose();
}

/** A name that the API gives to a file; a local one of such a name is `./file-…`. */
const FILE_ID = /^file-[A-Za-z0-9_-]+$/;

/** Bytes of a file of the API (OpenAPI, `POST /uploads`: 8 GB). */
const MOST_BYTES = 8 * 1024 ** 3;

/** Problems that are shown, a line each. */
const MOST_SHOWN = 10;

/**
 * Checks a file of examples. Nothing is sent.
 * @param word as it was typed: a path, `-` for stdin, or the id of a file that the API has
 * @throws Failure: of kind `usage` where it cannot be learnt from; Stopped
 */
export async function checkedData(
  word: string,
  use: DataUse,
  method: FineTuneMethod,
  context: Context,
): Promise<CheckedData> {
  if (FILE_ID.test(word)) return { kind: 'uploaded', id: word };
  const { file, spool } = await opened(word, use, context);
  const waiting = startWaiting(context, `checking ${file.shown}`);
  try {
    const report = await lintJsonl(stampedPieces(file, context.signal), { for: 'fine-tune', method });
    waiting.stop();
    const wrong = problemOf(report, file.shown, use);
    if (wrong !== undefined) {
      sayProblems(report, file.shown, context);
      throw wrong;
    }
    return { kind: 'local', file, rows: report.rows, spool };
  } catch (error) {
    await spool?.dispose();
    throw error;
  } finally {
    waiting.stop();
  }
}

async function opened(
  word: string,
  use: DataUse,
  context: Context,
): Promise<{ readonly file: LocalFile; readonly spool: Spool | undefined }> {
  const { cwd } = context;
  if (!isStdinPath(word)) return { file: await localFile(word, { cwd }), spool: undefined };
  const shown = 'stdin';
  const limit = {
    bytes: MOST_BYTES,
    tooLarge: (size: number) =>
      usageError(`${shown} has more than ${sizeText(MOST_BYTES)} (${sizeText(size)} so far)`),
  };
  const spool = await spoolPieces(stdinPieces(context, `the ${use} data`), limit);
  try {
    const source = { kind: 'stdin' } as const;
    const name = `${use}.jsonl`;
    return { file: await localFile(spool.path, { cwd, name, shown, source }), spool };
  } catch (error) {
    await spool.dispose();
    throw error;
  }
}

/** Why a file cannot be learnt from; undefined where it can. */
function problemOf(report: LintReport, shown: string, use: DataUse): Failure | undefined {
  const [first] = report.problems;
  if (first !== undefined) {
    const place = first.line === null ? '' : ` line ${first.line}${columnOf(first.column)}`;
    const others = report.problemCount === 1 ? '' : ` (of ${report.problemCount} problems)`;
    const fitting = methodFor(first.reason);
    const wayOut = fitting === undefined ? 'mend it' : `--method ${fitting} is for such rows`;
    return usageError(`${shown}${place}: ${first.reason}${others}`, `nothing was uploaded; ${wayOut}`);
  }
  if (use === 'validation' || report.rows >= LEAST_TRAINING_ROWS) return undefined;
  const rows = `${report.rows} ${report.rows === 1 ? 'example' : 'examples'}`;
  return usageError(
    `${shown} has ${rows}, and training needs ${LEAST_TRAINING_ROWS}`,
    'nothing was uploaded; add some',
  );
}

/** The method that rows are for, where that is what is wrong with them. */
function methodFor(reason: string): string | undefined {
  return /for the method (\w+) and not/.exec(reason)?.[1];
}

/** The problems after the first, which the error tells. */
function sayProblems({ problems, problemCount }: LintReport, shown: string, context: Context): void {
  const [first] = problems;
  // Rows for something else are all wrong in the same way.
  if (context.verbosity === 'quiet' || methodFor(first?.reason ?? '') !== undefined) return;
  for (const { line, column, reason } of problems.slice(1, MOST_SHOWN)) {
    say(context, `${shown}${line === null ? '' : ` line ${line}${columnOf(column)}`}: ${reason}`);
  }
  if (problemCount > MOST_SHOWN) say(context, `${shown}: and ${problemCount - MOST_SHOWN} more problems`);
}

function columnOf(column: number | undefined): string {
  return column === undefined ? '' : `, column ${column}`;
}

/**
 * Has the API keep a file that was checked.
 * @returns its id
 * @throws Failure: of kind `usage` where it has changed since; Stopped
 */
export async function sentData(data: CheckedData, api: Api, context: Context): Promise<string> {
  if (data.kind === 'uploaded') return data.id;
  const { file, rows } = data;
  const waiting = startWaiting(context, `sending ${file.shown}`);
  const onProgress = (sent: number, all: number) =>
    waiting.update(() => `sending ${file.shown} ${bar(sent / all)} ${sizeText(sent)} of ${sizeText(all)}`);
  try {
    const { id } = await uploadFile(api, file, { purpose: 'fine-tune', onProgress }, context);
    waiting.stop();
    warn(context, `${file.shown} is ${id}: ${rows} ${rows === 1 ? 'example' : 'examples'}`);
    return id;
  } finally {
    waiting.stop();
  }
}
