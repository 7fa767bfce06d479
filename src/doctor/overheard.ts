import { type Context, contextWith, type OutputStream } from '../context.ts';

/** Warnings as what is wrong, and what to do about it: they are said as `WRONG; WAY OUT`. */
export interface Overheard {
  readonly message: string;
  readonly advice: string | undefined;
}

/**
 * Does something and hears what it would have warned of.
 * @param work given a context on which nothing is said
 * @returns what came of it, and the warnings
 */
export async function overhearing<T>(
  context: Context,
  work: (context: Context) => Promise<T>,
): Promise<{ readonly result: T; readonly warnings: readonly Overheard[] }> {
  const lines: string[] = [];
  const stderr: OutputStream = {
    isTTY: false,
    color: false,
    columns: 80,
    write: (data) => void lines.push(String(data)),
    flush: () => Promise.resolve(),
  };
  const apart = contextWith(context, { stderr, verbosity: 'normal', statusLine: undefined });
  const result = await work(apart);
  return { result, warnings: lines.map(overheard) };
}

function overheard(line: string): Overheard {
  const [, message = '', advice] = /^oai: (.*?)(?:; ([^;]*))?$/s.exec(line.trimEnd()) ?? [];
  return { message, advice };
}
