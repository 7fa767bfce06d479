import {
  chmod,
  type FileHandle,
  lstat,
  open,
  readdir,
  readFile,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { ResultsFile } from '../../src/bulk/results-file.ts';
import { FakeClock } from '../support/context.ts';
import { temporaryFolder } from '../support/folder.ts';

const KEY = '00000000000a';

function line(row: number, fields: object = { result: `r${row}` }): string {
  return JSON.stringify({ id: row, key: KEY, ...fields });
}

const failed = (row: number) => line(row, { error: { message: 'no' } });

const appended = (row: number, isFailed = false) => ({
  row,
  text: isFailed ? failed(row) : line(row),
  key: KEY,
  isFailed,
});

async function fileOf(content: string | Buffer | undefined) {
  const folder = await temporaryFolder();
  const path = join(folder, 'out.jsonl');
  if (content !== undefined) await writeFile(path, content);
  return { folder, path, text: () => readFile(path, 'utf8') };
}

async function opened(path: string, { isOrdered = true, force = false } = {}): Promise<ResultsFile> {
  const file = await ResultsFile.open(path, 'out.jsonl', { clock: new FakeClock(), isOrdered, force });
  onTestFinished(() => file.close());
  return file;
}

afterEach(() => void vi.restoreAllMocks());

describe('a file of results', () => {
  it('is made, has whole lines appended, and is found again', async () => {
    const { path, folder, text } = await fileOf(undefined);
    const file = await opened(path);
    await file.append([appended(1), appended(2, true)]);
    await file.append([appended(3)]);
    await file.finish();
    expect(await text()).toBe(`${line(1)}\n${failed(2)}\n${line(3)}\n`);
    expect(await readdir(folder)).toEqual(['out.jsonl']);
    const again = await opened(path);
    expect(again.done).toBe(2);
    expect([1, 2, 3, 4].map((row) => again.find(row)?.isFailed)).toEqual([false, true, false, undefined]);
    expect(again.find(3)?.key).toBe(KEY);
    await again.close();
  });

  it.each<[string, string | Buffer, number]>([
    ['nothing', '', 0],
    ['a line that was cut', `${line(1)}\n{"id":2,"ke`, 1],
    ['a line that was cut in a character', Buffer.from(`${line(1)}\n{"id":2,"x":"é`).subarray(0, -1), 1],
    ['a line that lacks its end alone', `${line(1)}\n${line(2)}`, 1],
    ['the first line, cut', '{"id":1,"key":"00', 0],
    ['the first line, cut after a few bytes', '{"i', 0],
    ['the first line, which lacks its end alone', line(1), 0],
    ['zeros alone', Buffer.alloc(5000), 0],
    ['zeros in place of the last lines', `${line(1)}\n${'\0'.repeat(100)}`, 1],
    ['what is no JSON in the last line', `${line(1)}\nab\u001bc\n`, 1],
  ])('goes on after %s', async (_, content, kept) => {
    const { path, text } = await fileOf(content);
    const file = await opened(path);
    expect(file.done).toBe(kept);
    await file.append([appended(kept + 1)]);
    await file.finish();
    const lines = Array.from({ length: kept + 1 }, (_, index) => `${line(index + 1)}\n`);
    expect(await text()).toBe(lines.join(''));
  });

  it('loses no line that is beside zeros of a loss of power', async () => {
    const { path, text } = await fileOf(`${line(1)}\n\0\0\0${line(2).slice(5)}\n${line(3)}\n`);
    const file = await opened(path);
    expect([1, 2, 3].map((row) => file.find(row) !== undefined)).toEqual([true, false, true]);
    await file.append([appended(2)]);
    await file.finish();
    expect(await text()).toBe(`${line(1)}\n${line(2)}\n${line(3)}\n`);
  });

  it.each<[string, string | Buffer]>([
    ['words', 'my notes\n'],
    ['words without an end', 'my notes'],
    ['JSON', '{"name":"oai","version":"1"}'],
    ['JSON on several lines', '{\n  "id": 1\n}\n'],
    ['JSON that begins as ours does', '{"id":1}'],
    ['one line of other JSON Lines', '{"id":1}\n'],
    ['other JSON Lines', '{"id":1}\n{"id":2}\n'],
    ['rows without a number', '{"id":"a","key":"00000000000a","result":1}\n'],
    ['a row that no job has', `${line(1e12)}\n`],
    ['a row before the first', `${line(0)}\n`],
    ['a film', Buffer.from([0xff, 0xfb, ...Array(70_000).fill(7)])],
    ['zeros, and then words', Buffer.from('\0\0\0my notes\n')],
    ['an empty line', '\n'],
  ])('is not what has %s: it stays as it is', async (_, content) => {
    const { path } = await fileOf(content);
    await expect(opened(path)).rejects.toMatchObject({
      kind: 'usage',
      message: 'out.jsonl is there, and its line 1 is no result of a job',
    });
    expect(await readFile(path)).toEqual(Buffer.from(content));
  });

  it('is not what has another line in the middle', async () => {
    const content = `${line(1)}\nmy notes\n${line(2)}\n`;
    const { path, text } = await fileOf(content);
    await expect(opened(path)).rejects.toMatchObject({
      message: 'out.jsonl is there, and its line 2 is no result of a job',
    });
    expect(await text()).toBe(content);
  });

  it('begins anew where it is told to, whatever is there', async () => {
    const { path, text } = await fileOf('my notes');
    const file = await opened(path, { force: true });
    await file.append([appended(1)]);
    await file.finish();
    expect(await text()).toBe(`${line(1)}\n`);
  });

  it('is no folder', async () => {
    const path = await temporaryFolder();
    await expect(opened(path)).rejects.toMatchObject({
      kind: 'usage',
      message: 'cannot write out.jsonl: it is a directory',
    });
  });
});

describe('the order of the lines', () => {
  it.each([true, false])('is that of the rows in the end, where that is wanted: %s', async (isOrdered) => {
    const { path, text } = await fileOf(`${line(3)}\n`);
    const file = await opened(path, { isOrdered });
    await file.append([appended(1), appended(2)]);
    await file.finish();
    const rows = isOrdered ? [1, 2, 3] : [3, 1, 2];
    expect(await text()).toBe(rows.map((row) => `${line(row)}\n`).join(''));
  });

  it.each([true, false])('has the last of a row that failed before alone; ordered: %s', async (isOrdered) => {
    const { path, folder, text } = await fileOf(`${failed(1)}\n${line(2)}\n`);
    const file = await opened(path, { isOrdered });
    await file.append([appended(1)]);
    await file.finish();
    expect(await text()).toBe(`${line(1)}\n${line(2)}\n`);
    expect(await readdir(folder)).toEqual(['out.jsonl']);
  });

  it('is left to a later run where this one does not come to its end', async () => {
    const content = `${failed(1)}\n${line(2)}\n`;
    const { path, text } = await fileOf(content);
    const file = await opened(path);
    await file.append([appended(1)]);
    await file.close();
    expect(await text()).toBe(`${content}${line(1)}\n`);
    await (await opened(path)).finish();
    expect(await text()).toBe(`${line(1)}\n${line(2)}\n`);
  });

  it('is made in a file that stays as private, and behind the same link', async () => {
    const { path, folder } = await fileOf(`${line(2)}\n${line(1)}\n`);
    await chmod(path, 0o600);
    const link = join(folder, 'link.jsonl');
    await symlink('out.jsonl', link);
    await (await opened(link)).finish();
    expect(await readFile(path, 'utf8')).toBe(`${line(1)}\n${line(2)}\n`);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect((await lstat(link)).isSymbolicLink()).toBe(true);
    expect((await readdir(folder)).sort()).toEqual(['link.jsonl', 'out.jsonl']);
  });

  it('of many rows is made in a moment, and in little memory', async () => {
    const count = 100_000;
    const rows = Array.from({ length: count }, (_, index) => count - index);
    const { path } = await fileOf(`${rows.map((row) => line(row)).join('\n')}\n${line(1)}\n`);
    const before = process.memoryUsage().arrayBuffers;
    const file = await opened(path);
    expect(file.done).toBe(count);
    await file.finish();
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(100_000_000);
    const lines = (await readFile(path, 'utf8')).split('\n');
    expect([lines.length, lines[0], lines.at(-2)]).toEqual([count + 1, line(1), line(count)]);
  }, 60_000);
});

/** The methods that all open files share: those of `FileHandle`, whose class Node gives to nobody. */
async function handleMethods(path: string): Promise<FileHandle> {
  const handle = await open(path, 'a');
  const methods: FileHandle = Object.getPrototypeOf(handle);
  await handle.close();
  return methods;
}

describe('a full disk', () => {
  const full = () => Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });

  it('leaves whole lines', async () => {
    const { path, text } = await fileOf(`${line(1)}\n`);
    const methods = await handleMethods(path);
    const file = await opened(path);
    const { write } = methods;
    let calls = 0;
    vi.spyOn(methods, 'write').mockImplementation(function (this: FileHandle, ...values: unknown[]) {
      calls += 1;
      // Half of it fits.
      if (calls > 1) return Promise.reject(full());
      return Reflect.apply(write, this, [values[0], values[1], 10, null]);
    });
    await expect(file.append([appended(2)])).rejects.toMatchObject({
      kind: 'incomplete',
      message: `cannot write ${path}: no space left on the device`,
    });
    vi.restoreAllMocks();
    expect(await text()).toBe(`${line(1)}\n`);
    expect(file.find(2)).toBeUndefined();
    await file.append([appended(2)]);
    await file.close();
    expect(await text()).toBe(`${line(1)}\n${line(2)}\n`);
  });

  it('leaves the lines as they are where there is no room to put them in order', async () => {
    const content = `${line(2)}\n${line(1)}\n`;
    const { path, folder, text } = await fileOf(content);
    const methods = await handleMethods(path);
    const file = await opened(path);
    vi.spyOn(methods, 'write').mockImplementation(() => Promise.reject(full()));
    await expect(file.finish()).rejects.toMatchObject({
      kind: 'incomplete',
      message: `cannot put ${path} in order: no space left on the device`,
      hint: 'it has all results, and the same command does that',
    });
    expect(await text()).toBe(content);
    expect(await readdir(folder)).toEqual(['out.jsonl']);
  });
});
