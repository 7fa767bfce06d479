import type { Context } from '../context.ts';
import { Failure } from '../errors.ts';
import { writeJson, writeJsonLine } from '../output/json.ts';
import { say, warn } from '../output/messages.ts';
import { type Columns, writeRows } from '../output/table.ts';
import type { LintReport } from './lint.ts';
import { problemText } from './lint-file.ts';

/** The report of a file, with its name. */
export interface FileReport extends LintReport {
  readonly file: string;
}

/** Problems of a file that are said on stderr. */
const SAID = 20;

const columns: Columns<FileReport> = {
  ROWS: ({ rows }) => rows,
  TOKENS: ({ tokens }) => tokens,
  PROBLEMS: ({ problemCount }) => problemCount,
  MODEL: ({ model }) => model,
  KIND: ({ endpoint, method }) => endpoint ?? method,
  FILE: ({ file }) => file,
};

/** Says what is wrong, and what is worth to know, on stderr. */
export function sayProblems({ file, ...report }: FileReport, context: Context): void {
  for (const problem of report.problems.slice(0, SAID)) say(context, problemText(file, problem));
  const more = report.problemCount - SAID;
  if (more > 0) say(context, `${file}: and ${more} more (the JSON has up to ${report.problems.length})`);
  for (const note of report.notes) warn(context, `${file}: ${note}`);
}

/** Writes reports: a table, JSON Lines in a pipe; with `--json` a document for one file, a line for each of several. */
export async function writeReports(
  reports: readonly FileReport[],
  json: boolean,
  context: Context,
): Promise<void> {
  const [first] = reports;
  if (!json) return writeRows(context, reports, columns, false);
  if (reports.length === 1) return void (await writeJson(context.stdout, first));
  for (const report of reports) await writeJsonLine(context.stdout, report);
}

/** The verdict on all files, or undefined where they are as they should be. */
export function lintVerdict(reports: readonly FileReport[]): Failure | undefined {
  const bad = reports.filter(({ ok }) => !ok);
  const [first] = bad;
  if (first === undefined) return undefined;
  const { file, problemCount: count } = first;
  const problems = `${count} ${count === 1 ? 'problem' : 'problems'}`;
  return new Failure(
    'check',
    reports.length === 1
      ? `${file} has ${problems}`
      : `${bad.length} of ${reports.length} files have problems`,
  );
}
