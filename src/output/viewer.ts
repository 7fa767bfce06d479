import type { ChildProcess } from 'node:child_process';
import type { Context } from '../context.ts';
import { errno, reasonOf } from '../errors.ts';
import { warn } from './messages.ts';

/** How long a program that finds no viewer may take to say so, in ms. One that has found one may stay for good. */
const NOTICE_MS = 500;

/** Starts the program that opens files. @throws Error where there is none */
export type Open = (path: string) => Promise<ChildProcess>;

/** The system's own: `xdg-open`, `open`, or PowerShell's `Start`. */
const systemOpen: Open = async (path) => {
  const { default: open } = await import('open');
  return open(path);
};

/**
 * Opens a file in the system's viewer, and does not wait for that. Where nothing opens it, one line on stderr says so.
 * @param path absolute
 */
export async function openInViewer(path: string, context: Context, open: Open = systemOpen): Promise<void> {
  const reason = await startProgram(path, context, open);
  if (reason !== undefined)
    warn(context, `cannot open ${path} in a viewer (${reason}); it is saved: open it by hand`);
}

/** @returns why nothing opens the file, as far as can be told at once */
async function startProgram(path: string, context: Context, open: Open): Promise<string | undefined> {
  try {
    return await earlyFailure(await open(path), context);
  } catch (error) {
    return errno(error) === 'ENOENT' ? 'there is no program for it' : reasonOf(error);
  }
}

function earlyFailure(program: ChildProcess, { clock }: Context): Promise<string | undefined> {
  return new Promise((resolve) => {
    const finish = (reason: string | undefined) => {
      timer.cancel();
      resolve(reason);
    };
    const timer = clock.timer(NOTICE_MS, () => finish(undefined));
    const ended = (code: number | null) =>
      finish(code === 0 ? undefined : `the program for it failed${code === null ? '' : ` with ${code}`}`);
    // It may have ended before it was listened to.
    if (program.exitCode !== null) ended(program.exitCode);
    else program.once('exit', ended);
    program.once('error', (error) => finish(reasonOf(error)));
  });
}
