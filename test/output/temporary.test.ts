import { mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { disposeAll, temporaryFolder } from '../../src/output/temporary.ts';
import { temporaryFolder as testFolder } from '../support/folder.ts';

let place = '';

beforeEach(async () => {
  place = await testFolder();
  vi.stubEnv('TMPDIR', place);
});

afterEach(() => void vi.unstubAllEnvs());

describe('a temporary folder', () => {
  it('is of this user alone, and gone when it is disposed of, with all in it', async () => {
    const folder = await temporaryFolder();
    expect((await stat(folder.path)).mode & 0o777).toBe(0o700);
    await writeFile(join(folder.path, 'x'), 'y');
    await folder.dispose();
    await folder.dispose();
    expect(await readdir(place)).toEqual([]);
  });

  it('is gone at the end of the process at the latest; the others stay as they are', async () => {
    const [first, second] = [await temporaryFolder(), await temporaryFolder()];
    await mkdir(join(second.path, 'a', 'b'), { recursive: true });
    await mkdir(join(place, 'oai-other'));
    await first.dispose();
    await mkdir(first.path);
    disposeAll();
    expect((await readdir(place)).map((name) => join(place, name)).sort()).toEqual(
      [first.path, join(place, 'oai-other')].sort(),
    );
    disposeAll();
  });

  it('that there is no place for is told of', async () => {
    vi.stubEnv('TMPDIR', join(place, 'gone'));
    await expect(temporaryFolder()).rejects.toMatchObject({
      kind: 'usage',
      message: `cannot make a temporary folder in ${join(place, 'gone')}: no such file`,
    });
  });
});
