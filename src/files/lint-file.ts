import { type LocalFile, stampedPieces } from '../api/local-file.ts';
import type { Context } from '../context.ts';
import { type Failure, usageError } from '../errors.ts';
import { startWaiting } from '../output/progress.ts';
import { quoted } from '../output/shell.ts';
import { type LintOptions, type LintProblem, type LintReport, lintJsonl } from './lint.ts';

/** Lints a file, with a word on a terminal that it goes on. @throws Failure (usage) where it cannot be read, or changes */
export async function lintFile(file: LocalFile, options: LintOptions, context: Context): Promise<LintReport> {
  const { size } = file.stamp;
  let read = 0;
  const waiting = startWaiting(context, `checking ${file.shown}`, { elapsed: true });
  const pieces = async function* () {
    for await (const piece of stampedPieces(file, context.signal)) {
      yield piece;
      read += piece.length;
    }
  };
  waiting.update(() => `checking ${file.shown} · ${Math.floor((100 * read) / size)} %`);
  try {
    return await lintJsonl(pieces(), options);
  } finally {
    waiting.stop();
  }
}

/** A problem with its place, as compilers say it: `train.jsonl:3:14: …`. */
export function problemText(name: string, { line, column, reason }: LintProblem): string {
  const place = [name, line, column].filter((part) => part !== null && part !== undefined).join(':');
  return `${place}: ${reason}`;
}

/**
 * Lints a file that is to be sent.
 * @throws Failure (usage) with the first problem
 */
export async function checkRows(
  file: LocalFile,
  options: LintOptions,
  context: Context,
): Promise<LintReport> {
  const report = await lintFile(file, options, context);
  const failure = rowFailure(file.shown, report);
  if (failure !== undefined) throw failure;
  return report;
}

/** What a report says that a file cannot be used, or undefined. */
export function rowFailure(name: string, report: LintReport): Failure | undefined {
  const [first] = report.problems;
  if (first === undefined) return undefined;
  const more = report.problemCount - 1;
  const rest = more === 0 ? '' : ` (and ${more} more ${more === 1 ? 'problem' : 'problems'})`;
  const all =
    more === 0
      ? ''
      : `; \`oai files lint ${name === 'stdin' ? '-' : quoted(name)} --for ${report.for}\` shows them all`;
  return usageError(
    `${problemText(name, first)}${rest}`,
    `nothing was uploaded${all}; --no-lint sends it as it is`,
  );
}
