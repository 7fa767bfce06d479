import { spawn } from 'node:child_process';
import type { Context } from '../context.ts';
import { type Failure, reasonOf, usageError } from '../errors.ts';

/** The user's editor, as a line for a shell. */
function editorLine({ env }: Pick<Context, 'env'>): string | undefined {
  return [env['VISUAL'], env['EDITOR']].find((line) => line !== undefined && line.trim() !== '');
}

/** Whether there is somebody to edit: an editor has the whole terminal. */
function canEdit({ stdin, stdout }: Pick<Context, 'stdin' | 'stdout'>): boolean {
  return stdin.kind === 'terminal' && stdout.isTTY;
}

/**
 * Says whether a file could be edited here.
 * @param path absolute, for the way out
 * @throws Failure (usage) where there is no terminal, or no editor is known
 */
export function requireEditor(path: string, context: Context): string {
  const editor = editorLine(context);
  if (!canEdit(context)) {
    throw usageError('an editor needs a terminal, and here is none', `the file is ${path}`);
  }
  if (editor === undefined) {
    throw usageError('no editor is set', `export EDITOR=nano, for one; the file is ${path}`);
  }
  return editor;
}

/**
 * Opens a file in the user's editor (`$VISUAL`, else `$EDITOR`: a program with its arguments, as Git has it) and waits
 * until that has ended.
 * @param path absolute
 * @throws Failure (usage) where it cannot be opened, or the editor fails; the signal's reason when that aborts
 */
export async function editFile(path: string, context: Context): Promise<void> {
  const editor = requireEditor(path, context);
  const code = await new Promise<number | string | null>((done, failed) => {
    const child = spawn('/bin/sh', ['-c', `${editor} "$1"`, 'oai', path], {
      cwd: context.cwd,
      env: context.env,
      stdio: 'inherit',
    });
    child.once('error', (error) => failed(cannotOpen(editor, reasonOf(error))));
    child.once('exit', (exitCode, signal) => done(exitCode ?? signal));
  });
  context.signal.throwIfAborted();
  if (code !== 0)
    throw cannotOpen(editor, typeof code === 'number' ? `exit code ${code}` : `ended by ${code}`);
}

function cannotOpen(editor: string, reason: string): Failure {
  return usageError(`the editor ${editor} failed: ${reason}`, 'VISUAL and EDITOR say which it is');
}
