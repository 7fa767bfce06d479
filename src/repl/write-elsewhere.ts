import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Context } from '../context.ts';
import { reasonOf, usageError } from '../errors.ts';
import { decodeUtf8 } from '../input/text.ts';
import { temporaryFolder } from '../output/temporary.ts';
import { variable } from '../settings/paths.ts';

/**
 * Lets the person write in `$VISUAL`, `$EDITOR` or vi.
 * @param text what is there already
 * @returns what is there afterwards
 * @throws Failure (usage) where the editor cannot be started or fails: nothing of what it did counts then
 */
export async function writeElsewhere(text: string, context: Context): Promise<string> {
  const editor = variable(context, 'VISUAL') ?? variable(context, 'EDITOR') ?? 'vi';
  const folder = await temporaryFolder();
  try {
    const path = join(folder.path, 'question.md');
    await writeFile(path, text === '' ? '' : `${text}\n`, { mode: 0o600 });
    await run(editor, path, context);
    return decodeUtf8(await readFile(path), `what ${editor} wrote`);
  } finally {
    await folder.dispose();
  }
}

/** The setting may have flags of its own, as in `code --wait`: a shell reads it, as git lets one do. */
async function run(editor: string, path: string, { env, cwd, signal }: Context): Promise<void> {
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
        if (code === 0) resolve();
        else reject(usageError(`${editor} failed (${by ?? `exit code ${code}`}): nothing is changed`));
      });
    });
  } finally {
    closeSync(terminal);
  }
}
