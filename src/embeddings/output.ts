import type { Context } from '../context.ts';
import { usageError } from '../errors.ts';
import { findTarget, type Target } from '../output/target.ts';
import { inertText } from '../output/terminal.ts';
import type { DenseFormat } from './vector-sink.ts';

/**
 * Where vectors go.
 * @param output as it was typed; undefined is stdout
 * @throws Failure (usage) for bytes on a terminal, and where a file cannot be written
 */
export async function vectorTarget(
  format: DenseFormat,
  { output, force = false }: { readonly output?: string | undefined; readonly force?: boolean | undefined },
  context: Context,
): Promise<Pick<Target, 'save' | 'isStdout'>> {
  const isText = format === 'csv' || format === 'json';
  if (isText && (output === undefined || output === '-'))
    return { isStdout: true, save: textToStdout(context) };
  const example = `vectors.${format}`;
  return findTarget(
    { output: output ?? '-', force, count: 1, subject: 'vectors', thing: 'a vector', example },
    context,
  );
}

function textToStdout({ stdout }: Context): Target['save'] {
  return async (_, { data }) => {
    for await (const piece of typeof data === 'string' || data instanceof Uint8Array ? [data] : data) {
      await stdout.write(stdout.isTTY && typeof piece === 'string' ? inertText(piece) : piece);
    }
    return '-';
  };
}

/** Prints the path of a file that was made. */
export async function tellPath(path: string, { stdout }: Context): Promise<void> {
  if (path !== '-') await stdout.write(`${stdout.isTTY ? inertText(path) : path}\n`);
}

/** @throws Failure (usage): the header of a file has to tell how many there are */
export function refusePipe(format: DenseFormat, target: Pick<Target, 'isStdout'>): void {
  if (format === 'npy' && target.isStdout) {
    throw usageError('-f npy of rows needs a file: its header tells how many there are', '-o vectors.npy');
  }
}
