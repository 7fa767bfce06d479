import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fileNameOf, findInputs, nameOf } from '../../src/input/find-files.ts';
import { fakeContext } from '../support/context.ts';
import { temporaryFolder } from '../support/folder.ts';

async function folder(...paths: readonly string[]): Promise<string> {
  const cwd = await temporaryFolder();
  for (const path of paths) {
    await mkdir(join(cwd, path, '..'), { recursive: true });
    await writeFile(join(cwd, path), 'sound');
  }
  return cwd;
}

function find(cwd: string, ...words: readonly string[]) {
  return findInputs(words, 'audio', (_, path) => path.endsWith('.mp3'), fakeContext({ cwd }));
}

describe('what words name', () => {
  it('is told with its place below what was named', async () => {
    const cwd = await folder('in/a.mp3', 'in/.hidden.mp3', 'in/sub/b.mp3', 'in/notes.txt', 'c.mp3');
    expect((await find(cwd, 'in', 'in/**/*.mp3', 'c.mp3', './c.mp3')).inputs).toEqual([
      { kind: 'file', path: 'in/a.mp3', below: 'a.mp3' },
      { kind: 'file', path: 'in/sub/b.mp3', below: 'sub/b.mp3' },
      { kind: 'file', path: 'c.mp3', below: 'c.mp3' },
    ]);
  });

  it.each([
    [
      'in',
      /^in has no audio in it$/,
      /^folders in it are not looked into; 'in\/\*\*\/\*\.mp3' goes into all of them$/,
    ],
    ['file:///tmp/a%20b.mp3', /is the URL of a file here/, /^name the file itself: \/tmp\/a b\.mp3$/],
    [
      'ftp://host/a.mp3',
      /^ftp:\/\/ is not fetched here$/,
      /^curl can: curl -sS 'ftp:\/\/host\/a\.mp3' \| oai/,
    ],
    ['http://[/a.mp3', /is no URL$/, undefined],
  ])('is not to be had: %s', async (word, message, hint) => {
    const cwd = await folder('in/sub/b.mp3');
    const failure = await find(cwd, word).catch((error: unknown) => error);
    expect(failure).toMatchObject({ kind: 'usage' });
    expect((failure as Error).message).toMatch(message);
    if (hint === undefined) expect(failure).toMatchObject({ hint });
    else expect((failure as { hint: string }).hint).toMatch(hint);
  });
});

describe('a URL', () => {
  const input = { kind: 'url', url: 'https://ann:hush@host:8/a/talk.mp3?sig=hush#t' } as const;

  it('is called without what is secret in it', () => {
    expect([nameOf(input), fileNameOf(input)]).toEqual(['https://host:8/a/talk.mp3', 'talk.mp3']);
    expect(fileNameOf({ kind: 'url', url: 'https://host/' })).toBe('audio');
  });
});
