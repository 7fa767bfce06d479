import { mkdir, readdir, readFile, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { Stopped } from '../../src/errors.ts';
import { errorAnswer, jsonAnswer } from '../support/api.ts';
import { CapturedOutput, FakeClock, fakeContext } from '../support/context.ts';
import { temporaryFolder } from '../support/folder.ts';
import { spoken } from '../support/heard.ts';
import { oai, settle } from '../support/oai.ts';
import { desk, longDesk, never, server, tooLong, transcribe } from './desk.ts';

const timed = (text: string) =>
  jsonAnswer({ text, segments: [{ id: 0, seek: 0, start: 0, end: 1, text }], duration: 1 });
const named = ({ file }: { file: string }) => jsonAnswer({ text: file });

/** A folder whose `long.wav` is heard in three parts, beside a short one. */
async function longAndShort(): Promise<string> {
  const cwd = await longDesk();
  await writeFile(join(cwd, 'short.wav'), await spoken('Hi.', 'wav'));
  return cwd;
}

/** Hears the first part of `long.wav` and fails at the second. */
const breaking = () =>
  server(({ file, part }) => {
    if (file === 'short.wav') return jsonAnswer({ text: 'Hi.' });
    if (part === 0) return tooLong();
    return part === 1 ? jsonAnswer({ text: 'One.' }) : errorAnswer(400, { message: 'corrupted' });
  });

describe('each of several inputs', () => {
  it('has a time of its own', async () => {
    const clock = new FakeClock();
    const api = server((asked) => {
      clock.advance(8000);
      return named(asked);
    });
    const argv = ['a.wav', 'b.wav', '-j', '1', '--timeout', '10s'];
    const { code, stdout } = await transcribe(argv, {
      cwd: await desk('a.wav', 'b.wav'),
      fetch: api.fetch,
      clock,
    });
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'a.txt\nb.txt\n' });
  });

  it('fails by itself, in the words for it', async () => {
    const api = server(({ file }) =>
      file === 'a.wav'
        ? errorAnswer(404, { message: 'no such model', code: 'model_not_found' })
        : timed('Hi.'),
    );
    const argv = ['a.wav', 'b.wav', '-f', 'srt'];
    const { code, stdout, stderr } = await transcribe(argv, {
      cwd: await desk('a.wav', 'b.wav'),
      fetch: api.fetch,
    });
    expect({ code, stdout }).toEqual({ code: 9, stdout: 'b.srt\n' });
    expect(stderr).toMatch(
      /^oai: a\.wav: whisper-1 has ended, and gpt-transcribe tells no times.*\noai: 1 of 2 failed\n {5}the text alone/,
    );
  });

  it.each([
    ['text', ['-o', '-'], 'One.\nHi.\n'],
    [
      'JSON Lines',
      ['--json'],
      '{"input":"long.wav","text":"One.","error":{"message":"part 2 of 3 of long.wav: corrupted","code":"invalid_request_error","status":400,"requestId":"req_stub"}}\n{"input":"short.wav","text":"Hi."}\n',
    ],
  ])('gives what came before it failed as %s', async (_, flags, expected) => {
    const argv = ['long.wav', 'short.wav', '-j', '1', ...flags];
    const run = await transcribe(argv, { cwd: await longAndShort(), fetch: breaking().fetch });
    expect({ code: run.code, stdout: run.stdout }).toEqual({ code: 9, stdout: expected });
    const prose = 'oai: part 2 of 3 of long.wav: corrupted (request req_stub)\noai: 1 of 2 failed\n';
    if (flags.includes('--json')) {
      expect(JSON.parse(run.stderr)).toMatchObject({
        error: { message: '1 of 2 failed', code: 'partial', exitCode: 9 },
      });
    } else expect(run.stderr).toBe(prose);
  });

  it('gives what came before Ctrl-C', async () => {
    const cwd = await longAndShort();
    const context = fakeContext({ cwd, env: { OPENAI_API_KEY: 'sk-test-0123456789' } });
    const api = server((asked) => {
      if (asked.part === 0) return tooLong();
      if (asked.part === 1) return jsonAnswer({ text: 'One.' });
      context.stop(new Stopped('SIGINT'));
      return never(asked);
    });
    const { run } = await import('../../src/main.ts');
    const argv = ['transcribe', 'long.wav', 'short.wav', '-o', '-', '-j', '1'];
    expect(await run(argv, Object.assign(context, { fetch: api.fetch }))).toBe(130);
    expect(context.stdout.text).toBe('One.\n');
    expect(api.parts()).toEqual([0, 1, 2]);
  });

  it('is kept as far as it came', async () => {
    const argv = ['long.wav', '-o', 'out/', '-j', '1'];
    const { cwd, ...run } = await longAndShort().then(async (cwd) => ({
      cwd,
      ...(await transcribe(argv, { cwd, fetch: breaking().fetch })),
    }));
    expect(run).toMatchObject({ code: 4, stdout: '' });
    expect(run.stderr).toContain(`what arrived is in ${cwd}/out/long.txt.part`);
    expect(await readFile(join(cwd, 'out', 'long.txt.part'), 'utf8')).toBe('One.');
  });

  it('leaves nothing beside it before something came', async () => {
    const cwd = await desk('a.wav');
    let there: string[] = [];
    const api = server(async (asked) => {
      there = await readdir(cwd);
      return named(asked);
    });
    await transcribe(['a.wav', '-o', 'a.txt'], { cwd, fetch: api.fetch });
    expect(there).toEqual(['a.wav']);
  });

  it('is not asked for on a disk that is full', async () => {
    const cwd = await desk('a.wav', 'b.wav', 'c.wav');
    for (const name of ['a.txt', 'b.txt', 'c.txt']) await symlink('/dev/full', join(cwd, name));
    const api = server(named);
    const argv = ['a.wav', 'b.wav', 'c.wav', '--force', '-j', '1'];
    const { code, stderr } = await transcribe(argv, { cwd, fetch: api.fetch });
    expect(code).toBe(8);
    expect(stderr).toContain('no space left on the device');
    expect(stderr).toContain('1 of 3 failed, 2 not tried after that');
    expect(api.asked).toHaveLength(1);
  });

  it('is not paid for where its file cannot be made', async () => {
    const cwd = await desk('a.wav', `${'b'.repeat(251)}.wav`);
    const api = server(named);
    const { code, stderr } = await transcribe(['.', '-f', 'json', '-o', 'out/'], { cwd, fetch: api.fetch });
    expect({ code, asked: api.asked.map(({ file }) => file) }).toEqual({ code: 9, asked: ['a.wav'] });
    expect(stderr).toContain('the name is too long');
  });

  it('is named in its failure, whatever it is called', async () => {
    const cwd = await temporaryFolder();
    await writeFile(join(cwd, 'a'), await spoken('Hi.', 'wav'));
    const api = server(() => errorAnswer(400, { message: 'a bad sound' }));
    const { stderr } = await transcribe(['./a', 'nope.wav'], { cwd, fetch: api.fetch });
    expect(stderr).toContain('oai: ./a: a bad sound (request req_stub)\n');
    expect(stderr).toContain('oai: cannot read nope.wav: no such file\n');
  });

  it.each<[string, string[], boolean]>([
    ['a server that is down', ['-o', 'out/'], true],
    ['output that goes to stdout', ['-o', '-'], false],
  ])('may be done by another run: %s', async (_, flags, isSaid) => {
    const api = server(({ file }) =>
      file === 'a.wav' ? errorAnswer(500, { message: 'down' }) : jsonAnswer({ text: 'Hi.' }),
    );
    const argv = ['a.wav', 'b.wav', '--retries', '0', ...flags];
    const { stderr } = await transcribe(argv, { cwd: await desk('a.wav', 'b.wav'), fetch: api.fetch });
    expect(stderr.includes('the same command does what is missing')).toBe(isSaid);
  });

  it('shows control characters as text on a terminal', async () => {
    const evil = 'a\u009bb\u202ec';
    const api = server(() => jsonAnswer({ text: evil }));
    const cwd = await desk('a.wav', 'b.wav');
    for (const argv of [
      ['a.wav', '--stream', '-f', 'json'],
      ['a.wav', 'b.wav', '--json'],
      ['a.wav', 'b.wav', '-o', '-'],
    ]) {
      const stdout = new CapturedOutput({ isTTY: true });
      await transcribe(argv, { cwd, fetch: api.fetch, stdout });
      expect(stdout.text).toContain('a');
      expect(stdout.text).not.toMatch(/[\u009b\u202e]/);
    }
  });

  it('begins on a line of its own', async () => {
    const cwd = await temporaryFolder();
    await writeFile(join(cwd, 'a.txt'), 'one');
    await writeFile(join(cwd, 'b.txt'), 'two');
    const { stdout } = await oai(['translate', '--sandbox', '--to', 'ko', 'a.txt', 'b.txt', '-o', '-'], {
      cwd,
    });
    expect(stdout.trim().split('\n').length).toBeGreaterThan(1);
    expect(stdout.endsWith('\n')).toBe(true);
  });

  it('waits for a reader that is slow', async () => {
    let [waits, most] = [0, 0];
    class SlowOutput extends CapturedOutput {
      override write(data: string | Uint8Array): undefined {
        super.write(data);
        waits += 1;
        most = Math.max(most, waits);
        const taken = settle(100).then(() => {
          waits -= 1;
        });
        return taken as unknown as undefined;
      }
    }
    const api = server(named);
    const cwd = await desk('a.wav', 'b.wav', 'c.wav');
    await transcribe(['a.wav', 'b.wav', 'c.wav', '-o', '-', '-j', '1'], {
      cwd,
      fetch: api.fetch,
      stdout: new SlowOutput(),
    });
    expect(most).toBe(1);
  });
});

describe('a pipe among several', () => {
  it('is not taken for what an earlier one was', async () => {
    const cwd = await desk();
    await mkdir(join(cwd, 'out'));
    await writeFile(join(cwd, 'out', 'stdin.txt'), 'of yesterday');
    const options = { cwd, fetch: server(named).fetch, stdin: await spoken('Hi.', 'wav') };
    const { code, stderr } = await transcribe(['-o', 'out/'], options);
    expect(code).toBe(2);
    expect(stderr).toContain('out/stdin.txt exists');
    expect(await readFile(join(cwd, 'out', 'stdin.txt'), 'utf8')).toBe('of yesterday');
  });

  it('leaves no temporary file', async () => {
    const tmp = await temporaryFolder();
    const cwd = await desk('a.wav');
    vi.stubEnv('TMPDIR', tmp);
    const api = server(({ part }) => (part === 0 ? tooLong() : jsonAnswer({ text: 'Hi.' })));
    const stdin = await spoken('Hello.', 'wav');
    await transcribe(['-'], { cwd, fetch: server(named).fetch, stdin });
    await transcribe(['-', 'a.wav', '-o', 'out/'], { cwd, fetch: api.fetch, stdin });
    vi.unstubAllEnvs();
    expect(await readdir(tmp)).toEqual([]);
  });

  it('has no folder beside it', async () => {
    const { code, stderr } = await transcribe(['/dev/fd/63', '/dev/fd/62'], { cwd: await desk() });
    expect(code).toBe(2);
    expect(stderr).toContain('/dev/fd/63 is a pipe, beside which no file can be');
    expect(stderr).toContain('-o DIR/ or -o - takes it');
  });
});

describe('the output', () => {
  it.each([
    ['self.wav', ['self.wav', '-o', 'self.wav', '--force'], /-o self\.wav is named like sound/],
    ['self', ['self', '-o', 'self', '--force'], /self is what is to be heard: it is not replaced/],
    ['link', ['self', '-o', 'link', '--force'], /link is what is to be heard: it is not replaced/],
    ['x.mp3', ['self', '-o', 'x.mp3'], /-o x\.mp3 is named like sound, and a transcript is text/],
  ])('is never its own sound: %s', async (_, argv, message) => {
    const cwd = await desk('self.wav', 'self');
    await symlink('self', join(cwd, 'link'));
    const before = await readFile(join(cwd, 'self'));
    const { code, stderr } = await transcribe(argv, { cwd });
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
    expect(await readFile(join(cwd, 'self'))).toEqual(before);
  });

  it('is stdout by any of its names', async () => {
    const api = server(() => jsonAnswer({ text: 'Hi.' }));
    const cwd = await desk('a.wav');
    for (const output of ['-', '/dev/stdout']) {
      const { stdout } = await transcribe(['a.wav', '-o', output], { cwd, fetch: api.fetch });
      expect(stdout).toBe('Hi.\n');
    }
  });

  it('that is no file is not told', async () => {
    const api = server(() => jsonAnswer({ text: 'Hi.' }));
    const { code, stdout } = await transcribe(['a.wav', '-o', '/dev/null'], {
      cwd: await desk('a.wav'),
      fetch: api.fetch,
    });
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
  });

  it.each([[['a.wav', '-o', 'x.txt']], [['a.wav', 'b.wav']], [['a.wav', '-f', 'json', '-o', 'x.json']]])(
    'that is a file does not stream: %j',
    async (argv) => {
      const { code, stderr } = await transcribe([...argv, '--stream'], { cwd: await desk('a.wav', 'b.wav') });
      expect(code).toBe(2);
      expect(stderr).toContain(
        '--stream prints one transcript as it is recognised, and a file appears whole',
      );
    },
  );
});

it('a model of the settings that does not stream is not asked to', async () => {
  const home = await temporaryFolder();
  await writeFile(join(home, 'config.toml'), 'models.transcribe = "whisper-1"\n');
  const env = { OPENAI_API_KEY: 'sk-test-0123456789', OAI_HOME: home };
  const api = server(named);
  await transcribe(['a.wav', '--stream'], { cwd: await desk('a.wav'), fetch: api.fetch, env });
  expect(api.asked[0]?.form.get('model')).toBe('gpt-transcribe');
});

it('a file that shrinks while it is sent is named', async () => {
  const cwd = await desk();
  const path = join(cwd, 'a.wav');
  const sound = await spoken('Hello.', 'wav');
  await writeFile(path, Buffer.concat([sound, Buffer.alloc(2_000_000)]));
  const fetch: typeof globalThis.fetch = async (input, init) => {
    await truncate(path, 1000);
    await new Request(input, { ...init, signal: null }).formData();
    return jsonAnswer({ text: 'never' });
  };
  const { code, stderr } = await transcribe(['a.wav', '--no-stream'], { cwd, fetch });
  expect(code).toBe(2);
  expect(stderr).toContain('a.wav became shorter while it was read');
});

it('a server that answers with the text alone is understood', async () => {
  const fetch = async () => new Response('Hello.\n', { headers: { 'content-type': 'text/plain' } });
  const { stdout } = await transcribe(['a.wav', '--no-stream'], { cwd: await desk('a.wav'), fetch });
  expect(stdout).toBe('Hello.\n');
});
