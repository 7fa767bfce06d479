import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Context } from '../context.ts';
import { editFile } from '../input/editor.ts';
import { decodeUtf8 } from '../input/text.ts';
import { temporaryFolder } from '../output/temporary.ts';

/**
 * Lets the person write in `$VISUAL`, `$EDITOR` or vi.
 * @param text what is there already
 * @returns what is there afterwards
 * @throws Failure (usage) where the editor cannot be started or fails: nothing of what it did counts then
 */
export async function writeElsewhere(text: string, context: Context): Promise<string> {
  const folder = await temporaryFolder();
  try {
    const path = join(folder.path, 'question.md');
    await writeFile(path, text === '' ? '' : `${text}\n`, { mode: 0o600 });
    await editFile(path, context, 'nothing is changed');
    return decodeUtf8(await readFile(path), 'what the editor wrote');
  } finally {
    await folder.dispose();
  }
}
