import { readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { lockFile } from '../../src/output/lock.ts';
import { FakeClock, fakeContext } from '../support/context.ts';
import { temporaryFolder } from '../support/folder.ts';

async function place() {
  const folder = await temporaryFolder();
  return { folder, path: join(folder, 'out.jsonl'), lock: join(folder, 'out.jsonl.lock') };
}

describe('the lock of a file', () => {
  it('is there while one writes, with the number of its process', async () => {
    const { folder, path, lock } = await place();
    const unlock = await lockFile(path, 'out.jsonl', fakeContext());
    expect(await readFile(lock, 'utf8')).toBe('1234\n');
    expect(await readdir(folder)).toEqual(['out.jsonl.lock']);
    await unlock();
    await unlock();
    expect(await readdir(folder)).toEqual([]);
  });

  it('keeps another run away', async () => {
    const { path, lock } = await place();
    await writeFile(lock, '77\n');
    await expect(lockFile(path, 'out.jsonl', fakeContext({ running: [77] }))).rejects.toMatchObject({
      kind: 'usage',
      message: 'another run is writing out.jsonl',
      hint: `if none is, delete ${lock}`,
    });
    expect(await readFile(lock, 'utf8')).toBe('77\n');
  });

  it.each([
    ['that was killed', '77\n', []],
    ['of our own number, as in a container', '1234\n', [1234]],
  ])('of a run %s is no obstacle', async (_, text, running) => {
    const { folder, path, lock } = await place();
    await writeFile(lock, text);
    await lockFile(path, 'out.jsonl', fakeContext({ running }));
    expect(await readFile(lock, 'utf8')).toBe('1234\n');
    expect(await readdir(folder)).toEqual(['out.jsonl.lock']);
  });

  it('of a run that was killed in making it leaves nothing behind', async () => {
    const { folder, path, lock } = await place();
    await writeFile(lock, '77\n');
    await writeFile(`${lock}.77`, '77\n');
    const unlock = await lockFile(path, 'out.jsonl', fakeContext());
    await unlock();
    expect(await readdir(folder)).toEqual([]);
  });

  it('without a number may be one that is just being made, unless it is old', async () => {
    const { path, lock } = await place();
    const clock = new FakeClock();
    const made = new Date(clock.now());
    await writeFile(lock, '');
    await utimes(lock, made, made);
    await expect(lockFile(path, 'out.jsonl', fakeContext({ clock }))).rejects.toMatchObject({
      kind: 'usage',
    });
    clock.advance(60_000);
    await lockFile(path, 'out.jsonl', fakeContext({ clock }));
    expect(await readFile(lock, 'utf8')).toBe('1234\n');
  });

  it('is had by one of many that find an old one at the same time', async () => {
    const { folder, path, lock } = await place();
    await writeFile(lock, '77\n');
    const pids = [1, 2, 3, 4, 5, 6, 7, 8];
    const tries = pids.map((pid) => lockFile(path, 'out.jsonl', { ...fakeContext({ running: pids }), pid }));
    const had = (await Promise.allSettled(tries)).filter(({ status }) => status === 'fulfilled');
    expect(had.length).toBe(1);
    expect(await readdir(folder)).toEqual(['out.jsonl.lock']);
  });

  it('may have been looked at by a run that was killed in that', async () => {
    const { folder, path, lock } = await place();
    const clock = new FakeClock();
    const made = new Date(clock.now());
    await writeFile(lock, '77\n');
    await writeFile(`${lock}.guard`, '');
    await utimes(`${lock}.guard`, made, made);
    await expect(lockFile(path, 'out.jsonl', fakeContext({ clock }))).rejects.toMatchObject({
      code: 'locked',
    });
    clock.advance(60_000);
    const unlock = await lockFile(path, 'out.jsonl', fakeContext({ clock }));
    await unlock();
    expect(await readdir(folder)).toEqual([]);
  });

  it('is not had where there is no place for it', async () => {
    const { folder } = await place();
    await expect(lockFile(join(folder, 'no', 'x'), 'no/x', fakeContext())).rejects.toMatchObject({
      kind: 'usage',
      message: 'cannot write no/x: no such file',
    });
  });
});
