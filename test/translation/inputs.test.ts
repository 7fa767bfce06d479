import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { jsonAnswer } from '../support/api.ts';
import { spoken } from '../support/heard.ts';
import { desk, marked, server, subtitles, translate } from './desk.ts';

const api = () =>
  server((asked) => (asked.path === '/chat/completions' ? marked(asked) : jsonAnswer({ text: 'Hello.' })));

describe('several inputs', () => {
  it('made again leave out what was made of them', async () => {
    const cwd = await desk({ 'a.srt': subtitles(1), 'b.srt': subtitles(1) });
    const first = api();
    const argv = ['*.srt', '--to', 'ko'];
    expect(await translate(argv, { cwd, fetch: first.fetch })).toMatchObject({
      code: 0,
      stdout: 'a.ko.srt\nb.ko.srt\n',
    });
    const again = api();
    const { code, stdout, stderr, left } = await translate(argv, { cwd, fetch: again.fetch });
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    expect(again.asked).toEqual([]);
    expect(left).toEqual(['a.ko.srt', 'a.srt', 'b.ko.srt', 'b.srt']);
    expect(stderr).toContain('oai: a.ko.srt and 1 more are in Korean by name: left out\n');
  });

  it('leave out one that is named by its language', async () => {
    const cwd = await desk({ 'a.srt': subtitles(1), 'b.KO.vtt': 'WEBVTT\n' });
    const { stdout, stderr } = await translate(['a.srt', 'b.KO.vtt', '--to', 'ko'], {
      cwd,
      fetch: api().fetch,
    });
    expect(stdout).toBe('a.ko.srt\n');
    expect(stderr).toBe('oai: b.KO.vtt is in Korean by name: left out\n');
  });

  it('are all there is to leave out: a single one is done, whatever it is called', async () => {
    const cwd = await desk({ 'a.ko.srt': subtitles(1) });
    const { code, stdout } = await translate(['a.ko.srt', '--to', 'ko'], { cwd, fetch: api().fetch });
    expect({ code, stdout }).toEqual({ code: 0, stdout: subtitles(1).replace('Line', 'KO Line') });
  });
});

describe('a directory', () => {
  it('gives sound and subtitles, and no other text', async () => {
    const cwd = await desk();
    await mkdir(join(cwd, 'd'));
    await writeFile(join(cwd, 'd', 'talk.wav'), await spoken('Hello.', 'wav'));
    await writeFile(join(cwd, 'd', 'notes.txt'), 'Hello.');
    await writeFile(join(cwd, 'd', 'a.srt'), subtitles(1));
    await writeFile(join(cwd, 'd', 'b.VTT'), 'WEBVTT\n\n00:01.000 --> 00:02.000\nHi.\n');
    const { stdout } = await translate(['d', '--to', 'ko'], { cwd, fetch: api().fetch });
    expect(stdout).toBe('d/a.ko.srt\nd/b.ko.vtt\nd/talk.ko.txt\n');
  });

  it('of texts says how texts go', async () => {
    const cwd = await desk();
    await mkdir(join(cwd, 'd'));
    await writeFile(join(cwd, 'd', 'notes.txt'), 'Hello.');
    const { code, stderr } = await translate(['d', '--to', 'ko'], { cwd });
    expect(code).toBe(2);
    expect(stderr).toBe(
      "oai: d has no sound or subtitles in it\n     texts go by their names, or a pattern: '*.txt'\n",
    );
  });

  it('says of a file that is named like sound that it is none', async () => {
    const cwd = await desk();
    await mkdir(join(cwd, 'd'));
    await writeFile(join(cwd, 'd', 'a.mp3'), Buffer.from('\x89PNG\r\n\x1a\n\0\0\0\rIHDR', 'latin1'));
    const { code, stderr } = await translate(['d', '--to', 'ko'], { cwd });
    expect(code).toBe(2);
    expect(stderr).toContain('is no audio that is known here');
  });
});

describe('a text in another encoding', () => {
  it.each([
    ['Latin-1', 'a.srt', Buffer.from(`${subtitles(1)}été`, 'latin1'), 'LATIN1'],
    ['UTF-16', 'a.srt', Buffer.from(`\ufeff${subtitles(1)}`, 'utf16le'), 'UTF-16'],
    ['UTF-16, without a name', 'a', Buffer.from('\ufeffhello', 'utf16le'), 'UTF-16'],
    ['CP949', 'a.srt', Buffer.from([0xbe, 0xc8, 0xb3, 0xe7]), 'CP949'],
    ['Latin-1, without a name', 'a', Buffer.from('un été', 'latin1'), 'LATIN1'],
  ])('%s is said to be one', async (_, name, bytes, encoding) => {
    const cwd = await desk({ [name]: bytes });
    const { code, stderr } = await translate([name, '--to', 'ko'], { cwd });
    expect(code).toBe(2);
    expect(stderr).toMatch(new RegExp(`^oai: ${name} is not UTF-8 text: byte \\d+ is 0x..\n`));
    expect(stderr).toMatch(new RegExp(`convert it first: iconv -t UTF-8 -f .*${encoding}`));
  });
});

describe('flags for speech', () => {
  it.each([
    [['--language', 'en'], '--language'],
    [['-t', '0.2'], '-t'],
    [['--language', 'en', '-t', '0', '--transcribe-model', 'x'], '--language and -t and --transcribe-model'],
  ])('%j are said to be that, once', async (flags, said) => {
    const cwd = await desk({ 'a.txt': 'Hello.', 'b.txt': 'Hello.' });
    const argv = ['a.txt', 'b.txt', '--to', 'ko', '-j', '1', ...flags];
    const { code, stderr } = await translate(argv, { cwd, fetch: api().fetch });
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: `oai: ${said}: only for speech, and a.txt is text\n`,
    });
  });

  it('are not said where there are none', async () => {
    const cwd = await desk({ 'a.txt': 'Hello.' });
    expect((await translate(['a.txt', '--to', 'ko'], { cwd, fetch: api().fetch })).stderr).toBe('');
  });
});

describe('lines that are laid out', () => {
  it.each([
    [['a.txt', '--max-line', '20'], '--max-line is for subtitles'],
    [['a.wav', '--max-lines', '1'], '--max-lines is for subtitles'],
    [['a.srt', '--max-line', '20', '-f', 'text'], '--max-line is for subtitles'],
    [['-', '--max-line', '20'], '--max-line is for subtitles'],
  ])('are those of subtitles: %j', async (argv, said) => {
    const sound = await spoken('Hello.', 'wav');
    const cwd = await desk({ 'a.txt': 'Hello.', 'a.srt': subtitles(1), 'a.wav': sound });
    const { code, stderr } = await translate([...argv, '--to', 'ko'], { cwd, stdin: 'Hello.' });
    expect({ code, stderr }).toEqual({ code: 2, stderr: `oai: ${said}\n     add -f srt or -f vtt\n` });
  });

  it('may come from a pipe', async () => {
    const cwd = await desk();
    const argv = ['--to', 'ko', '--max-line', '20'];
    const { code, stdout } = await translate(argv, { cwd, stdin: subtitles(1), fetch: api().fetch });
    expect({ code, stdout }).toEqual({ code: 0, stdout: subtitles(1).replace('Line', 'KO Line') });
  });
});

it('keeps SubRip markup in WebVTT', async () => {
  const cwd = await desk({
    'a.srt': '1\n00:00:00,000 --> 00:00:01,000\n{\\an8}- <i>Hi</i> & you.\n- Yes.\n',
  });
  const fetch = server((asked) => marked(asked, '')).fetch;
  await translate(['a.srt', '--to', 'ko', '-f', 'vtt', '-o', 'b.vtt'], { cwd, fetch });
  expect(await readFile(join(cwd, 'b.vtt'), 'utf8')).toBe(
    'WEBVTT\n\n00:00:00.000 --> 00:00:01.000\n- <i>Hi</i> &amp; you.\n- Yes.\n',
  );
});
