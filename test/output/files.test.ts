import { execFileSync } from 'node:child_process';
import { constants } from 'node:fs';
import {
  chmod,
  lstat,
  mkdir,
  open,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Failure, Stopped } from '../../src/errors.ts';
import { writeFileAtomic, writeNewFile } from '../../src/output/files.ts';
import type { FileData } from '../../src/output/part-file.ts';
import { checkWritable } from '../../src/output/writable.ts';
import { temporaryFolder } from '../support/folder.ts';

async function* pieces(...list: (string | Error | (() => void))[]): AsyncGenerator<string> {
  for (const piece of list) {
    if (piece instanceof Error) throw piece;
    if (typeof piece === 'string') yield piece;
    else piece();
  }
}

async function mode(path: string): Promise<number> {
  return (await stat(path)).mode & 0o777;
}

describe('a file', () => {
  it.each(['write', 'new'])('is not begun before there is something to write: %s', async (how) => {
    const folder = await temporaryFolder();
    const path = join(folder, 'out');
    const seen: string[][] = [];
    const look = async () => void seen.push(await readdir(folder));
    const data = (async function* () {
      await look();
      yield 'a';
      await look();
      yield 'b';
    })();
    await (how === 'new' ? writeNewFile([path], data) : writeFileAtomic(path, data));
    expect(seen).toEqual([[], ['out.part']]);
    expect(await readFile(path, 'utf8')).toBe('ab');
  });

  it('that cannot be begun takes no more of its data', async () => {
    const folder = await temporaryFolder();
    let ended = false;
    const data = (async function* () {
      try {
        await rm(folder, { recursive: true });
        yield 'a';
        yield 'b';
      } finally {
        ended = true;
      }
    })();
    await expect(writeFileAtomic(join(folder, 'out'), data)).rejects.toMatchObject({ kind: 'usage' });
    expect(ended).toBe(true);
  });

  it.each<[string, string | Uint8Array | AsyncIterable<string>, string]>([
    ['text', 'héllo', 'héllo'],
    ['bytes', Buffer.from('bytes'), 'bytes'],
    ['pieces', pieces('a', 'b', 'c'), 'abc'],
    ['nothing', '', ''],
    ['no pieces', pieces(), ''],
  ])('of %s is whole, with nothing beside it', async (_, data, text) => {
    const folder = await temporaryFolder();
    await writeFileAtomic(join(folder, 'out'), data);
    expect(await readFile(join(folder, 'out'), 'utf8')).toBe(text);
    expect(await readdir(folder)).toEqual(['out']);
  });

  it('has not its name before it is whole', async () => {
    const folder = await temporaryFolder();
    const seen: string[][] = [];
    async function* watched() {
      yield 'first';
      seen.push(await readdir(folder));
      yield 'last';
    }
    await writeFileAtomic(join(folder, 'out.mp3'), watched());
    expect(seen).toEqual([['out.mp3.part']]);
  });

  it('is as private as asked for', async () => {
    const folder = await temporaryFolder();
    await writeFileAtomic(join(folder, 'out'), 'x', { mode: 0o600 });
    expect(await mode(join(folder, 'out'))).toBe(0o600);
  });
});

describe('a file that exists', () => {
  it('is kept', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'out'), 'old');
    await expect(writeFileAtomic(join(folder, 'out'), 'new')).rejects.toMatchObject({
      kind: 'usage',
      message: `${join(folder, 'out')} exists`,
      hint: '--force replaces it',
    });
    expect(await readFile(join(folder, 'out'), 'utf8')).toBe('old');
    expect(await readdir(folder)).toEqual(['out']);
  });

  it('is kept even if it came while ours was written', async () => {
    const folder = await temporaryFolder();
    const path = join(folder, 'out');
    async function* slow() {
      yield 'ours';
      await writeFile(path, 'theirs');
    }
    await expect(writeFileAtomic(path, slow())).rejects.toMatchObject({
      kind: 'usage',
      message: `${path} exists`,
      hint: `what was made is in ${path}.part; --force replaces it`,
    });
    expect(await readFile(path, 'utf8')).toBe('theirs');
    expect(await readFile(`${path}.part`, 'utf8')).toBe('ours');
  });

  it.each([
    ['a folder', (path: string) => mkdir(path)],
    ['a pipe', (path: string) => void execFileSync('mkfifo', [path])],
    ['a link', (path: string) => symlink('elsewhere', path)],
  ])('is not replaced, even by force, when %s came while ours was written', async (_, come) => {
    const folder = await temporaryFolder();
    const path = join(folder, 'out');
    await writeFile(path, 'old');
    async function* slow() {
      yield 'ours';
      await rm(path);
      await come(path);
    }
    await expect(writeFileAtomic(path, slow(), { force: true })).rejects.toMatchObject({
      kind: 'usage',
      message: `${path} exists`,
      hint: expect.stringContaining(`what was made is in ${path}.part`),
    });
    expect((await lstat(path)).isFile()).toBe(false);
    expect(await readFile(`${path}.part`, 'utf8')).toBe('ours');
  });

  it('that cannot get its name says where it is', async () => {
    const folder = await temporaryFolder();
    const path = join(folder, 'out');
    async function* slow() {
      yield 'ours';
      await rename(`${path}.part`, join(folder, 'moved'));
    }
    await expect(writeFileAtomic(path, slow())).rejects.toMatchObject({
      kind: 'usage',
      message: `cannot write ${path}: no file can be made there`,
      hint: `what was made is in ${path}.part`,
    });
    expect(await readdir(folder)).toEqual(['moved']);
  });

  it('is replaced by force and keeps its mode', async () => {
    const folder = await temporaryFolder();
    const path = join(folder, 'out');
    await writeFile(path, 'old');
    await chmod(path, 0o640);
    await writeFileAtomic(path, 'new', { force: true });
    expect(await readFile(path, 'utf8')).toBe('new');
    expect(await mode(path)).toBe(0o640);
  });

  it('is replaced by force with the mode that is asked for', async () => {
    const folder = await temporaryFolder();
    const path = join(folder, 'out');
    await writeFile(path, 'old');
    await chmod(path, 0o644);
    await writeFileAtomic(path, 'new', { force: true, mode: 0o600 });
    expect(await mode(path)).toBe(0o600);
  });

  it('is not harmed by force when the data ends early', async () => {
    const folder = await temporaryFolder();
    const path = join(folder, 'out');
    await writeFile(path, 'old');
    await expect(
      writeFileAtomic(path, pieces('ne', new Failure('network', 'cut')), { force: true }),
    ).rejects.toThrow();
    expect(await readFile(path, 'utf8')).toBe('old');
  });
});

describe('a link', () => {
  it('is followed', async () => {
    const folder = await temporaryFolder();
    await mkdir(join(folder, 'real'));
    await writeFile(join(folder, 'real/file'), 'old');
    await symlink('real/file', join(folder, 'link'));
    await writeFileAtomic(join(folder, 'link'), 'new', { force: true });
    expect(await readlink(join(folder, 'link'))).toBe('real/file');
    expect(await readFile(join(folder, 'real/file'), 'utf8')).toBe('new');
  });

  it('that leads to nothing yet is followed', async () => {
    const folder = await temporaryFolder();
    await mkdir(join(folder, 'real'));
    await symlink('real/file', join(folder, 'link'));
    await writeFileAtomic(join(folder, 'link'), 'new');
    expect((await lstat(join(folder, 'link'))).isSymbolicLink()).toBe(true);
    expect(await readFile(join(folder, 'real/file'), 'utf8')).toBe('new');
  });

  it('that leads in a circle is refused', async () => {
    const folder = await temporaryFolder();
    await symlink('a', join(folder, 'a'));
    await expect(writeFileAtomic(join(folder, 'a'), 'x')).rejects.toMatchObject({
      kind: 'usage',
      message: `cannot write ${join(folder, 'a')}: too many symbolic links`,
    });
  });
});

describe('a place that cannot be written', () => {
  it.each([
    ['a folder', '.', /is a directory$/],
    ['in no folder', 'no/out', /: there is no directory .*\/no$/],
    ['below a file', 'file/out', /: a part of the path is not a directory$/],
    ['with a name too long', 'x'.repeat(300), /: the name is too long$/],
  ])('is named: %s', async (_, path, message) => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'file'), '');
    await expect(writeFileAtomic(join(folder, path), 'x')).rejects.toMatchObject({
      kind: 'usage',
      message: expect.stringMatching(message),
    });
  });

  it.each([true, false])('unless it is a pipe, which takes what comes; --force: %s', async (force) => {
    const folder = await temporaryFolder();
    const path = join(folder, 'pipe');
    execFileSync('mkfifo', [path]);
    await symlink('pipe', join(folder, 'link'));
    const reader = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    onTestFinished(() => reader.close());
    await writeFileAtomic(path, pieces('a', 'b'), { force });
    expect((await reader.read({ buffer: Buffer.alloc(9) })).bytesRead).toBe(2);
    await writeFileAtomic(join(folder, 'link'), 'c', { force });
    expect((await reader.read({ buffer: Buffer.alloc(9) })).bytesRead).toBe(1);
    expect((await lstat(path)).isFIFO()).toBe(true);
    expect((await readdir(folder)).sort()).toEqual(['link', 'pipe']);
  });

  it('unless it is an open pipe by its number, as `>(…)` gives', async () => {
    const folder = await temporaryFolder();
    execFileSync('mkfifo', [join(folder, 'pipe')]);
    const handle = await open(join(folder, 'pipe'), constants.O_RDWR | constants.O_NONBLOCK);
    onTestFinished(() => handle.close());
    await rm(join(folder, 'pipe'));
    await writeFileAtomic(`/dev/fd/${handle.fd}`, 'abc');
    expect((await handle.read({ buffer: Buffer.alloc(9) })).bytesRead).toBe(3);
  });
});

describe('data that ends early', () => {
  it('stays beside, and the error says where', async () => {
    const folder = await temporaryFolder();
    const path = join(folder, 'out');
    const cut = new Failure('network', 'the stream ended', { status: 200, requestId: 'req_1', code: 'c' });
    await expect(writeFileAtomic(path, pieces('half', cut))).rejects.toMatchObject({
      kind: 'network',
      message: 'the stream ended',
      hint: `what arrived is in ${path}.part`,
      status: 200,
      requestId: 'req_1',
      code: 'c',
    });
    expect(await readdir(folder)).toEqual(['out.part']);
    expect(await readFile(`${path}.part`, 'utf8')).toBe('half');
  });

  it('leaves the hint of the failure to itself', async () => {
    const path = join(await temporaryFolder(), 'out');
    const cut = new Failure('network', 'cut', { hint: 'try again' });
    await expect(writeFileAtomic(path, pieces('half', cut))).rejects.toMatchObject({
      message: `cut (what arrived is in ${path}.part)`,
      hint: 'try again',
    });
  });

  it('stays beside when the run is stopped', async () => {
    const folder = await temporaryFolder();
    const stopped = new Stopped('SIGINT');
    const kept: string[] = [];
    const onKept = (part: string) => kept.push(part);
    const path = join(folder, 'out');
    await expect(writeFileAtomic(path, pieces('half', stopped), { onKept })).rejects.toBe(stopped);
    expect(await readdir(folder)).toEqual(['out.part']);
    expect(kept).toEqual([`${path}.part`]);
    await expect(writeFileAtomic(path, pieces(stopped), { onKept })).rejects.toBe(stopped);
    expect(kept).toHaveLength(1);
  });

  it('leaves nothing where nothing came', async () => {
    const folder = await temporaryFolder();
    const cut = new Failure('network', 'cut');
    await expect(writeFileAtomic(join(folder, 'out'), pieces(cut))).rejects.toBe(cut);
    expect(await readdir(folder)).toEqual([]);
  });

  it('is not overwritten by the next try', async () => {
    const folder = await temporaryFolder();
    const path = join(folder, 'out');
    const cut = new Failure('network', 'cut');
    await expect(writeFileAtomic(path, pieces('first', cut))).rejects.toThrow();
    await expect(writeFileAtomic(path, pieces('second', cut))).rejects.toMatchObject({
      hint: `what arrived is in ${path}.2.part`,
    });
    await writeFileAtomic(path, 'whole');
    expect((await readdir(folder)).sort()).toEqual(['out', 'out.2.part', 'out.part']);
    expect(await readFile(`${path}.part`, 'utf8')).toBe('first');
  });
});

it('two writers at once: one file, whole, and one refusal', async () => {
  const folder = await temporaryFolder();
  const path = join(folder, 'out');
  const texts = ['a', 'b'].map((letter) => letter.repeat(100_000));
  const outcomes = await Promise.allSettled(texts.map((text) => writeFileAtomic(path, text)));
  expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  expect(texts).toContain(await readFile(path, 'utf8'));
  const [, part = ''] = (await readdir(folder)).sort();
  expect(texts).toContain(await readFile(join(folder, part), 'utf8'));
});

describe('a header that is known at the end only', () => {
  it('is written over the start of the file, and of one with a new name', async () => {
    const folder = await temporaryFolder();
    const patch = () => ({ offset: 1, bytes: Buffer.from('EL') });
    await writeFileAtomic(join(folder, 'a'), 'hello', { patch });
    await writeNewFile([join(folder, 'b')], 'hello', { patch });
    expect(await readFile(join(folder, 'a'), 'utf8')).toBe('hELlo');
    expect(await readFile(join(folder, 'b'), 'utf8')).toBe('hELlo');
  });
});

describe('a new file', () => {
  it('takes the first name that is free, dangling links not', async () => {
    const folder = await temporaryFolder();
    const paths = ['a', 'b', 'c', 'd'].map((name) => join(folder, name));
    await writeFile(join(folder, 'a'), 'old');
    await symlink('nowhere', join(folder, 'b'));
    expect(await writeNewFile(paths, 'new')).toBe(join(folder, 'c'));
    expect(await readFile(join(folder, 'a'), 'utf8')).toBe('old');
    expect((await readdir(folder)).sort()).toEqual(['a', 'b', 'c']);
  });

  it('takes the next one when another run takes that name meanwhile', async () => {
    const folder = await temporaryFolder();
    const paths = ['a', 'b'].map((name) => join(folder, name));
    async function* slow() {
      yield 'mine';
      await writeFile(join(folder, 'a'), 'theirs');
    }
    expect(await writeNewFile(paths, slow())).toBe(join(folder, 'b'));
    expect(await readFile(join(folder, 'a'), 'utf8')).toBe('theirs');
    expect(await readFile(join(folder, 'b'), 'utf8')).toBe('mine');
    expect((await readdir(folder)).sort()).toEqual(['a', 'b']);
  });

  it('stays a part when its data ends early', async () => {
    const folder = await temporaryFolder();
    async function* cut(): AsyncGenerator<string> {
      yield 'half';
      throw new Failure('network', 'lost');
    }
    const attempt = writeNewFile([join(folder, 'a')], cut());
    await expect(attempt).rejects.toMatchObject({
      message: 'lost',
      hint: `what arrived is in ${folder}/a.part`,
    });
    expect(await readdir(folder)).toEqual(['a.part']);
  });
});

describe('a place that is looked at before', () => {
  it.each([
    ['a', false, undefined],
    ['new/deep/a', false, undefined],
    ['old', true, undefined],
    ['old', false, /old exists$/],
    ['folder', true, /folder is a directory$/],
    ['old/a', false, /cannot write .*old\/a: a part of the path is not a directory$/],
    ['old/b/a', true, /cannot write .*old\/b\/a: a part of the path is not a directory$/],
  ])('%s (force %s)', async (name, force, message) => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'old'), 'x');
    await mkdir(join(folder, 'folder'));
    const check = checkWritable(join(folder, name), { force });
    if (message === undefined) await expect(check).resolves.toBeUndefined();
    else await expect(check).rejects.toThrow(message);
    expect((await readdir(folder)).sort()).toEqual(['folder', 'old']);
  });
});

describe('a pipe that nobody reads', () => {
  it('is waited for, and the wait ends with the run', async () => {
    const folder = await temporaryFolder();
    const path = join(folder, 'pipe');
    execFileSync('mkfifo', [path]);
    const controller = new AbortController();
    const writing = writeFileAtomic(path, 'hello', { signal: controller.signal });
    controller.abort(new Stopped('SIGTERM'));
    await expect(writing).rejects.toMatchObject({ by: 'SIGTERM' });
  });

  it('gets the data as soon as somebody does', async () => {
    const folder = await temporaryFolder();
    const path = join(folder, 'pipe');
    execFileSync('mkfifo', [path]);
    const writing = writeFileAtomic(path, 'hello');
    expect(await readFile(path, 'utf8')).toBe('hello');
    await writing;
  });

  it('gets the data where the reader was first, piece by piece', async () => {
    const folder = await temporaryFolder();
    const path = join(folder, 'pipe');
    execFileSync('mkfifo', [path]);
    const reading = readFile(path, 'utf8');
    // More than a pipe holds.
    const long = 'x'.repeat(300_000);
    await writeFileAtomic(path, pieces('hello ', long, '', ' end'));
    expect(await reading).toBe(`hello ${long} end`);
  });
});

describe('a pipe whose reader does not read', () => {
  /** A pipe that is full, and is read by nobody but its test. */
  async function full(data: FileData, signal?: AbortSignal) {
    const path = join(await temporaryFolder(), 'pipe');
    execFileSync('mkfifo', [path]);
    const reader = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const writing = writeFileAtomic(path, data, { ...(signal !== undefined && { signal }) });
    writing.catch(() => {});
    const some = () =>
      reader.read({ buffer: Buffer.alloc(3) }).then(
        ({ bytesRead }) => bytesRead,
        () => 0,
      );
    await expect.poll(some, { timeout: 5000, interval: 5 }).toBe(3);
    return { path, reader, writing };
  }

  it('does not keep the run from ending', async () => {
    const controller = new AbortController();
    const { reader, writing } = await full('x'.repeat(1_000_000), controller.signal);
    onTestFinished(() => reader.close());
    controller.abort(new Stopped('SIGINT'));
    await expect(writing).rejects.toMatchObject({ by: 'SIGINT' });
  });

  it('and goes away: that is said', async () => {
    const { path, reader, writing } = await full('x'.repeat(1_000_000));
    await reader.close();
    await expect(writing).rejects.toMatchObject({
      kind: 'incomplete',
      message: `cannot write ${path}: its reader went away`,
    });
  });

  it('is closed when the data ends early', async () => {
    const { reader, writing } = await full(pieces('abcdef', new Failure('network', 'lost')));
    onTestFinished(() => reader.close());
    await expect(writing).rejects.toThrow('lost');
    expect(await reader.readFile('utf8')).toBe('def');
  });
});
