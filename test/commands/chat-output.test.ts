import { rmSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { chatChunk, chatChunks, eventStream, jsonAnswer, stubApi } from '../support/api.ts';
import { CapturedOutput, type FakeContextOptions } from '../support/context.ts';
import { temporaryFolder } from '../support/folder.ts';
import { oai, type Run } from '../support/oai.ts';
import { seenOn } from '../support/rendered.ts';
import { folderOf } from '../tools/programs.ts';

const ANSWER = 'Say **this**:\n\n```ts\nconst a = 1;\n```\n\nor\n\n```python\nprint(1)\n```\n';

/** Runs a command line that gets an answer in pieces. */
function chat(argv: readonly string[], answer = ANSWER, options: FakeContextOptions = {}): Promise<Run> {
  const pieces = answer.match(/.{1,5}/gs) ?? [];
  return oai(['chat', 'hi', ...argv], {
    fetch: stubApi(eventStream(chatChunks(...pieces))).fetch,
    ...options,
  });
}

/** A run that sends nothing. */
function refused(argv: readonly string[], options: FakeContextOptions = {}): Promise<Run> {
  return oai(['chat', 'hi', ...argv], { fetch: stubApi().fetch, ...options });
}

/** An answer that ends before it is complete. */
function cutChat(argv: readonly string[], answer: string, options: FakeContextOptions = {}): Promise<Run> {
  const stream = eventStream([chatChunk({ content: answer })], { done: false });
  return oai(['chat', 'hi', ...argv], { fetch: stubApi(stream).fetch, ...options });
}

const terminal = () => new CapturedOutput({ isTTY: true, color: true });

it('tells the path of a file that somebody takes as soon as it is there', async () => {
  const cwd = await temporaryFolder();
  const stdout = new CapturedOutput();
  stdout.onWrite = () => rmSync(join(cwd, 'a-2.md'), { force: true });
  const answer = (index: number) => [
    chatChunk({ content: 'text' }, null, index),
    chatChunk({}, 'stop', index),
  ];
  const api = stubApi(eventStream([...answer(0), ...answer(1)]));
  const run = await oai(['chat', 'hi', '-n', '2', '-o', 'a.md'], { cwd, stdout, fetch: api.fetch });
  expect(run).toMatchObject({ code: 0, stdout: 'a-1.md\na-2.md\n', stderr: '' });
  expect(await readdir(cwd)).toEqual(['a-1.md']);
});

describe('Markdown', () => {
  it('is rendered on a terminal', async () => {
    const { code, stdout } = await chat([], ANSWER, { stdout: terminal() });
    expect(code).toBe(0);
    const seen = await seenOn(stdout);
    expect(seen.lines.slice(0, 4)).toEqual(['Say this:', '', '── ts '.padEnd(40, '─'), 'const a = 1;']);
    expect([seen.look('this'), seen.look('const'), seen.look('print')]).toEqual(['bold', 'magenta', 'cyan']);
  });

  it.each<[string, string[], FakeContextOptions]>([
    ['in a pipe', [], {}],
    ['with --raw', ['--raw'], { stdout: terminal() }],
    [
      'on a terminal that can do nothing',
      [],
      { stdout: terminal(), env: { OPENAI_API_KEY: 'sk-x', TERM: 'dumb' } },
    ],
  ])('stays as it is %s', async (_, argv, options) => {
    expect(await chat(argv, ANSWER, options)).toMatchObject({ code: 0, stdout: ANSWER });
  });

  it('stays as it is where the settings say so', async () => {
    const home = await temporaryFolder();
    await writeFile(join(home, 'config.toml'), 'markdown = false\n', { mode: 0o600 });
    const env = { OPENAI_API_KEY: 'sk-x', OAI_HOME: home };
    expect(await chat([], ANSWER, { stdout: terminal(), env, home })).toMatchObject({
      code: 0,
      stdout: ANSWER,
    });
  });

  it('is laid out without colours, its marks kept', async () => {
    const { stdout } = await chat([], ANSWER, { stdout: new CapturedOutput({ isTTY: true }) });
    expect(stdout).toContain('Say **this**:\n\n── ts ──');
    expect(stdout).not.toContain('\u001b');
  });

  it('is not looked for in JSON', async () => {
    const json = '{"a": "**b** _c_"}';
    const { stdout } = await chat(['--json-object', '-q'], json, { stdout: terminal() });
    expect(stdout).toBe(`${json}\n`);
  });

  it('is rendered for each of several answers', async () => {
    const chunks = [0, 1].flatMap((index) => [
      chatChunk({ content: `**n${index}**` }, null, index),
      chatChunk({}, 'stop', index),
    ]);
    const { stdout } = await oai(['chat', '-n', '2', 'hi'], {
      fetch: stubApi(eventStream(chunks)).fetch,
      stdout: terminal(),
    });
    expect((await seenOn(stdout)).lines).toEqual(['n0', 'n1']);
  });

  it('is shown as far as it came when the answer is cut', async () => {
    const { code, stdout, stderr } = await cutChat([], '# Title\n\nsome **bo', { stdout: terminal() });
    expect({ code, stderr }).toMatchObject({
      code: 6,
      stderr: expect.stringContaining('what arrived is printed'),
    });
    expect((await seenOn(stdout)).lines).toEqual(['Title', '', 'some **bo']);
  });

  it('cannot be told apart in a whole answer', async () => {
    const whole = {
      choices: [{ index: 0, message: { role: 'assistant', content: '**a**' }, finish_reason: 'stop' }],
    };
    const { stdout } = await oai(['chat', '--no-stream', 'hi'], {
      fetch: stubApi(jsonAnswer(whole)).fetch,
      stdout: terminal(),
    });
    expect((await seenOn(stdout)).look('a')).toBe('bold');
  });
});

describe('--extract', () => {
  it.each<[string, string[], string]>([
    ['the first block', ['-x'], 'const a = 1;\n'],
    ['the first in a language', ['--extract-lang', 'py'], 'print(1)\n'],
    ['all blocks', ['--extract-all'], 'const a = 1;\n\nprint(1)\n'],
    ['all, apart', ['--extract-all', '--separator', '--\\n'], 'const a = 1;\n--\nprint(1)\n'],
    ['all, a NUL behind each', ['--extract-all', '-0'], 'const a = 1;\n\0print(1)\n\0'],
    ['all in a language', ['--extract-all', '--extract-lang', 'typescript'], 'const a = 1;\n'],
  ])('prints %s', async (_, argv, stdout) => {
    expect(await chat(argv)).toMatchObject({ code: 0, stdout, stderr: '' });
  });

  it('prints code as it comes', async () => {
    const stdout = new CapturedOutput();
    await chat(['-x'], ANSWER, { stdout });
    expect(stdout.writes.join('')).toBe('const a = 1;\n');
  });

  it('makes what a terminal obeys harmless, and leaves it alone in a pipe', async () => {
    const answer = '```\n\u001b[31mred\u001b[0m\n```';
    expect((await chat(['-x'], answer)).stdout).toBe('\u001b[31mred\u001b[0m\n');
    expect((await chat(['-x'], answer, { stdout: terminal() })).stdout).toBe('␛[31mred␛[0m\n');
  });

  it.each([
    ['no block', ['-x'], 'Just **text**.', 'the answer holds no code block'],
    ['no block in the language', ['--extract-lang', 'go'], ANSWER, 'the answer holds no code block in go'],
  ])('is exit 8 with %s, and the text is not lost', async (_, argv, answer, message) => {
    const { code, stdout, stderr } = await chat(argv, answer);
    expect({ code, stdout }).toEqual({ code: 8, stdout: '' });
    expect(stderr).toBe(`${answer.trimEnd()}\noai: ${message}\n     what it says is above, on stderr\n`);
  });

  it('shows a lost text on a terminal without control sequences', async () => {
    const { stderr } = await chat(['-x'], 'a\u001b[2Jb', { stderr: new CapturedOutput({ isTTY: true }) });
    expect(stderr).toContain('a␛[2Jb\n');
  });

  it.each([
    ['an empty block', ['-x'], 'Here:\n\n```sh\n```'],
    ['a block of line breaks', ['-x'], 'Here:\n\n```sh\n\n\n```'],
    ['two empty blocks', ['--extract-all'], '```sh\n```\n\n```sh\n```'],
  ])('is exit 8 with %s', async (_, argv, answer) => {
    const { code, stdout, stderr } = await chat(argv, answer);
    expect({ code, stdout: stdout.trim() }).toEqual({ code: 8, stdout: '' });
    expect(stderr).toContain('oai: the code block is empty\n');
  });

  it('is there where one of two blocks is empty', async () => {
    const { code, stdout } = await chat(['--extract-all'], '```sh\n```\n\n```sh\nls\n```');
    expect(code).toBe(0);
    expect(stdout).toContain('ls\n');
  });

  it('prints what came of a block that is cut, and says so', async () => {
    const open = '```ts\nconst a';
    expect(await chat(['-x'], open)).toMatchObject({
      code: 8,
      stdout: 'const a\n',
      stderr: 'oai: the code block has no end: the answer may be cut\n',
    });
    expect(await cutChat(['-x'], open)).toMatchObject({ code: 6, stdout: 'const a\n' });
    const lost = await cutChat(['-x'], 'no code yet');
    expect(lost).toMatchObject({
      code: 6,
      stdout: '',
      stderr: expect.stringMatching(/^no code yet\noai: the answer was cut/),
    });
  });

  it('is taken of each answer', async () => {
    const chunks = ['a', 'b'].flatMap((text, index) => [
      chatChunk({ content: `\`\`\`\n${text}\n\`\`\`` }, null, index),
      chatChunk({}, 'stop', index),
    ]);
    const run = await oai(['chat', '-x', '-n', '2', 'hi'], { fetch: stubApi(eventStream(chunks)).fetch });
    expect(run).toMatchObject({ code: 0, stdout: 'a\nb\n' });
  });

  it('is the result of a row; one without code failed, with its text', async () => {
    const answers = [ANSWER, 'none'].map((content) =>
      jsonAnswer({ choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }] }),
    );
    const { code, stdout } = await oai(['chat', '--each', '-x', '-j', '1'], {
      stdin: 'a\nb\n',
      fetch: stubApi(...answers).fetch,
    });
    expect(code).toBe(9);
    const lines = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines).toMatchObject([
      { result: 'const a = 1;\n' },
      { result: 'none', error: { message: 'the answer holds no code block' } },
    ]);
  });

  it.each<[string, string[]]>([
    ['-x and --json', ['-x', '--json']],
    ['--extract-all and --events', ['--extract-all', '--events']],
    ['--extract-lang and --logprobs', ['--extract-lang', 'ts', '--logprobs']],
    ['-x and --json-object', ['-x', '--json-object']],
    ['-x and --schema', ['-x', '--schema', 's.json']],
    ['no language', ['--extract-lang', '']],
  ])('is refused: %s', async (_, argv) => {
    const { code, stdout, stderr } = await refused(argv);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^(oai: |\{"error":\{"message":")(-x|--extract-\w+) /);
  });
});

describe('with tools', () => {
  /** An answer that says something and asks for a tool, then one that ends the talk. */
  async function withTool(argv: readonly string[], last: string, stdout: CapturedOutput) {
    const cwd = await folderOf({ now: 'echo noon' });
    await writeFile(join(cwd, 'now.json'), '{}');
    const call = { index: 0, id: 'c', type: 'function', function: { name: 'now', arguments: '{}' } };
    const asking = [
      chatChunk({ content: 'Let me see: ```\nlook()\n```\n\n```\nlook()\n```' }),
      chatChunk({ tool_calls: [call] }),
      chatChunk({}, 'tool_calls'),
    ];
    const api = stubApi(eventStream(asking), eventStream(chatChunks(last)));
    const line = ['chat', '-q', '--tool', 'now=./now', '--yes', ...argv, 'hi'];
    const env = { OPENAI_API_KEY: 'sk-x', PATH: process.env['PATH'] };
    return { ...(await oai(line, { cwd, env, fetch: api.fetch, stdout })), cwd };
  }

  it.each([
    ['a pipe', new CapturedOutput()],
    ['a terminal', new CapturedOutput({ isTTY: true })],
  ])('saves the last answer alone: %s', async (_, stdout) => {
    const run = await withTool(['-o', 'a.md'], 'It is noon.', stdout);
    expect(run).toMatchObject({ code: 0, stdout: stdout.isTTY ? 'It is noon.\na.md\n' : 'a.md\n' });
    expect(await readFile(join(run.cwd, 'a.md'), 'utf8')).toBe('It is noon.\n');
  });

  it.each([
    ['a pipe', new CapturedOutput()],
    ['a terminal', new CapturedOutput({ isTTY: true })],
  ])('takes code out of the last answer alone: %s', async (_, stdout) => {
    expect(await withTool(['-x'], '```\nnoon()\n```', stdout)).toMatchObject({ code: 0, stdout: 'noon()\n' });
  });
});

describe('--output', () => {
  it('saves the text and prints the path', async () => {
    const cwd = await temporaryFolder();
    expect(await chat(['-o', 'a.md'], ANSWER, { cwd })).toMatchObject({
      code: 0,
      stdout: 'a.md\n',
      stderr: '',
    });
    expect(await readFile(join(cwd, 'a.md'), 'utf8')).toBe(ANSWER);
    expect(await readdir(cwd)).toEqual(['a.md']);
  });

  it('shows the text on a terminal as well, rendered, and saves its source', async () => {
    const cwd = await temporaryFolder();
    const { stdout } = await chat(['-o', 'a.md'], '**bold**', { cwd, stdout: terminal() });
    const seen = await seenOn(stdout);
    expect(seen.lines).toEqual(['bold', 'a.md']);
    expect(seen.look('bold')).toBe('bold');
    expect(await readFile(join(cwd, 'a.md'), 'utf8')).toBe('**bold**\n');
  });

  it('saves code, named after the language where the user gives a folder', async () => {
    const cwd = await temporaryFolder();
    expect((await chat(['-x', '-o', 'a.ts'], ANSWER, { cwd })).stdout).toBe('a.ts\n');
    expect(await readFile(join(cwd, 'a.ts'), 'utf8')).toBe('const a = 1;\n');
    expect((await chat(['--extract-lang', 'py', '-o', 'out/'], ANSWER, { cwd })).stdout).toBe('out/hi.py\n');
    expect((await chat(['-o', 'out/'], ANSWER, { cwd })).stdout).toBe('out/hi.md\n');
    expect((await chat(['-o', 'out/'], ANSWER, { cwd })).stdout).toBe('out/hi-2.md\n');
  });

  it('saves each of several answers', async () => {
    const cwd = await temporaryFolder();
    const chunks = ['a', 'b'].flatMap((text, index) => [
      chatChunk({ content: text }, null, index),
      chatChunk({}, 'stop', index),
    ]);
    const run = await oai(['chat', '-n', '2', '-o', 'x.md', 'hi'], {
      cwd,
      fetch: stubApi(eventStream(chunks)).fetch,
    });
    expect(run).toMatchObject({ code: 0, stdout: 'x-1.md\nx-2.md\n' });
    expect(await readFile(join(cwd, 'x-2.md'), 'utf8')).toBe('b\n');
  });

  it('saves the text where stdout is JSON', async () => {
    const cwd = await temporaryFolder();
    const whole = {
      id: 'c',
      choices: [{ index: 0, message: { role: 'assistant', content: 'text' }, finish_reason: 'stop' }],
    };
    const run = await oai(['chat', '--json', '-o', 'a.md', 'hi'], {
      cwd,
      fetch: stubApi(jsonAnswer(whole)).fetch,
    });
    expect(run.code).toBe(0);
    expect(JSON.parse(run.stdout)).toEqual(whole);
    expect(await readFile(join(cwd, 'a.md'), 'utf8')).toBe('text\n');
  });

  it('tells no path of what is no file', async () => {
    expect(await chat(['-o', '/dev/null'], 'a')).toMatchObject({ code: 0, stdout: '', stderr: '' });
  });

  it('is stdout where it is -', async () => {
    expect(await chat(['-o', '-'], 'a')).toMatchObject({ code: 0, stdout: 'a\n' });
  });

  it('replaces no file but with --force, and asks nothing before that is clear', async () => {
    const cwd = await temporaryFolder();
    await writeFile(join(cwd, 'a.md'), 'mine');
    const { code, stderr } = await refused(['-o', 'a.md'], { cwd });
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: `oai: ${join(cwd, 'a.md')} exists\n     --force replaces it\n`,
    });
    expect((await chat(['-o', 'a.md', '--force'], 'new', { cwd })).code).toBe(0);
    expect(await readFile(join(cwd, 'a.md'), 'utf8')).toBe('new\n');
  });

  it.each<[string, string[], RegExp]>([
    ['a place that cannot be', ['-o', 'file/a.md'], /cannot write/],
    ['--force alone', ['--force'], /--force is for a file/],
    ['a separator', ['-o', 'a.md', '--separator', '-'], /--separator stands between answers/],
    ['a NUL', ['-o', 'a.md', '-0'], /-0 stands between answers/],
    ['no name', ['-o', ''], /--output is empty/],
  ])('is refused: %s', async (_, argv, message) => {
    const cwd = await temporaryFolder();
    await writeFile(join(cwd, 'file'), '');
    const { code, stderr } = await refused(argv, { cwd });
    expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringMatching(message) });
  });

  it('keeps what came of a cut answer beside, and says where', async () => {
    const cwd = await temporaryFolder();
    const { code, stdout, stderr } = await cutChat(['-o', 'a.md'], 'some te', { cwd });
    expect({ code, stdout }).toEqual({ code: 6, stdout: '' });
    expect(stderr).toMatch(/^oai: the answer was cut/);
    expect(stderr).toContain(`what arrived is in ${join(cwd, 'a.md.part')}`);
    expect(stderr).not.toContain('what arrived is printed');
    expect(await readdir(cwd)).toEqual(['a.md.part']);
    expect(await readFile(join(cwd, 'a.md.part'), 'utf8')).toBe('some te\n');
  });

  it.each<[string, string | null, object, number]>([
    ['too long', 'length', { content: 'some' }, 8],
    ['filtered', 'content_filter', { content: 'some' }, 7],
  ])('keeps an answer beside that is %s', async (_, reason, delta, code) => {
    const cwd = await temporaryFolder();
    const stream = eventStream([chatChunk(delta), chatChunk({}, reason)]);
    const run = await oai(['chat', '-o', 'a.md', 'hi'], { cwd, fetch: stubApi(stream).fetch });
    expect(run.code).toBe(code);
    expect(await readdir(cwd)).toEqual(['a.md.part']);
  });

  it('makes no file where there is no text', async () => {
    const cwd = await temporaryFolder();
    const stream = eventStream([chatChunk({ refusal: 'no' }), chatChunk({}, 'stop')]);
    const run = await oai(['chat', '-o', 'a.md', 'hi'], { cwd, fetch: stubApi(stream).fetch });
    expect(run.code).toBe(7);
    expect((await chat(['-x', '-o', 'a.md'], 'no code', { cwd })).code).toBe(8);
    expect(await readdir(cwd)).toEqual([]);
  });

  it('puts the text on stderr where the file cannot be written after all', async () => {
    const cwd = await temporaryFolder();
    const folder = join(cwd, 'a');
    await mkdir(folder);
    const { rm } = await import('node:fs/promises');
    const answer = async () => {
      // The folder is replaced by a file while the answer is under way.
      await rm(folder, { recursive: true });
      await writeFile(folder, '');
      return eventStream(chatChunks('the ', 'text'));
    };
    const run = await oai(['chat', '-o', 'a/b.md', 'hi'], { cwd, fetch: stubApi(answer).fetch });
    expect(run.code).toBe(2);
    expect(run.stdout).toBe('');
    expect(run.stderr).toMatch(/^the text\noai: cannot /);
  });
});
