import type { Api } from '../api/client.ts';
import type { Context } from '../context.ts';
import { type Failure, usageError } from '../errors.ts';
import { namesUploaded } from '../files/file-id.ts';
import { givenFiles, type OpenedFile } from '../files/given-files.ts';
import type { LintReport } from '../files/lint.ts';
import { lintFile, problemText } from '../files/lint-file.ts';
import { type FineTuneMethod, LEAST_TRAINING_ROWS } from '../files/lint-fine-tune.ts';
import { sendFile } from '../files/upload.ts';
import { warn } from '../output/messages.ts';
import { quoted } from '../output/shell.ts';

/** What a file is for. */
export type DataUse = 'training' | 'validation';

/** Examples that were checked, or that the API has already. */
export type CheckedData =
  | { readonly kind: 'uploaded'; readonly id: string }
  | { readonly kind: 'local'; readonly opened: OpenedFile; readonly rows: number };

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
  if (await namesUploaded(word, context)) return { kind: 'uploaded', id: word };
  const [given, other] = await givenFiles([word], { name: undefined, extension: '.jsonl' }, context);
  if (given === undefined || other !== undefined) {
    throw usageError(`${word} names several files, and the ${use} data is one`, 'cat a.jsonl b.jsonl | …');
  }
  const opened = await given.open();
  try {
    const report = await lintFile(opened.file, { for: 'fine-tune', method }, context);
    const wrong = problemOf(report, opened.file.shown, use);
    if (wrong !== undefined) throw wrong;
    return { kind: 'local', opened, rows: report.rows };
  } catch (error) {
    await opened.dispose();
    throw error;
  }
}

/** Gives up what was kept of a file that came from stdin. */
export async function disposeData(data: CheckedData | undefined): Promise<void> {
  if (data?.kind === 'local') await data.opened.dispose();
}

/** Why a file cannot be learnt from; undefined where it can. */
function problemOf(report: LintReport, shown: string, use: DataUse): Failure | undefined {
  const [first] = report.problems;
  if (first !== undefined) {
    const more = report.problemCount - 1;
    const others = more === 0 ? '' : ` (and ${more} more ${more === 1 ? 'problem' : 'problems'})`;
    const fitting = /for the method (\w+) and not/.exec(first.reason)?.[1];
    const lint = shown === 'stdin' ? 'mend it' : `oai files lint ${quoted(shown)} --for fine-tune has all`;
    const wayOut = fitting === undefined ? lint : `--method ${fitting} is for such rows`;
    return usageError(`${problemText(shown, first)}${others}`, `nothing was uploaded; ${wayOut}`);
  }
  if (use === 'validation' || report.rows >= LEAST_TRAINING_ROWS) return undefined;
  const rows = `${report.rows} ${report.rows === 1 ? 'example' : 'examples'}`;
  return usageError(
    `${shown} has ${rows}, and training needs ${LEAST_TRAINING_ROWS}`,
    'nothing was uploaded; add some',
  );
}

/**
 * Has the API keep a file that was checked.
 * @returns its id
 * @throws Failure: of kind `usage` where it has changed since; Stopped
 */
export async function sentData(data: CheckedData, api: Api, context: Context): Promise<string> {
  if (data.kind === 'uploaded') return data.id;
  const { opened, rows } = data;
  // It was checked before, together with the other one.
  const { id } = await sendFile(api, opened.file, { purpose: 'fine-tune', lint: false }, context);
  warn(context, `${opened.file.shown} is ${id}: ${rows} ${rows === 1 ? 'example' : 'examples'}`);
  return id;
}
