import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import type { Context } from '../context.ts';
import { reasonOf, usageError } from '../errors.ts';

/** The user's editor, as a line for a shell. */
function editorLine({ env }: Pick<Context, 'env'>): string {
  const lines = [env['VISUAL'], env['EDITOR']];
  return lines.find((line) => line !== undefined && line.trim() !== '') ?? 'vi';
}

/** @throws Failure (usage) where there is no terminal to edit a file on */
export function requireEditor(path: string, { stdin }: Pick<Context, 'stdin'>): void {
  if (stdin.kind === 'terminal') return;
  throw usageError('an editor needs a terminal, and here is none', `the file is ${path}`);
}

/**
 * Opens a file in `$VISUAL`, `$EDITOR` or vi, on the terminal itself, and waits until that has ended. The setting may
 * have flags of its own, as in `code --wait`: a shell reads it, as Git lets one do.
 * @param path absolute
 * @param consequence what a failure means: `nothing is changed`
 * @throws Failure (usage) where the editor cannot be started, or fails
 */
export async function editFile(path: string, context: Context, consequence?: string): Promise<void> {
  const { env, cwd, signal } = context;
  const editor = editorLine(context);
  const terminal = openSync('/dev/tty', 'r+');
  try {
    await new Promise<void>((resolve, reject) => {
      const child = spawn('sh', ['-c', `${editor} "$@"`, editor, path], {
        env,
        cwd,
        stdio: [terminal, terminal, terminal],
      });
      signal.addEventListener('abort', () => child.kill(), { once: true });
      child.once('error', (error) => reject(usageError(`cannot start ${editor}: ${reasonOf(error)}`)));
      child.once('exit', (code, by) => {
        if (code === 0) return resolve();
        const how = `${editor} failed (${by ?? `exit code ${code}`})`;
        reject(usageError(consequence === undefined ? how : `${how}: ${consequence}`));
      });
    });
  } finally {
    closeSync(terminal);
  }
}
