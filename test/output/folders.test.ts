import { existsSync } from 'node:fs';
import { mkdir, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeFolders, makeFoldersAtOnce } from '../../src/output/folders.ts';
import { temporaryFolder } from '../support/folder.ts';

describe.each<[string, typeof makeFolders]>([
  ['in the background', makeFolders],
  ['at once', async (path, mode) => makeFoldersAtOnce(path, mode)],
])('making folders %s', (_, make) => {
  it('makes what is missing, as private as asked for', async () => {
    const folder = await temporaryFolder();
    await make(join(folder, 'a/b/c'), 0o700);
    for (const path of ['a', 'a/b', 'a/b/c']) {
      expect((await stat(join(folder, path))).mode & 0o777).toBe(0o700);
    }
  });

  it('is content with what is there, and with another who makes the same', async () => {
    const folder = await temporaryFolder();
    await mkdir(join(folder, 'a'), { mode: 0o755 });
    await Promise.all([1, 2, 3].map(() => make(join(folder, 'a/b'), 0o700)));
    expect((await stat(join(folder, 'a'))).mode & 0o777).toBe(0o755);
  });

  it.each(['file', 'file/below', 'dangling'])('fails where something else has the name: %s', async (path) => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'file'), '');
    await symlink('nothing', join(folder, 'dangling'));
    await expect(make(join(folder, path), 0o700)).rejects.toMatchObject({ code: 'ENOTDIR' });
  });

  it.skipIf(!existsSync('/proc/self'))('fails where the system will not have any', async () => {
    await expect(make('/proc/oai-test/a', 0o700)).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
