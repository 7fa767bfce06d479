import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { errorAnswer, jsonAnswer } from '../support/api.ts';
import { spoken } from '../support/heard.ts';
import { longDesk, tooLong } from '../transcripts/desk.ts';
import { type Asked, desk, marked, server, translate } from './desk.ts';

const WORDS = ['', 'One.', 'Two.', 'Three.'];
const corrupted = () => errorAnswer(400, { message: 'corrupted' });

const heard = ({ part }: Asked) =>
  jsonAnswer({
    text: WORDS[part] ?? '',
    duration: 4,
    segments: [{ id: 0, seek: 0, start: 1, end: 2, text: WORDS[part] }],
  });

/** A server that hears a recording in three parts, of which one may fail. */
function parts(failing: number, chat: (asked: Asked) => Response = marked) {
  return server((asked) => {
    if (asked.path === '/chat/completions') return chat(asked);
    if (asked.part === 0) return tooLong();
    return asked.part === failing ? corrupted() : heard(asked);
  });
}

async function run(argv: readonly string[], { fetch }: { fetch: typeof globalThis.fetch }) {
  const cwd = await longDesk();
  const result = await translate(['long.wav', ...argv], { cwd, fetch });
  const read = (name: string) => readFile(join(cwd, name), 'utf8');
  return { ...result, read };
}

const FAILED = 'oai: part 2 of 3 of long.wav: corrupted (request req_stub)\n';

describe('speech in parts', () => {
  it.each([
    [[], 'One. Two. Three.\n'],
    [['--to', 'ko'], 'KO One. KO Two. KO Three.\n'],
    [
      ['-f', 'srt', '--to', 'ko'],
      /^1\n00:00:01,000 --> 00:00:02,000\nKO One\.\n\n2\n[\s\S]*\n3\n[\s\S]*KO Three\.\n$/,
    ],
  ])('is put together: %j', async (argv, expected) => {
    const { code, stdout, stderr } = await run(argv, parts(0));
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    if (typeof expected === 'string') expect(stdout).toBe(expected);
    else expect(stdout).toMatch(expected);
  });

  it.each([
    [[], 'One.\n'],
    [['--to', 'ko'], 'KO One.\n'],
    [['--to', 'ko', '-f', 'srt'], '1\n00:00:01,000 --> 00:00:02,000\nKO One.\n'],
  ])('is kept up to the part that fails: %j', async (argv, expected) => {
    const { code, stdout, stderr } = await run(argv, parts(2));
    expect({ code, stdout }).toEqual({ code: 4, stdout: expected });
    expect(stderr).toBe(FAILED);
  });

  it.each([
    [['--to', 'ko', '-o', 'x.txt'], 'x.txt.part', 'KO One.'],
    [['-o', 'x.txt'], 'x.txt.part', 'One.'],
  ])('is kept in a file: %j', async (argv, name, expected) => {
    const { code, stderr, read } = await run(argv, parts(2));
    expect(code).toBe(4);
    expect(await read(name)).toBe(expected);
    expect(stderr).toContain(name);
    expect(stderr).toContain(FAILED);
  });

  it.each(['json', 'verbose_json'])('is kept in %s as far as it is translated', async (format) => {
    const argv = ['--to', 'ko', '-f', format, '-o', 'y.json'];
    const { code, read } = await run(argv, parts(2));
    expect(code).toBe(4);
    expect(JSON.parse(await read('y.json.part'))).toMatchObject({
      text: 'KO One.',
      transcript: { text: 'One.' },
      ...(format === 'verbose_json' && { segments: [{ id: 0, start: 1, end: 2, text: 'KO One.' }] }),
    });
  });

  it('is nothing where it was heard and not translated', async () => {
    const argv = ['--to', 'ko', '--json', '-o', 'y.json'];
    const { code, stdout, left } = await run(argv, parts(0, corrupted));
    expect({ code, stdout }).toEqual({ code: 4, stdout: '' });
    expect(left).toEqual(['long.wav']);
  });

  it('numbers its segments throughout', async () => {
    const { stdout } = await run(['--to', 'ko', '-f', 'verbose_json'], parts(0));
    expect(JSON.parse(stdout)).toMatchObject({
      text: 'KO One. KO Two. KO Three.',
      segments: [
        { id: 0, text: 'KO One.' },
        { id: 1, text: 'KO Two.' },
        { id: 2, text: 'KO Three.' },
      ],
    });
  });

  it("is the API's own answer where all of it is in English", async () => {
    const { stdout } = await run(['--json'], parts(0));
    expect(JSON.parse(stdout)).toMatchObject({ text: 'One. Two. Three.' });
    expect(JSON.parse(stdout)).not.toHaveProperty('transcript');
  });

  it('goes through chat only where a part is not in English', async () => {
    const api = server((asked) => {
      if (asked.path === '/chat/completions') return marked(asked, 'EN ');
      if (asked.part === 0) return tooLong();
      return jsonAnswer({ text: asked.part > 1 ? '안녕하세요.' : WORDS[asked.part] });
    });
    const { stdout, stderr } = await run([], api);
    expect(stdout).toBe('One. EN 안녕하세요. EN 안녕하세요.\n');
    expect(stderr).toBe('oai: long.wav: the translation is not in English; it goes through chat as well\n');
  });
});

describe('an endpoint that is gone', () => {
  it('is tried no more in the same run, and said once', async () => {
    const sound = await spoken('Hello.', 'wav');
    const cwd = await desk({ 'a.wav': sound, 'b.wav': sound, 'c.wav': sound });
    const api = server((asked) => {
      if (asked.path === '/chat/completions') return marked(asked, 'EN ');
      if (asked.path === '/audio/transcriptions') return jsonAnswer({ text: 'Hello.' });
      return errorAnswer(404, { message: 'gone', code: 'model_not_found' });
    });
    const argv = ['a.wav', 'b.wav', 'c.wav', '-j', '1'];
    const { code, stdout, stderr } = await translate(argv, { cwd, fetch: api.fetch });
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'a.en.txt\nb.en.txt\nc.en.txt\n' });
    expect(api.paths().filter((path) => path === '/audio/translations')).toHaveLength(1);
    expect(stderr.match(/have ended/g)).toHaveLength(1);
  });
});

describe('a model that is gone', () => {
  const gone = () => errorAnswer(404, { message: 'gone', code: 'model_not_found' });

  it('is said once where several meet it at the same time', async () => {
    const sound = await spoken('Hello.', 'wav');
    const cwd = await desk({ 'a.wav': sound, 'b.wav': sound });
    let bothAsked = () => {};
    const both = new Promise<void>((resolve) => {
      bothAsked = resolve;
    });
    const api = server(async (asked) => {
      if (asked.path === '/chat/completions') return marked(asked, 'EN ');
      if (asked.path === '/audio/transcriptions') return jsonAnswer({ text: 'Hello.' });
      if (api.asked.length === 2) bothAsked();
      await both;
      return gone();
    });
    const { code, stderr } = await translate(['a.wav', 'b.wav'], { cwd, fetch: api.fetch });
    expect(code).toBe(0);
    expect(stderr.match(/have ended/g)).toHaveLength(1);
  });

  it('in the middle of a recording ends it: nothing is heard twice', async () => {
    const api = server((asked) => {
      if (asked.part === 0) return tooLong();
      return asked.part === 1 ? heard(asked) : gone();
    });
    const { code, stdout, stderr } = await run([], api);
    expect({ code, stdout }).toEqual({ code: 4, stdout: 'One.\n' });
    expect(stderr).toContain('part 2 of 3 of long.wav: gone');
    expect(new Set(api.paths())).toEqual(new Set(['/audio/translations']));
  });

  it('for times says that none tells them any more', async () => {
    const { code, stderr } = await run(['--to', 'ko', '-f', 'srt'], server(gone));
    expect(code).toBe(4);
    expect(stderr).toContain('whisper-1 has ended, and gpt-transcribe tells no times');
    expect(stderr).toContain('--transcribe-model');
  });
});

describe('a dry run', () => {
  it('says what follows the request that it shows', async () => {
    const cwd = await desk();
    await writeFile(join(cwd, 'a.wav'), await spoken('Hello.', 'wav'));
    const { code, stdout, stderr } = await translate(['a.wav', '--to', 'ko', '--dry-run'], { cwd });
    expect(code).toBe(0);
    expect(stdout).toContain('/audio/transcriptions');
    expect(stderr).toContain('what is heard there is then translated by /chat/completions');
  });

  it('shows each request of a long text', async () => {
    const cwd = await desk({ 'long.txt': 'A line of text.\n'.repeat(1000) });
    const { code, stdout } = await translate(['long.txt', '--to', 'ko', '--dry-run'], { cwd });
    expect(code).toBe(0);
    expect(stdout.match(/\/chat\/completions/g)).toHaveLength(3);
  });
});
