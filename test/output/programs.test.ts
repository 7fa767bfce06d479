import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { whereIs } from '../../src/output/programs.ts';
import { temporaryFolder } from '../support/folder.ts';

/** A folder with these files, which may be run, or not. */
async function folderWith(files: Readonly<Record<string, 'program' | 'text'>>): Promise<string> {
  const folder = await temporaryFolder();
  for (const [name, kind] of Object.entries(files)) {
    await writeFile(join(folder, name), '');
    await chmod(join(folder, name), kind === 'program' ? 0o755 : 0o644);
  }
  return folder;
}

describe('a program', () => {
  it('is the first in PATH that may be run', async () => {
    const none = await folderWith({ other: 'program' });
    const text = await folderWith({ ffmpeg: 'text' });
    const first = await folderWith({ ffmpeg: 'program' });
    const second = await folderWith({ ffmpeg: 'program' });
    const PATH = [none, '/no/such/folder', '', text, first, second].join(delimiter);
    expect(await whereIs('ffmpeg', { PATH })).toBe(join(first, 'ffmpeg'));
  });

  it('is no folder', async () => {
    const folder = await temporaryFolder();
    await mkdir(join(folder, 'ffmpeg'));
    expect(await whereIs('ffmpeg', { PATH: folder })).toBeUndefined();
  });

  it.each([{}, { PATH: '' }, { PATH: '/no/such/folder' }])('may not be there: %j', async (env) => {
    expect(await whereIs('ffmpeg', env)).toBeUndefined();
  });
});
