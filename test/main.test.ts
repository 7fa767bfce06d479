import { describe, expect, it } from 'vitest';
import type { InputStream } from '../src/context.ts';
import { Failure, Stopped } from '../src/errors.ts';
import { run } from '../src/main.ts';
import { stubApi } from './support/api.ts';
import { CapturedOutput, fakeContext } from './support/context.ts';
import { oai } from './support/oai.ts';

describe('a failure that nobody expected', () => {
  it('is called a bug, on one line, with the way to report it', async () => {
    const context = fakeContext({ env: { OPENAI_API_KEY: 'sk-x' } });
    const broken = Object.defineProperty(context, 'clock', {
      get() {
        throw new RangeError('the clock\nis broken');
      },
    });
    expect(await run(['chat', 'hi'], broken)).toBe(1);
    expect(context.stderr.text).toBe(
      'oai: unexpected failure: RangeError: the clock is broken\n' +
        '     this is a bug: please report it with what the same command prints with --verbose\n',
    );
  });
});

describe('a run that is stopped', () => {
  it.each([
    ['SIGINT', 130, ''],
    ['SIGTERM', 143, 'oai: stopped by SIGTERM\n'],
    ['SIGHUP', 129, 'oai: stopped by SIGHUP\n'],
    ['closed pipe', 0, ''],
  ] as const)('by %s exits with %d', async (by, code, stderr) => {
    const context = fakeContext({ env: { OAI_SANDBOX: 'stall@2' } });
    const done = run(['chat', '--sandbox', 'one two three'], context);
    await context.stdout.shows('You said');
    context.stop(new Stopped(by));
    expect(await done).toBe(code);
    expect(context.stderr.text).toBe(stderr);
    expect(context.stdout.text).toMatch(/^You said.*\n$/s);
  });

  it('does not wait for work that does not end', async () => {
    let begin: () => void = () => {};
    const reading = new Promise<void>((resolve) => {
      begin = resolve;
    });
    // A pipe that does not even hear that nobody wants it any more.
    const endless: InputStream = {
      kind: 'pipe',
      async *read() {
        begin();
        await new Promise(() => {});
        yield Buffer.from('never');
      },
    };
    const context = fakeContext({ env: { OPENAI_API_KEY: 'sk-x' }, stdin: endless });
    const done = run(['chat'], context);
    await reading;
    context.stop(new Stopped('SIGINT'));
    await context.clock.asked(50);
    context.clock.advance(50);
    expect(await done).toBe(130);
  });

  it('by a full disk says so', async () => {
    const stdout = new CapturedOutput();
    const context = fakeContext({ stdout });
    stdout.onWrite = () =>
      context.stop(new Failure('incomplete', 'cannot write the result to stdout: no space left'));
    expect(await run(['chat', '--sandbox', 'hi'], context)).toBe(8);
    expect(context.stderr.text).toBe('oai: cannot write the result to stdout: no space left\n');
  });
});

describe('a key', () => {
  const key = 'sk-test-0123456789';

  it.each([
    ['a trace of the request', ['chat', 'hi', '--verbose', '--retries', '0'], new Error('lost')],
    ['an error that holds it', ['chat', 'hi', '--retries', '0'], new Error(`bad token ${key}`)],
    ['a dry run', ['chat', 'hi', '--dry-run'], undefined],
    ['the settings', ['config', 'list'], undefined],
    ['the profiles', ['config', 'profiles', '--json'], undefined],
  ])('is not shown in %s', async (_, argv, answer) => {
    const api = answer === undefined ? stubApi() : stubApi(answer);
    const { stdout, stderr } = await oai(argv, { env: { OPENAI_API_KEY: key }, fetch: api.fetch });
    expect(stdout + stderr).not.toBe('');
    expect(stdout + stderr).not.toContain(key);
  });

  it('that is not given is asked for in one line that names every way', async () => {
    const { code, stderr } = await oai(['chat', 'hi'], { env: {} });
    expect(code).toBe(3);
    const [first, second, ...rest] = stderr.split('\n');
    expect(first).toContain('OPENAI_API_KEY');
    for (const way of ['export OPENAI_API_KEY=', '.env', 'oai config init', '--sandbox'])
      expect(second).toContain(way);
    expect(rest).toEqual(['']);
  });

  it.each(['sk a', 'sk\na', ' sk', 'sk ', 'skä'])(
    'that no header can carry is refused, unseen: %j',
    async (value) => {
      const { code, stderr } = await oai(['chat', 'hi'], { env: { OPENAI_API_KEY: value } });
      expect(code).toBe(3);
      expect(stderr).toMatch(/^oai: .*OPENAI_API_KEY/);
      expect(stderr).not.toContain(value);
    },
  );
});

describe('--verbose', () => {
  it('says what is sent where, and what came back', async () => {
    const { stderr } = await oai(['chat', '--sandbox', '--verbose', 'hi']);
    expect(stderr).toMatch(
      /^oai: > POST https:\/\/sandbox\.invalid\/v1\/chat\/completions\noai: < 200 after \d+ ms, request req_\w+\n$/,
    );
  });
});

describe('a word that looks like a flag', () => {
  it.each([
    [['files', 'upload', '-dash.md'], 'oai files upload -- "-dash.md"'],
    [
      ['files', 'upload', '--purpose', 'vision', 'a b', '-c.md'],
      `oai files upload --purpose vision 'a b' -- "-c.md"`,
    ],
    [['chat', '-5 degrees?'], 'oai chat -- "-5 degrees?"'],
    [['chat', 'x'.repeat(200), '-5 degrees?'], 'oai chat -- "-5 degrees?"'],
  ])('%j is told where it goes', async (argv, line) => {
    const { code, stderr } = await oai(argv);
    expect(code).toBe(2);
    expect(stderr).toContain(`\n     words that begin with - go after --: ${line}\n`);
  });
});
