import { resolve } from 'node:path';
import type { Context } from '../context.ts';
import { usageError } from '../errors.ts';
import type { Row } from '../input/rows/row.ts';
import type { JsonObject } from '../json.ts';
import { lockFile } from '../output/lock.ts';
import { warn } from '../output/messages.ts';
import { inertText } from '../output/terminal.ts';
import { ResultsFile } from './results-file.ts';

/** The line of a row in the output. */
export interface ResultLine {
  /** Of the row in the input, from 1 on. */
  readonly row: number;
  /** Null where it could not be read. */
  readonly id: string | number | null;
  /** A hash of the row and of what was asked. */
  readonly key: string;
  readonly result?: unknown;
  readonly error?: JsonObject;
  readonly usage?: JsonObject;
}

/** Where results go. */
export interface Sink {
  /**
   * Whether a row has its result already.
   * @param orFailed a row that failed counts, too
   * @throws Failure (usage) where it is that of another job
   */
  isDone(row: Row, key: string, orFailed?: boolean): boolean;
  /** Nobody asks it for the keys of rows, which take longer to make than all else here. */
  readonly isKeyless?: boolean;
  /** Writes lines, whole. @throws Failure (incomplete) on a full disk */
  write(lines: readonly ResultLine[]): Promise<void>;
  /** How many rows it has after the last of the input. */
  rowsAfter?(row: number): number;
  /** What the user can do where a part is missing. */
  readonly goesOn: string | undefined;
  /** @param isComplete the job came to its end */
  close(isComplete: boolean): Promise<void>;
}

/** An input that has become shorter leaves results behind, which nobody may expect. @param lastRow of the input */
export function noteRest(sink: Sink, lastRow: number, context: Context): void {
  const rest = sink.rowsAfter?.(lastRow) ?? 0;
  if (rest === 0) return;
  warn(context, `the results have ${rest} ${rest === 1 ? 'row' : 'rows'} more than the input`);
}

/** Results on stdout. */
export function stdoutSink({ stdout }: Context): Sink {
  return {
    isDone: () => false,
    goesOn: undefined,
    async write(lines) {
      const text = lines.map((line) => `${textOf(line)}\n`).join('');
      await stdout.write(stdout.isTTY ? inertText(text) : text);
    },
    async close() {},
  };
}

/** The number of the row is its id, unless that is the user's own. */
function textOf({ row, id, ...rest }: ResultLine): string {
  return JSON.stringify(id === row ? { id, ...rest } : { id, row, ...rest });
}

/**
 * Results in a file of JSON Lines, which a later run of the same job goes on with.
 * @param output as it was typed
 * @throws Failure (usage) where it cannot be written, holds something else, or another run writes it
 */
export async function fileSink(
  output: string,
  { isOrdered, force }: { readonly isOrdered: boolean; readonly force: boolean },
  context: Context,
): Promise<Sink> {
  const path = resolve(context.cwd, output);
  const unlock = await lockFile(path, output, context);
  try {
    const file = await ResultsFile.open(path, output, { clock: context.clock, isOrdered, force });
    return {
      goesOn: 'the same command does what is missing',
      rowsAfter: (row) => file.rowsAfter(row),
      isDone({ row, line }, key, orFailed = false) {
        const known = file.find(row);
        // A row that failed may have been mended since: it is another one then.
        if (known === undefined || known.isFailed) return known !== undefined && orFailed;
        if (known.key !== key) {
          throw usageError(
            `${output} holds the results of another job: that of line ${line} was asked for something else`,
            'another name, or --force to begin anew',
          );
        }
        return true;
      },
      write: (lines) =>
        file.append(
          lines.map((line) => ({
            row: line.row,
            text: textOf(line),
            key: line.key,
            isFailed: line.error !== undefined,
          })),
        ),
      async close(isComplete) {
        try {
          await (isComplete ? file.finish() : file.close());
        } finally {
          await unlock();
        }
        const { stdout } = context;
        if (isComplete) await stdout.write(`${stdout.isTTY ? inertText(output) : output}\n`);
      },
    };
  } catch (error) {
    await unlock();
    throw error;
  }
}
