import { describe, expect, it } from 'vitest';
import { errorAnswer, stubApi } from '../support/api.ts';
import { temporaryFolder } from '../support/folder.ts';
import { oai } from '../support/oai.ts';
import { person } from '../support/person.ts';
import { answer, messagesOf, models } from './talk.ts';

describe('a script', () => {
  it('is read line by line, with no prompts and no escape codes', async () => {
    const api = stubApi(answer('Hello.'), answer('Fine.'));
    const { code, stdout, stderr } = await oai(['chat', '-i'], {
      stdin: 'hi\n\nhow are you?\n/usage\n',
      fetch: api.fetch,
    });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(
      /^Hello\.\nFine\.\nmodel {4}gpt-6-luna\nsent {5}2 exchanges, about \d+ of 1,050,000 tokens\nkept {5}2 exchanges.*\nspent {4}2 requests.*\n$/,
    );
    expect((await messagesOf(api.requests))[1]).toEqual([
      'user: hi',
      'assistant: Hello.',
      'user: how are you?',
    ]);
  });

  it('joins the lines of a block, and those that end with a backslash', async () => {
    const api = stubApi(answer('A.'), answer('B.'), answer('C.'));
    const stdin = '"""\none\n/two\n"""\nthree \\\nfour\n//five';
    await oai(['chat', '-i'], { stdin, fetch: api.fetch });
    expect((await messagesOf(api.requests)).map((messages) => messages.at(-1))).toEqual([
      'user: one\n/two',
      'user: three \nfour',
      'user: /five',
    ]);
  });

  it('goes on when settings contradict each other, with those that were there', async () => {
    const api = stubApi(models('gpt-4o', 'gpt-6-luna'), answer('Still here.'));
    const stdin = '/set reasoning-effort high\n/set temperature 0.5\n/model gpt-6-luna\n/model\ngood\n';
    const argv = ['chat', '-i', '-m', 'gpt-4o'];
    const { code, stdout, stderr } = await oai(argv, { stdin, fetch: api.fetch });
    expect({ code, stdout }).toEqual({ code: 2, stdout: 'gpt-4o\nStill here.\n' });
    expect(stderr).toContain('temperature');
    expect(stderr).toContain('1 line of the script failed');
    expect(await api.requests[1]?.json()).toMatchObject({ model: 'gpt-4o', temperature: 0.5 });
  });

  it('goes on when a line fails, and the exit code says so at its end', async () => {
    const api = stubApi(errorAnswer(400, { message: 'not that' }), answer('This.'));
    const stdin = 'bad\n/nonsense\n/set temperature hot\ngood\n';
    const { code, stdout, stderr } = await oai(['chat', '-i'], { stdin, fetch: api.fetch });
    expect(code).toBe(4);
    expect(stdout).toBe('This.\n');
    expect(stderr.split('\n')).toEqual([
      expect.stringContaining('not that'),
      'oai: there is no command /nonsense',
      '     /help lists them; // begins a text with a slash',
      'oai: temperature hot is not a number from 0 to 2',
      'oai: 3 lines of the script failed',
      '',
    ]);
  });

  it('ends at /exit', async () => {
    const api = stubApi(answer('A.'));
    const { code, stdout } = await oai(['chat', '-i'], { stdin: 'one\n/exit\ntwo\n', fetch: api.fetch });
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'A.\n' });
  });

  it('of no lines is no failure', async () => {
    for (const stdin of [undefined, '', '\n\n']) {
      expect(await oai(['chat', '-i'], { stdin })).toMatchObject({ code: 0, stdout: '', stderr: '' });
    }
  });

  it('that is no text is refused', async () => {
    const { code, stderr } = await oai(['chat', '-i'], { stdin: Buffer.from([0xff, 0xfe, 0x0a]) });
    expect(code).toBe(2);
    expect(stderr).toContain('stdin is not UTF-8 text');
  });

  it('can choose nothing from lists, and edit nothing', async () => {
    const home = await temporaryFolder();
    const api = stubApi(answer('A.'));
    const stdin = 'one\n/edit\n/load\n/model\n';
    const { stdout, stderr } = await oai(['chat', '-i', '--history'], { stdin, fetch: api.fetch, home });
    expect(stdout).toBe('A.\ngpt-6-luna\n');
    expect(stderr).toContain('/edit is for a person at a terminal');
    expect(stderr).toContain('/load needs a name');
  });

  it('gives each answer as a line of JSON with --json, or from /json on', async () => {
    const api = stubApi(answer('A.'), answer('B.'));
    const stdin = 'one\n/json off\ntwo\n';
    const { stdout } = await oai(['chat', '-i', '--json'], { stdin, fetch: api.fetch });
    const [line = '', ...rest] = stdout.split('\n');
    expect(JSON.parse(line)).toMatchObject({
      state: 'answered',
      question: [{ role: 'user', content: 'one' }],
      rest: [{ role: 'assistant', content: 'A.' }],
      facts: { duration: expect.any(Number) },
    });
    expect(rest).toEqual(['B.', '']);
  });
});

describe('a pipe and a prompt', () => {
  it('are the first question, and the person goes on at the terminal', async () => {
    const api = stubApi(answer('Good.'), answer('Better.'));
    const { type, shows } = await person(['chat', '-i', 'review this'], {
      stdin: 'a diff\n',
      fetch: api.fetch,
    });
    await shows('Good.');
    await type('and now?\r');
    await shows('Better.');
    expect((await messagesOf(api.requests))[1]).toEqual([
      'user: a diff\n\nreview this',
      'assistant: Good.',
      'user: and now?',
    ]);
  });

  it('are all where there is no terminal', async () => {
    const api = stubApi(answer('Good.'));
    const { code, stdout } = await oai(['chat', '-i', 'review this'], {
      stdin: 'a diff\n',
      fetch: api.fetch,
    });
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'Good.\n' });
  });

  it('that fail there say so by the exit code', async () => {
    const api = stubApi(errorAnswer(401, { message: 'bad key' }));
    expect(await oai(['chat', '-i', 'hi'], { fetch: api.fetch })).toMatchObject({ code: 3, stdout: '' });
  });
});

it('a terminal that cannot be drawn on is read line by line', async () => {
  const api = stubApi(answer('A.'));
  const env = { OPENAI_API_KEY: 'sk-x', TERM: 'dumb' };
  const lines = {
    kind: 'terminal' as const,
    async *read() {
      yield Buffer.from('one\n');
    },
  };
  const { terminal, done } = await person(['chat'], { env, fetch: api.fetch, stdin: lines });
  expect(await done).toBe(0);
  expect(terminal.lines).toEqual(['A.']);
});
