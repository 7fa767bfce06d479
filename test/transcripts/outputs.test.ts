import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { jsonAnswer } from '../support/api.ts';
import { temporaryFolder } from '../support/folder.ts';
import { spoken } from '../support/heard.ts';
import { server, transcribe } from './desk.ts';

async function add(cwd: string, ...paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    await mkdir(join(cwd, dirname(path)), { recursive: true });
    await writeFile(join(cwd, path), await spoken('Hi.', 'wav'));
  }
}

/** Makes what is missing. @returns what was made, and how many requests it took */
async function run(cwd: string, ...argv: readonly string[]) {
  const api = server(() => jsonAnswer({ text: 'Hi.' }));
  const { code, stdout, stderr } = await transcribe(argv, { cwd, fetch: api.fetch });
  return {
    code,
    made: stdout
      .trim()
      .split('\n')
      .filter((line) => line !== ''),
    asked: api.asked.length,
    stderr,
  };
}

describe('a run that goes on', () => {
  it('does what has come to a pattern, and nothing else', async () => {
    const cwd = await temporaryFolder();
    await add(cwd, 'b/x.wav', 'c/x.wav');
    const argv = ['*/x.wav', '-o', 'out/'];
    expect(await run(cwd, ...argv)).toMatchObject({ code: 0, made: ['out/b/x.txt', 'out/c/x.txt'] });
    await add(cwd, 'a/x.wav');
    expect(await run(cwd, ...argv)).toMatchObject({ code: 0, made: ['out/a/x.txt'], asked: 1 });
  });

  it('keeps folders below the fixed part of a pattern', async () => {
    const cwd = await temporaryFolder();
    await add(cwd, 'talks/a.wav', 'talks/day 1/b.wav');
    expect(await run(cwd, 'talks/**/*.wav', '-o', 'out')).toMatchObject({ code: 2 });
    expect(await run(cwd, 'talks/**/*.wav', '-o', 'out/')).toMatchObject({
      made: ['out/a.txt', 'out/day 1/b.txt'],
    });
    expect(await run(cwd, `${cwd}/talks/**/*.wav`, '-o', 'out')).toMatchObject({ asked: 0 });
  });

  it('knows a whole name again when its input is alone', async () => {
    const cwd = await temporaryFolder();
    await add(cwd, 'a.mp3', 'a.wav');
    expect(await run(cwd, 'a.mp3', 'a.wav')).toMatchObject({ made: ['a.mp3.txt', 'a.wav.txt'] });
    await add(cwd, 'b.wav');
    expect(await run(cwd, 'a.mp3', 'b.wav')).toMatchObject({ made: ['b.txt'], asked: 1 });
  });

  it('pays for nothing twice where a short name is claimed by two', async () => {
    const cwd = await temporaryFolder();
    await add(cwd, 'in/a.mp3', 'in/b.mp3');
    expect(await run(cwd, 'in')).toMatchObject({ made: ['in/a.txt', 'in/b.txt'] });
    await add(cwd, 'in/a.wav', 'in/c.mp3');
    const again = await run(cwd, 'in');
    expect(again).toMatchObject({ code: 9, made: ['in/c.txt'], asked: 1 });
    expect(again.stderr).toContain(
      'in/a.mp3: in/a.txt exists, and may have been made of in/a.mp3 or in/a.wav',
    );
    await rename(join(cwd, 'in/a.txt'), join(cwd, 'in/a.mp3.txt'));
    expect(await run(cwd, 'in')).toMatchObject({ code: 0, made: ['in/a.wav.txt'], asked: 1 });
  });

  it('makes all anew with --force', async () => {
    const cwd = await temporaryFolder();
    await add(cwd, 'a.mp3');
    await run(cwd, 'a.mp3', '-o', './');
    await add(cwd, 'a.wav');
    expect(await run(cwd, 'a.mp3', 'a.wav', '--force')).toMatchObject({ made: ['a.mp3.txt', 'a.wav.txt'] });
  });
});

describe('a name', () => {
  it('that two words of the same name want is made of their folders', async () => {
    const cwd = await temporaryFolder();
    await add(cwd, 'b/x.wav', 'c/x.wav', 'd/y.wav');
    expect(await run(cwd, 'b/x.wav', 'c/x.wav', 'd/y.wav', '-o', 'out/')).toMatchObject({
      made: ['out/b/x.wav.txt', 'out/c/x.wav.txt', 'out/y.txt'],
    });
  });

  it('stays in its folder, wherever the input is', async () => {
    const cwd = await temporaryFolder();
    await add(cwd, 'x.wav', 'sub/x.wav', 'sub/in/z.wav');
    expect(await run(join(cwd, 'sub'), '../x.wav', 'x.wav', '-o', 'out/')).toMatchObject({
      made: ['out/__/x.wav.txt', 'out/_/x.wav.txt'],
    });
  });

  it('is never that of an input', async () => {
    const cwd = await temporaryFolder();
    await add(cwd, 'a.wav', 'a.txt');
    const before = await readFile(join(cwd, 'a.txt'));
    expect(await run(cwd, 'a.wav', 'a.txt', '--force')).toMatchObject({ made: ['a.wav.txt', 'a.txt.txt'] });
    expect(await readFile(join(cwd, 'a.txt'))).toEqual(before);
  });
});
