import { usageError } from '../errors.ts';
import type { Flag } from './flag.ts';
import { choice, integer, number, text } from './values.ts';

export const rowFormats = ['lines', 'jsonl', 'csv', 'nul'] as const;
export type RowFormat = (typeof rowFormats)[number];

/** The flags of commands that work through rows, read. */
export interface BulkOptions {
  readonly rows?: RowFormat;
  readonly each?: boolean;
  /** A file of rows; `-` is stdin. */
  readonly input?: string;
  /** The field that has the text of a row. */
  readonly field?: string;
  /** The field that has the id of a row. */
  readonly id?: string;
  readonly concurrency?: number;
  readonly unordered?: boolean;
  readonly resume?: boolean;
  /** Rows. */
  readonly limit?: number;
  readonly maxFailures?: number;
  /** US dollars. */
  readonly maxCost?: number;
  readonly output?: string;
  readonly force?: boolean;
  /** By the API's Batch service. */
  readonly batch?: boolean;
}

export const bulkFlags: readonly Flag[] = [
  { flags: '--each', help: 'each line of stdin by itself: --rows lines' },
  {
    flags: '--rows <format>',
    help: 'each row by itself: lines, jsonl, csv or nul; results are JSON Lines',
    read: choice(...rowFormats),
  },
  { flags: '--input <file>', help: 'the rows (default: stdin)', read: text },
  { flags: '--field <name>', help: 'the field of a row that is its text (default: text)', read: text },
  { flags: '--id <name>', help: 'the field that is its id (default: the number of the row)', read: text },
  {
    flags: '-j, --concurrency <n>',
    help: 'requests at the same time (default: as many as the server bears)',
    read: integer(1, 1024),
  },
  { flags: '--unordered', help: 'results as they come, not in the order of the rows' },
  { flags: '--limit <n>', help: 'take so many rows and no more', read: integer(1) },
  { flags: '--max-failures <n>', help: 'give up when more rows fail', read: integer(0) },
  { flags: '--max-cost <dollars>', help: 'stop when it has cost more', read: number(0, 1e6) },
  { flags: '-o, --output <file>', help: 'results as JSON Lines; again goes on where it stopped', read: text },
  { flags: '--resume', help: 'go on with the file of -o (the default)' },
  { flags: '--force', help: 'begin the file of -o anew' },
  { flags: '--batch', help: "by the API's Batch service: half the price, within a day; needs -o" },
];

/** Flags that mean nothing without rows. */
const ROW_FLAGS: readonly (readonly [keyof BulkOptions, string])[] = [
  ['input', '--input'],
  ['field', '--field'],
  ['id', '--id'],
  ['unordered', '--unordered'],
  ['resume', '--resume'],
  ['limit', '--limit'],
  ['maxFailures', '--max-failures'],
  ['maxCost', '--max-cost'],
  ['batch', '--batch'],
];

/**
 * The rows that are asked for.
 * @returns undefined where there is one thing to do
 * @throws Failure (usage) where flags want rows, and there are none
 */
export function rowsOf(options: BulkOptions): RowFormat | undefined {
  const { rows, each } = options;
  if (each === true && rows !== undefined && rows !== 'lines') {
    throw usageError(`--each is --rows lines, and there is --rows ${rows} beside it`);
  }
  const format = rows ?? (each === true ? 'lines' : undefined);
  if (options.batch === true && format !== undefined) checkBatch(options);
  if (format !== undefined) return format;
  const stray = ROW_FLAGS.find(([name]) => options[name] !== undefined);
  if (stray !== undefined) throw usageError(`${stray[1]} is for rows`, 'add --rows lines, jsonl, csv or nul');
  return undefined;
}

/** A batch outlives the run: its results need a place. @throws Failure (usage) */
function checkBatch({ output, concurrency, maxCost, maxFailures, unordered }: BulkOptions): void {
  if (output === undefined || output === '-')
    throw usageError('--batch needs a file for its results', '-o results.jsonl');
  const stray = [
    concurrency !== undefined && '-j',
    maxCost !== undefined && '--max-cost',
    maxFailures !== undefined && '--max-failures',
    unordered === true && '--unordered',
  ].find((flag) => flag !== false);
  if (stray !== undefined) throw usageError(`${stray} does not go with --batch: a batch runs elsewhere`);
}
