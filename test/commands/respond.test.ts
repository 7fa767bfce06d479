import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readImageInfo } from '../../src/input/image-kind.ts';
import { tone, wav } from '../audio/sounds.ts';
import { eventStream, jsonAnswer, stubApi } from '../support/api.ts';
import { CapturedOutput } from '../support/context.ts';
import { temporaryFolder } from '../support/folder.ts';
import { png } from '../support/images.ts';
import { oai } from '../support/oai.ts';
import { checkRequest, openapi } from '../support/openapi.ts';
import { answer, lasting as sandboxFor } from '../support/responses.ts';

const delta = (text: string) => ({ type: 'response.output_text.delta', delta: text, item_id: 'm' });
const completed = (fields: object = {}) => ({ type: 'response.completed', response: answer(fields) });

/** The body that a command line sends, checked against the API's document. */
async function requestOf(argv: readonly string[], options: Parameters<typeof oai>[1] = {}): Promise<unknown> {
  const api = stubApi(eventStream([delta('ok'), completed()], { done: false }));
  const { code, stderr } = await oai(['respond', ...argv], { ...options, fetch: api.fetch });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const body: unknown = await api.requests[0]?.json();
  if (openapi !== undefined) checkRequest('POST', '/responses', body);
  return body;
}

const said = (text: string) => [{ role: 'user', content: text }];
const plain = { model: 'gpt-6-luna', input: said('hi'), stream: true };

/** One sandbox for several command lines. */
const lasting = () => sandboxFor().run;

describe('the request', () => {
  it.each<[string, string[], object]>([
    ['nothing else', [], plain],
    ['instructions', ['-s', 'be brief'], { ...plain, instructions: 'be brief' }],
    ['what is gone on with', ['--previous', 'resp_0'], { ...plain, previous_response_id: 'resp_0' }],
    ['a conversation', ['--api-conversation', 'conv_0'], { ...plain, conversation: 'conv_0' }],
    [
      'reasoning',
      ['--reasoning-effort', 'low', '--reasoning-summary', 'auto'],
      { ...plain, reasoning: { effort: 'low', summary: 'auto' } },
    ],
    [
      'limits',
      ['--max-tokens', '50', '-t', '1', '--truncation', 'auto'],
      { ...plain, max_output_tokens: 50, temperature: 1, truncation: 'auto' },
    ],
    [
      'a form',
      ['--json-object', '-s', 'json', '--verbosity', 'low'],
      {
        ...plain,
        // In the input, where the API looks for the word.
        input: [{ role: 'developer', content: 'json' }, ...said('hi')],
        text: { format: { type: 'json_object' }, verbosity: 'low' },
      },
    ],
    ['no storing', ['--no-store'], { ...plain, store: false }],
    [
      'more of it',
      ['--include', 'web_search_call.action.sources'],
      { ...plain, include: ['web_search_call.action.sources'] },
    ],
    [
      'hosted tools',
      [
        '--web-search',
        '--file-search',
        'vs_1',
        '--file-search',
        'vs_2',
        '--code-interpreter',
        '--image-generation',
      ],
      {
        ...plain,
        tools: [
          { type: 'web_search' },
          { type: 'file_search', vector_store_ids: ['vs_1', 'vs_2'] },
          { type: 'code_interpreter', container: { type: 'auto' } },
          { type: 'image_generation' },
        ],
      },
    ],
    ['any other field', ['--param', 'max_tool_calls=2'], { ...plain, max_tool_calls: 2 }],
  ])('holds %s', async (name, flags, body) => {
    // The answer of the stub is no JSON.
    if (name === 'a form') {
      const api = stubApi(eventStream([delta('{}'), completed()], { done: false }));
      await oai(['respond', 'hi', ...flags], { fetch: api.fetch });
      expect(await api.requests[0]?.json()).toEqual(body);
    } else expect(await requestOf(['hi', ...flags])).toEqual(body);
  });

  it('asks for no reasoning where a setting wants that, and says so', async () => {
    const api = stubApi(eventStream([delta('ok'), completed()], { done: false }));
    const { stderr } = await oai(['respond', '-t', '0', 'hi'], { fetch: api.fetch });
    expect(await api.requests[0]?.json()).toEqual({
      ...plain,
      temperature: 0,
      reasoning: { effort: 'none' },
    });
    expect(stderr).toBe(
      'oai: gpt-6-luna takes these settings only without reasoning: sent reasoning effort none\n',
    );
  });

  it('names an MCP server by its host, or as it is told', async () => {
    const servers = ['--mcp', 'https://mcp.example.com/x', '--mcp', 'docs=https://a.test/'];
    expect(await requestOf(['hi', ...servers])).toMatchObject({
      tools: [
        {
          type: 'mcp',
          server_label: 'mcp_example_com',
          server_url: 'https://mcp.example.com/x',
          require_approval: 'always',
        },
        { type: 'mcp', server_label: 'docs', server_url: 'https://a.test/' },
      ],
    });
  });

  it('carries what is attached, before the words', async () => {
    const cwd = await temporaryFolder();
    await writeFile(join(cwd, 'a.png'), png(8, 8));
    await writeFile(join(cwd, 'a.txt'), 'a note\n');
    const body = await requestOf(['-a', 'a.png', '-a', 'a.txt', '--image-detail', 'low', 'see'], { cwd });
    expect(body).toMatchObject({
      input: [
        {
          content: [
            {
              type: 'input_image',
              detail: 'low',
              image_url: expect.stringMatching(/^data:image\/png;base64,/),
            },
            { type: 'input_text', text: 'a.txt:\n```\na note\n```' },
            { type: 'input_text', text: 'see' },
          ],
        },
      ],
    });
  });
});

describe('a document', () => {
  const docx = Buffer.concat([Buffer.from('PK\x03\x04'), Buffer.alloc(40), Buffer.from('word/document.xml')]);

  it('goes along as it is', async () => {
    const cwd = await temporaryFolder();
    await writeFile(join(cwd, 'a.docx'), docx);
    expect(await requestOf(['-a', 'a.docx', 'sum up'], { cwd })).toMatchObject({
      input: [
        {
          content: [
            {
              type: 'input_file',
              filename: 'a.docx',
              file_data: `data:application/vnd.openxmlformats-officedocument.wordprocessingml.document;base64,${docx.toString('base64')}`,
            },
            { type: 'input_text', text: 'sum up' },
          ],
        },
      ],
    });
  });

  it('of another kind, and sound, is refused before it is sent', async () => {
    const cwd = await temporaryFolder();
    await writeFile(join(cwd, 'a.zip'), 'PK\x03\x04 and more');
    await writeFile(join(cwd, 'a.wav'), wav(tone(0.1)));
    const zip = await oai(['respond', '-a', 'a.zip', 'x'], { cwd });
    expect(zip.stderr).toBe(
      'oai: a.zip is a ZIP archive; a question takes images, PDF, documents and text\n',
    );
    const sound = await oai(['respond', '-a', 'a.wav', 'x'], { cwd });
    expect(sound).toMatchObject({ code: 2, stdout: '' });
    expect(sound.stderr).toContain('oai chat -a hears it; oai transcribe writes it down');
  });
});

describe('the answer', () => {
  const answered = (
    events: readonly object[],
    argv: readonly string[] = [],
    options: Parameters<typeof oai>[1] = {},
  ) =>
    oai(['respond', 'hi', ...argv], {
      ...options,
      fetch: stubApi(eventStream(events, { done: false })).fetch,
    });

  it('streams to stdout, and what it cites stands beside it', async () => {
    const annotations = [
      { type: 'url_citation', url: 'https://a.test/', title: 'A\u001b[2J' },
      { type: 'url_citation', url: 'https://a.test/', title: 'A again' },
      { type: 'file_citation', filename: 'b.md', file_id: 'f', index: 0 },
    ];
    const output = [{ type: 'message', content: [{ type: 'output_text', text: 'ab', annotations }] }];
    const { code, stdout, stderr } = await answered([delta('a'), delta('b'), completed({ output })]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'ab\n' });
    expect(stderr).toBe('[1] A again https://a.test/\n[2] b.md\n');
  });

  it('has its thoughts on stderr', async () => {
    const events = [{ type: 'response.reasoning_summary_text.delta', delta: 'hm' }, delta('a'), completed()];
    expect(await answered(events)).toMatchObject({ stdout: 'a\n', stderr: 'hm' });
    expect(await answered(events, ['-q'])).toMatchObject({ stdout: 'a\n', stderr: '' });
  });

  it.each<[string, readonly object[], number, string]>([
    ['cut', [delta('a')], 6, 'the answer was cut'],
    [
      'failed',
      [
        delta('a'),
        {
          type: 'response.failed',
          response: answer({ status: 'failed', error: { code: 'server_error', message: 'oh' } }),
        },
      ],
      6,
      'the response failed: oh',
    ],
    [
      'cut by length',
      [
        delta('a'),
        {
          type: 'response.incomplete',
          response: answer({ status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } }),
        },
      ],
      8,
      'the answer is cut',
    ],
    [
      'filtered',
      [
        delta('a'),
        {
          type: 'response.incomplete',
          response: answer({ status: 'incomplete', incomplete_details: { reason: 'content_filter' } }),
        },
      ],
      7,
      'the content filter',
    ],
    [
      'refused',
      [completed({ output: [{ type: 'message', content: [{ type: 'refusal', refusal: 'no' }] }] })],
      7,
      'the model refused: no',
    ],
    ['empty', [completed({ output: [] })], 8, 'the answer is empty'],
    [
      'broken by an error',
      [delta('a'), { type: 'error', code: 'x', message: 'broke', param: null }],
      6,
      'broke',
    ],
  ])('that is %s says so by its exit code, with what came', async (_, events, code, words) => {
    const run = await answered(events);
    expect(run).toMatchObject({ code, stderr: expect.stringContaining(words) });
    expect(run.stdout).toBe(events.some((event) => 'delta' in event) ? 'a\n' : '');
  });

  it('may be cut where the user set a limit', async () => {
    const end = {
      type: 'response.incomplete',
      response: answer({ status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } }),
    };
    expect(await answered([delta('a'), end], ['--max-tokens', '16'])).toMatchObject({
      code: 0,
      stdout: 'a\n',
    });
  });

  it('is shown where a server ignores `stream`', async () => {
    const run = await oai(['respond', 'hi'], { fetch: stubApi(jsonAnswer(answer())).fetch });
    expect(run).toMatchObject({ code: 0, stdout: 'ok\n' });
  });

  it('is whole with --json and with --no-stream', async () => {
    const whole = answer();
    const json = await oai(['respond', 'hi', '--json'], { fetch: stubApi(jsonAnswer(whole)).fetch });
    expect(JSON.parse(json.stdout)).toEqual(whole);
    const text = await oai(['respond', 'hi', '--no-stream'], { fetch: stubApi(jsonAnswer(whole)).fetch });
    expect(text).toMatchObject({ code: 0, stdout: 'ok\n' });
  });

  it('may be code alone', async () => {
    const text = 'See:\n\n```ts\nlet a;\n```\n';
    const output = [{ type: 'message', content: [{ type: 'output_text', text, annotations: [] }] }];
    expect(await answered([delta(text), completed({ output })], ['-x'])).toMatchObject({
      code: 0,
      stdout: 'let a;\n',
    });
    expect(await answered([delta('none'), completed()], ['-x'])).toMatchObject({ code: 8, stdout: '' });
  });

  it('is Markdown made readable on a terminal', async () => {
    const stdout = new CapturedOutput({ isTTY: true, color: true });
    const run = await answered([delta('**bold**\n'), completed()], [], { stdout });
    expect(run.stdout).toContain('bold');
    expect(run.stdout).not.toContain('**');
  });

  it('is given as events', async () => {
    const { stdout } = await answered([delta('a'), completed()], ['--events']);
    expect(stdout).toBe(`${JSON.stringify(delta('a'))}\n${JSON.stringify(completed())}\n`);
  });

  it('cannot command a terminal, by its thoughts either', async () => {
    const thought = { type: 'response.reasoning_summary_text.delta', delta: '\u001b[2Jx' };
    const stdout = new CapturedOutput({ isTTY: true });
    const run = await answered([thought, delta('\u001b]0;x\u0007'), completed()], [], { stdout });
    expect(`${run.stdout}${run.stderr}`).not.toContain('\u001b');
  });

  it.each([
    ['prose', 'hello'],
    ['something else', { choices: [] }],
  ])('is no answer of the API when it is %s', async (_, whole) => {
    const { code } = await oai(['respond', 'hi', '--json', '--retries', '0'], {
      fetch: stubApi(jsonAnswer(whole)).fetch,
    });
    expect(code).toBe(6);
  });
});

describe('what tools make', () => {
  it('is saved, and its path printed below the text', async () => {
    const cwd = await temporaryFolder();
    const run = lasting();
    const image = await run(['respond', '--image-generation', 'a blue cat'], { cwd });
    expect(image).toMatchObject({ code: 0, stdout: 'You said: a blue cat\na-blue-cat.png\n' });
    expect(readImageInfo(await readFile(join(cwd, 'a-blue-cat.png')))?.kind).toBe('png');
    const code = await run(['respond', '--code-interpreter', '-o', 'out/', 'squares'], { cwd });
    expect(code).toMatchObject({ code: 0, stdout: 'You said: squares\nout/result.csv\n' });
    expect(await readFile(join(cwd, 'out', 'result.csv'), 'utf8')).toContain('n,square');
  });

  it('is refused a place before anything is paid for', async () => {
    const cwd = await temporaryFolder();
    await writeFile(join(cwd, 'out.png'), '');
    const run = await oai(['respond', '--image-generation', '-o', 'out.png', 'a cat'], {
      cwd,
      fetch: stubApi().fetch,
    });
    expect(run).toMatchObject({ code: 2, stderr: expect.stringContaining('out.png') });
  });

  it('is saved from every response that tools took, and from one that is cut, each file once', async () => {
    const cwd = await temporaryFolder();
    await writeFile(join(cwd, 'w.sh'), '#!/bin/sh\ncat\n', { mode: 0o755 });
    await writeFile(join(cwd, 'w.sh.json'), '{"parameters":{"type":"object","properties":{}}}');
    const image = (id: string) => ({
      type: 'image_generation_call',
      id,
      status: 'completed',
      result: png(4, 4).toString('base64'),
    });
    const call = { type: 'function_call', id: 'f', call_id: 'c', name: 'w', arguments: '{}' };
    const first = [completed({ output: [image('i1'), call] })];
    const second = [
      { type: 'response.output_item.done', item: image('i2') },
      { type: 'response.output_item.done', item: image('i1') },
      delta('te'),
    ];
    const api = stubApi(eventStream(first, { done: false }), eventStream(second, { done: false }));
    const run = await oai(['respond', '--tool', 'w=./w.sh', '--yes', '-o', 'out', 'a cat'], {
      cwd,
      fetch: api.fetch,
    });
    expect(run).toMatchObject({ code: 6, stdout: 'out/a-cat.png\nte\nout/a-cat-2.png\n' });
  });

  it('stands as its path in the JSON, where it is to be saved', async () => {
    const cwd = await temporaryFolder();
    const { stdout } = await lasting()(['respond', '--json', '--image-generation', '-o', 'out', 'a cat'], {
      cwd,
    });
    const made = JSON.parse(stdout).output.find(
      ({ type }: { type: string }) => type === 'image_generation_call',
    );
    expect(made.result).toBe('out/a-cat.png');
  });

  it('cannot choose where it is saved', async () => {
    const cwd = await temporaryFolder();
    const annotations = [
      {
        type: 'container_file_citation',
        container_id: 'c',
        file_id: 'f',
        filename: '../../evil.sh',
        start_index: 0,
        end_index: 1,
      },
    ];
    const output = [{ type: 'message', content: [{ type: 'output_text', text: 'x', annotations }] }];
    const api = stubApi(
      jsonAnswer(answer({ output })),
      new Response('rm', { headers: { 'content-type': 'application/octet-stream' } }),
    );
    const { code, stdout } = await oai(['respond', 'hi', '--no-stream'], { cwd, fetch: api.fetch });
    expect(code).toBe(0);
    expect(stdout.split('\n')[1]).toMatch(/^[\w-]+\.sh$/);
  });
});

describe('going on', () => {
  it('chains three turns by the response before', async () => {
    const run = lasting();
    const first = JSON.parse((await run(['respond', '--json', 'one'])).stdout);
    const second = JSON.parse((await run(['respond', '--json', '--previous', first.id, 'two'])).stdout);
    expect((await run(['respond', '--previous', second.id, 'three'])).stdout).toBe(
      'You said: three\nBefore that: “one”, “two”\n',
    );
  });

  it('keeps three turns in a conversation', async () => {
    const run = lasting();
    const { id } = JSON.parse((await run(['api', 'POST', '/conversations', '-d', '{}'])).stdout);
    for (const words of ['one', 'two']) await run(['respond', '--api-conversation', id, words]);
    expect((await run(['respond', '--api-conversation', id, 'three'])).stdout).toContain('“one”, “two”');
  });

  it('goes on with the last conversation, by the response that it ended with', async () => {
    const home = await temporaryFolder();
    const env = { OPENAI_API_KEY: 'sk-x', OAI_HOME: home };
    const run = lasting();
    expect(await run(['respond', '--history', '-s', 'be brief', 'one'], { env })).toMatchObject({ code: 0 });
    const second = await run(['respond', '-c', 'two', '--json'], { env });
    expect(JSON.parse(second.stdout).previous_response_id).toMatch(/^resp_/);
    expect((await run(['respond', '-c', 'three'], { env })).stdout).toBe(
      'You said: three\nAs told: be brief\nBefore that: “one”, “two”\n',
    );
    // A chat goes on with what was said, too, and a response with a chat.
    expect((await run(['chat', '-c', 'four'], { env })).stdout).toContain('“three”');
    expect((await run(['respond', '-c', 'five'], { env })).stdout).toContain('“four”');
  });

  it('says all again where the API has forgotten the response, or was not to keep it', async () => {
    const env = { OPENAI_API_KEY: 'sk-x', OAI_HOME: await temporaryFolder() };
    await lasting()(['respond', '--history', 'one'], { env });
    const run = lasting();
    expect((await run(['respond', '-c', '--no-store', 'two'], { env })).stdout).toContain('“one”');
    expect((await run(['respond', '-c', 'three'], { env })).stdout).toContain('“one”, “two”');
  });

  it('keeps a question that failed', async () => {
    const env = { OPENAI_API_KEY: 'sk-x', OAI_HOME: await temporaryFolder() };
    const broken = stubApi(eventStream([delta('half')], { done: false }));
    expect(await oai(['respond', '--history', 'why?'], { env, fetch: broken.fetch })).toMatchObject({
      code: 6,
    });
    const { stdout } = await oai(['history', 'show', '--json'], { env });
    expect(stdout).toContain('why?');
    expect(stdout).toContain('half');
  });

  it.each([
    [['-c', '--previous', 'resp_1', 'x'], '--previous and a conversation that is kept here'],
    [['-c', 'x'], 'there is no conversation to go on with'],
    [['--fork', 'x'], '--fork is for a conversation'],
  ])('is refused: %j', async (argv, words) => {
    const env = { OPENAI_API_KEY: 'sk-x', OAI_HOME: await temporaryFolder() };
    const { code, stderr } = await oai(['respond', ...argv], { env });
    expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringContaining(words) });
  });

  it('is exit 4 with a response that is not there', async () => {
    expect(await lasting()(['respond', '--previous', 'resp_x', 'hi'])).toMatchObject({
      code: 4,
      stderr: expect.stringContaining('resp_x'),
    });
  });
});

describe('tools', () => {
  async function desk() {
    const cwd = await temporaryFolder();
    await writeFile(join(cwd, 'w.sh'), '#!/bin/sh\ncat\n', { mode: 0o755 });
    await writeFile(
      join(cwd, 'w.sh.json'),
      '{"description":"w","parameters":{"type":"object","properties":{}}}',
    );
    return cwd;
  }

  it.each([[[]], [['--no-store']]])(
    'of the user are run and their results handed back: %j',
    async (flags) => {
      const cwd = await desk();
      const argv = ['respond', '--tool', 'weather=./w.sh', '--yes', ...flags, 'call weather'];
      expect(await lasting()(argv, { cwd })).toMatchObject({
        code: 0,
        stdout: expect.stringContaining('weather answered: {}'),
      });
    },
  );

  it('have thoughts handed back that the API did not keep', async () => {
    const body = await requestOf(['--web-search', '--no-store', 'hi']);
    expect(body).toMatchObject({ include: ['reasoning.encrypted_content'] });
  });

  it('that nobody allowed are printed: exit 10', async () => {
    const cwd = await desk();
    const { code, stdout } = await lasting()(['respond', '--tool', 'weather=./w.sh', 'call weather'], {
      cwd,
    });
    expect({ code, ...JSON.parse(stdout) }).toMatchObject({
      code: 10,
      calls: [{ type: 'function_call', name: 'weather' }],
    });
  });

  it('of an MCP server want to be allowed: exit 10 in CI, done with --yes', async () => {
    const run = lasting();
    const argv = ['respond', '--mcp', 'docs=https://a.test/mcp', 'hi'];
    const { code, stdout } = await run(argv);
    expect({ code, ...JSON.parse(stdout) }).toMatchObject({
      code: 10,
      calls: [{ type: 'mcp_approval_request', server_label: 'docs' }],
    });
    expect(await run([...argv, '--yes'])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('You said: hi'),
    });
  });

  it('are answered by a script, which comes back with the results', async () => {
    const cwd = await desk();
    const run = lasting();
    const tool = ['--tool', 'weather=./w.sh'];
    const asked = await run(['respond', ...tool, 'call weather'], { cwd });
    const { id, calls } = JSON.parse(asked.stdout);
    expect(asked.stderr).toContain(`oai respond --previous ${id} --tool-result CALL=@FILE`);
    await writeFile(join(cwd, 'r.txt'), 'sunny\n');
    const back = ['respond', '--previous', id, ...tool];
    expect(await run([...back, '--tool-result', `${calls[0].call_id}=@r.txt`], { cwd })).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('weather answered: sunny'),
    });
    expect(await run([...back, '--tool-result', 'call_x=1'], { cwd })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(`it asks for ${calls[0].call_id} (weather)`),
    });
  });

  it('of an MCP server are allowed by a script, or not', async () => {
    const run = lasting();
    const mcp = ['--mcp', 'docs=https://a.test/mcp'];
    const { id, calls } = JSON.parse((await run(['respond', ...mcp, 'hi'])).stdout);
    const back = ['respond', '--previous', id, ...mcp, '--tool-result'];
    expect(await run([...back, `${calls[0].id}=maybe`])).toMatchObject({ code: 2 });
    expect(await run([...back, `${calls[0].id}=yes`])).toMatchObject({ code: 0, stdout: 'You said: hi\n' });
  });

  it('have no results without the response that asks for them', async () => {
    expect(await oai(['respond', '--tool-result', 'c=1'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('add --previous with its id'),
    });
  });
});

describe('bad input', () => {
  it.each([
    [['respond'], 'no prompt'],
    [['respond', 'x', '--previous', 'a', '--api-conversation', 'b'], 'both say what is gone on with'],
    [['respond', 'x', '--background', '--no-store'], '--background needs what --no-store forbids'],
    [['respond', 'x', '--events', '--json'], '--events and --json contradict'],
    [['respond', 'x', '--mcp', 'docs'], '--mcp docs is no URL'],
    [
      ['respond', 'x', '--mcp', 'https://a.test/1', '--mcp', 'https://a.test/2'],
      'two --mcp are called a_test',
    ],
    [['respond', 'x', '-t', '0', '--reasoning-effort', 'high'], 'takes --temperature only without reasoning'],
    [['respond', 'x', '--mcp', 'https://u:p@a.test/'], 'would be seen by everybody in ps'],
    [['respond', 'x', '--max-tokens', '1'], 'not a whole number of 16 or more'],
    [['respond', 'x', '--param', 'stream=true'], 'respond streams by itself'],
  ])('%j is answered', async (argv, words) => {
    const { code, stderr } = await oai(argv);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(words) });
  });
});
