import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { defaultModels } from '../../src/api/models.ts';
import { chatChunk, chatChunks, connectionError, eventStream, jsonAnswer, stubApi } from '../support/api.ts';
import { requestOf } from '../support/chat-request.ts';
import { CapturedOutput, FakeClock } from '../support/context.ts';
import { temporaryFolder } from '../support/folder.ts';
import { oai, settle } from '../support/oai.ts';
import { checkRequest, openapi } from '../support/openapi.ts';

const user = (content: string) => ({ role: 'user', content });
const plain = { model: defaultModels.chat, messages: [user('hi')], stream: true };

/** Flags that make a compatible server of the target. */
const elsewhere = ['--base-url', 'http://localhost:9/v1'];

describe('the request', () => {
  it.each<[string, string[], object]>([
    ['nothing else', [], plain],
    ['a model', ['-m', 'gpt-6.1-sol'], { ...plain, model: 'gpt-6.1-sol' }],
    [
      'a system prompt',
      ['-s', 'be brief'],
      { ...plain, messages: [{ role: 'system', content: 'be brief' }, user('hi')] },
    ],
    ['an empty system prompt', ['-s', ''], plain],
    ['a limit', ['--max-tokens', '5'], { ...plain, max_completion_tokens: 5 }],
    ['a limit elsewhere', ['--max-tokens', '5', ...elsewhere], { ...plain, max_tokens: 5 }],
    ['an effort', ['--reasoning-effort', 'high'], { ...plain, reasoning_effort: 'high' }],
    ['any other field', ['--param', 'verbosity=low'], { ...plain, verbosity: 'low' }],
    ['temperature 1, which every model takes', ['-t', '1'], { ...plain, temperature: 1 }],
    ['a temperature elsewhere', ['-t', '0', ...elsewhere], { ...plain, temperature: 0 }],
    ['a model without reasoning', ['-t', '0', '-m', 'gpt-4o'], { ...plain, model: 'gpt-4o', temperature: 0 }],
    ['flags before the name', ['--param', 'seed=1', '--param', 'user=x'], { ...plain, seed: 1, user: 'x' }],
  ])('holds %s', async (_, flags, body) => {
    expect(await requestOf(['chat', 'hi', ...flags])).toEqual(body);
  });

  it('takes shared flags before and after the name', async () => {
    expect(await requestOf(['--param', 'seed=1', 'chat', '--param', 'user=x', 'hi'])).toEqual({
      ...plain,
      seed: 1,
      user: 'x',
    });
  });

  it('joins the words of the prompt, and takes what follows -- as words', async () => {
    expect(await requestOf(['chat', 'say', 'hi'])).toMatchObject({ messages: [user('say hi')] });
    expect(await requestOf(['chat', '--', 'what is', '-x'])).toMatchObject({
      messages: [user('what is -x')],
    });
  });

  it('leaves piped text alone with --no-stdin', async () => {
    expect(await requestOf(['chat', '--no-stdin', 'hi'], { stdin: 'a list of other things' })).toEqual(plain);
  });

  it('carries 10 MB of piped text', async () => {
    const text = 'é'.repeat(5_000_000);
    const body = await requestOf(['chat', 'count'], { stdin: text });
    expect(body).toMatchObject({ messages: [user(`${text}\n\ncount`)] });
  });

  it('says the model of the environment, unless a flag says another', async () => {
    const env = { OPENAI_API_KEY: 'sk-x', OAI_MODEL: 'gpt-6-astra' };
    expect(await requestOf(['chat', 'hi'], { env })).toMatchObject({ model: 'gpt-6-astra' });
    expect(await requestOf(['chat', 'hi', '-m', 'gpt-6.1-sol'], { env })).toMatchObject({
      model: 'gpt-6.1-sol',
    });
  });

  it('goes where it should, with the key and nothing that tells about the machine', async () => {
    const api = stubApi(eventStream(chatChunks('ok')));
    const env = {
      OPENAI_API_KEY: 'sk-test',
      OPENAI_ORG_ID: 'org-1',
      OPENAI_PROJECT_ID: 'proj-1',
      OPENAI_CUSTOM_HEADERS: 'X-Ambient: 1\nAuthorization: Bearer other',
    };
    // The SDK looks into the environment of the process by itself.
    for (const [name, value] of Object.entries({ ...env, OPENAI_LOG: 'debug' })) vi.stubEnv(name, value);
    onTestFinished(() => void vi.unstubAllEnvs());
    await oai(['chat', 'hi', '--header', 'X-Trace: 7'], { fetch: api.fetch, env });
    const [request] = api.requests;
    expect(request?.url).toBe('https://api.openai.com/v1/chat/completions');
    expect(Object.fromEntries(request?.headers ?? [])).toEqual({
      accept: 'application/json',
      authorization: 'Bearer sk-test',
      'content-type': 'application/json',
      'openai-organization': 'org-1',
      'openai-project': 'proj-1',
      'user-agent': expect.stringMatching(/^oai\/\d/),
      'x-trace': '7',
    });
  });
});

describe('settings that a reasoning model takes without reasoning only', () => {
  it.each([
    ['-t 0', ['-t', '0']],
    ['top_p', ['--top-p', '0.5']],
    ['logprobs', ['--logprobs']],
    ['a penalty', ['--presence-penalty', '0.5']],
    ['another penalty', ['--param', 'frequency_penalty=-1']],
    ['a bias', ['--logit-bias', '50256=-100']],
  ])('make it do without, and say so: %s', async (_, flags) => {
    const api = stubApi(eventStream(chatChunks('ok')));
    const { stderr } = await oai(['chat', 'hi', ...flags], { fetch: api.fetch });
    const body: unknown = await api.requests[0]?.json();
    expect(body).toMatchObject({ reasoning_effort: 'none' });
    if (openapi !== undefined) checkRequest('POST', '/chat/completions', body);
    expect(stderr).toBe(
      'oai: gpt-6-luna takes these settings only without reasoning: sent reasoning_effort none\n',
    );
  });

  it('contradict an effort', async () => {
    const { code, stderr } = await oai(['chat', 'hi', '-t', '0', '--reasoning-effort', 'high']);
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr:
        'oai: gpt-6-luna takes --temperature only without reasoning, and --reasoning-effort high asks for it\n' +
        '     leave out one of the two, or say --reasoning-effort none\n',
    });
  });

  it('are explained when the model cannot do without', async () => {
    const { code, stderr } = await oai(['chat', '--sandbox', 'hi', '-t', '0', '-m', 'gpt-6.1-sol']);
    expect(code).toBe(4);
    expect(stderr).toContain('gpt-6.1-sol always reasons, so it takes no sampling settings');
    expect(stderr).toContain('-m gpt-6-luna');
  });
});

describe('the answer', () => {
  it('is text alone on stdout', async () => {
    const { code, stdout, stderr } = await oai(['chat', '--sandbox', 'hello']);
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: 'You said: hello\n', stderr: '' });
  });

  it('is written piece by piece, as it arrives', async () => {
    const { context } = await oai(['chat', '--sandbox', 'one two three four five six seven']);
    expect(context.stdout.writes.length).toBeGreaterThan(2);
  });

  it("is the API's own document with --json", async () => {
    const { code, stdout, stderr } = await oai(['chat', '--sandbox', '--json', 'hello']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.trimEnd()).not.toContain('\n');
    expect(JSON.parse(stdout)).toMatchObject({
      object: 'chat.completion',
      system_fingerprint: 'oai-sandbox',
      choices: [{ message: { role: 'assistant', content: 'You said: hello' }, finish_reason: 'stop' }],
    });
  });

  it('is used whole when a server ignores `stream`', async () => {
    const { code, stdout } = await oai(['chat', '--sandbox', 'hello'], { env: { OAI_SANDBOX: 'plain' } });
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'You said: hello\n' });
  });

  it('prints several choices one after the other', async () => {
    const api = stubApi(
      eventStream([
        chatChunk({ content: 'a' }, null, 0),
        chatChunk({ content: 'b' }, null, 1),
        chatChunk({ content: 'A' }, 'stop', 0),
        chatChunk({ content: 'B' }, 'stop', 1),
      ]),
    );
    const { code, stdout } = await oai(['chat', 'hi', '--param', 'n=2'], { fetch: api.fetch });
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'aA\nbB\n' });
  });

  it('takes a stream of a server that leaves out the index and the end mark', async () => {
    const chunk = { choices: [{ delta: { content: 'ok' }, finish_reason: 'stop' }] };
    const { code, stdout } = await oai(['chat', 'hi'], {
      fetch: stubApi(eventStream([chunk], { done: false })).fetch,
    });
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'ok\n' });
  });

  it('is read from lists of parts as well', async () => {
    const content = [
      { type: 'text', text: 'in ' },
      'par',
      { type: 'text', text: 'ts' },
      null,
      { type: 'odd' },
    ];
    const api = stubApi(eventStream([chatChunk({ content }), chatChunk({}, 'stop')]));
    expect(await oai(['chat', 'hi'], { fetch: api.fetch })).toMatchObject({ code: 0, stdout: 'in parts\n' });
  });

  it('is not disturbed by pieces that hold nothing', async () => {
    const odd = ['null', '5', '{}', '{"choices":null}', '{"choices":[null]}', '{"choices":[{"index":7}]}'];
    const api = stubApi(eventStream([...odd, ...chatChunks('ok')]));
    expect(await oai(['chat', 'hi'], { fetch: api.fetch })).toMatchObject({
      code: 0,
      stdout: 'ok\n',
      stderr: '',
    });
  });

  it('cannot command a terminal', async () => {
    const stdout = new CapturedOutput({ isTTY: true });
    const api = stubApi(eventStream(chatChunks('\u001b]0;owned', '\u0007\u001b[2J')));
    await oai(['chat', 'hi'], { fetch: api.fetch, stdout });
    expect(stdout.text).toBe('␛]0;owned␇␛[2J\n');
  });
});

describe('an answer that is not what was asked for', () => {
  it.each<[string, object[], string[], number, string, string]>([
    [
      'a refusal',
      [chatChunk({ refusal: 'I ' }), chatChunk({ refusal: 'will not.' }, 'stop')],
      [],
      7,
      '',
      'oai: the model refused: I will not.\n',
    ],
    [
      'a content filter',
      [chatChunk({ content: 'so far' }, 'content_filter')],
      [],
      7,
      'so far\n',
      'oai: the content filter stopped the answer\n',
    ],
    [
      'a cut at the model’s own limit',
      [chatChunk({ content: 'so far' }, 'length')],
      [],
      8,
      'so far\n',
      'the answer is cut: it reached the longest',
    ],
    [
      'a cut that was asked for',
      [chatChunk({ content: 'so far' }, 'length')],
      ['--max-tokens', '9'],
      0,
      'so far\n',
      '',
    ],
    [
      'no text within --max-tokens',
      [chatChunk({}, 'length')],
      ['--max-tokens', '9'],
      8,
      '',
      '--max-tokens was used up before the first word',
    ],
    ['no text at all', [chatChunk({}, 'stop')], [], 8, '', 'oai: the answer is empty\n'],
    [
      'a stream that ends early, however cleanly',
      [chatChunk({ content: 'so f' })],
      [],
      6,
      'so f\n',
      'oai: the answer was cut',
    ],
    [
      'a stream of nothing',
      [],
      ['--retries', '0'],
      6,
      '',
      'oai: api.openai.com ended the answer before it began',
    ],
    [
      'one of two choices missing',
      [chatChunk({ content: 'a' }, 'stop')],
      ['--param', 'n=2'],
      6,
      'a\n',
      'oai: the answer was cut',
    ],
  ])('%s', async (_, chunks, flags, code, stdout, stderr) => {
    const api = stubApi(eventStream(chunks));
    const result = await oai(['chat', 'hi', ...flags], { fetch: api.fetch });
    expect(result).toMatchObject({ code, stdout, stderr: expect.stringContaining(stderr) });
    if (stderr === '') expect(result.stderr).toBe('');
  });

  it.each([
    ['refusal', 'refusal', 7],
    ['content filter', 'finish=content_filter', 7],
    ['cut', 'finish=length', 8],
    ['empty', 'empty', 8],
  ])('keeps the document of --json: %s', async (_, fault, code) => {
    const result = await oai(['chat', '--sandbox', '--json', 'hi'], { env: { OAI_SANDBOX: fault } });
    expect(result.code).toBe(code);
    expect(JSON.parse(result.stdout)).toMatchObject({ object: 'chat.completion' });
    expect(JSON.parse(result.stderr)).toMatchObject({ error: { exitCode: code } });
  });

  const toolCall = (index: number | undefined, rest: object) =>
    chatChunk({ tool_calls: [{ index, ...rest }] });
  const seoul = { name: 'weather', arguments: '{"city":"Seoul"}' };

  it.each<[string, object[], object[]]>([
    [
      'in pieces, several at once',
      [
        toolCall(0, { id: 'call_a', type: 'function', function: { name: 'weather', arguments: '' } }),
        toolCall(0, { function: { arguments: '{"city":' } }),
        toolCall(0, { function: { arguments: '"Seoul"}' } }),
        toolCall(1, { id: 'call_b', type: 'function', function: { name: 'time', arguments: '{}' } }),
      ],
      [
        { id: 'call_a', type: 'function', function: seoul },
        { id: 'call_b', type: 'function', function: { name: 'time', arguments: '{}' } },
      ],
    ],
    [
      'whole, without an index',
      [toolCall(undefined, { id: 'call_a', type: 'function', function: seoul })],
      [{ id: 'call_a', type: 'function', function: seoul }],
    ],
    [
      'in the old form',
      [chatChunk({ function_call: seoul })],
      [{ id: 'call_1_0', type: 'function', function: seoul }],
    ],
    [
      'of a tool of one’s own kind',
      [
        toolCall(0, { id: 'call_a', type: 'custom', custom: { name: 'sql', input: 'select ' } }),
        toolCall(0, { custom: { input: '1' } }),
      ],
      [{ id: 'call_a', type: 'custom', custom: { name: 'sql', input: 'select 1' } }],
    ],
  ])('is a call of tools that nobody allowed; the calls are on stdout: %s', async (_, chunks, calls) => {
    const api = stubApi(eventStream([...chunks, chatChunk({}, 'tool_calls')]));
    const { code, stdout, stderr } = await oai(['chat', '-q', 'hi'], { fetch: api.fetch });
    expect(code).toBe(10);
    expect(JSON.parse(stdout)).toEqual({
      tool_calls: calls,
      messages: [
        { role: 'user', content: 'hi' },
        { role: 'assistant', content: null, tool_calls: calls },
      ],
    });
    expect(stderr).toMatch(/^oai: the model asks for tools that nobody allowed: (weather|sql)/);
  });

  it.each([
    ['a tool call', { tool_calls: [{ id: 'a', type: 'custom', custom: { name: 'sql', input: '1' } }] }],
    ['the old form', { function_call: seoul }],
  ])('is told with --json as well: %s', async (_, message) => {
    const choices = [
      { index: 0, finish_reason: 'tool_calls', message: { role: 'assistant', content: null, ...message } },
    ];
    const api = stubApi(jsonAnswer({ object: 'chat.completion', choices }));
    expect(await oai(['chat', '--json', 'hi'], { fetch: api.fetch })).toMatchObject({ code: 10 });
  });

  it('is empty when it has no choices, with --json as well', async () => {
    const api = stubApi(jsonAnswer({ id: 'x', object: 'chat.completion', choices: [] }));
    expect(await oai(['chat', '--json', 'hi'], { fetch: api.fetch })).toMatchObject({
      code: 8,
      stdout: expect.stringContaining('"choices":[]'),
      stderr: expect.stringContaining('the answer is empty'),
    });
  });

  it('is whole when every choice has ended, however the server hangs up', async () => {
    const encoder = new TextEncoder();
    const chunks = chatChunks('ok').map((chunk) => encoder.encode(`data: ${JSON.stringify(chunk)}\n\n`));
    const reset = new Response(
      new ReadableStream({
        pull(controller) {
          const chunk = chunks.shift();
          if (chunk === undefined) controller.error(connectionError('ECONNRESET'));
          else controller.enqueue(chunk);
        },
      }),
      { headers: { 'content-type': 'text/event-stream' } },
    );
    expect(await oai(['chat', 'hi'], { fetch: stubApi(reset).fetch })).toMatchObject({
      code: 0,
      stdout: 'ok\n',
      stderr: '',
    });
  });

  it('is whole when every choice has ended, though the stream stays open', async () => {
    const clock = new FakeClock();
    const text = chatChunks('ok')
      .map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`)
      .join('');
    const open = new Response(
      new ReadableStream({ start: (controller) => controller.enqueue(new TextEncoder().encode(text)) }),
      { headers: { 'content-type': 'text/event-stream' } },
    );
    const run = oai(['chat', 'hi'], { fetch: stubApi(open).fetch, clock });
    await clock.asked(1000);
    clock.advance(1000);
    expect(await run).toMatchObject({ code: 0, stdout: 'ok\n', stderr: '' });
  });

  it('waits for a slow reader, and does not call that a stall', async () => {
    const clock = new FakeClock();
    const stdout = new CapturedOutput();
    let stuck = true;
    let waiting: (() => void)[] = [];
    const drained = () => {
      for (const go of waiting) go();
      waiting = [];
    };
    const write = stdout.write.bind(stdout);
    const slow = Object.assign(stdout, {
      write: (text: string) => {
        write(text);
        return stuck ? new Promise<void>((resolve) => waiting.push(resolve)) : undefined;
      },
    }) as unknown as CapturedOutput;
    const encoder = new TextEncoder();
    let sent = 0;
    const endless = new Response(
      new ReadableStream({
        async pull(controller) {
          await settle(1);
          sent++;
          controller.enqueue(encoder.encode(`data: ${JSON.stringify(chatChunk({ content: 'x' }))}\n\n`));
        },
      }),
      { headers: { 'content-type': 'text/event-stream' } },
    );
    const run = oai(['chat', 'hi', '--timeout', '2h'], {
      fetch: stubApi(endless).fetch,
      clock,
      stdout: slow,
    });
    await clock.asked(60_000);
    await settle(50);
    const before = sent;
    await settle(50);
    expect(sent).toBe(before);
    // Longer than the whole run may take by itself.
    clock.advance(36_000_000);
    for (let turn = 0; turn < 10; turn++) {
      drained();
      await settle(10);
    }
    expect(sent).toBeGreaterThan(before);
    stuck = false;
    drained();
    await settle(10);
    clock.advance(7_200_000);
    expect(await run).toMatchObject({ code: 6, stderr: expect.stringContaining('did not finish within 2h') });
  });
});

describe('models that end', () => {
  it.each([
    ['soon', 'gpt-4o', 'oai: gpt-4o ends on 2027-01-14, in 54 days; gpt-6-luna takes its place\n'],
    ['long ago', 'o1', 'oai: o1 ended on 2026-10-23; gpt-6.1-sol takes its place\n'],
    ['in more than 60 days', 'gpt-5.1', ''],
    ['nobody knows when', 'gpt-6-luna', ''],
  ])('%s', async (_, model, warning) => {
    const api = stubApi(eventStream(chatChunks('ok')));
    const { code, stderr } = await oai(['chat', 'hi', '-m', model], { fetch: api.fetch });
    expect({ code, stderr }).toEqual({ code: 0, stderr: warning });
    expect(await api.requests[0]?.json()).toMatchObject({ model });
  });

  it('are no matter of other servers, nor of --quiet', async () => {
    const answers = () => stubApi(eventStream(chatChunks('ok'))).fetch;
    expect(await oai(['chat', 'hi', '-m', 'gpt-4o', ...elsewhere], { fetch: answers() })).toMatchObject({
      stderr: '',
    });
    expect(await oai(['chat', 'hi', '-m', 'gpt-4o', '-q'], { fetch: answers() })).toMatchObject({
      stderr: '',
    });
  });

  it('are refused by the API when they are gone', async () => {
    const { code, stderr } = await oai(['chat', '--sandbox', 'hi'], {
      env: { OAI_SANDBOX: 'gone=gpt-6-luna' },
    });
    expect(code).toBe(4);
    expect(stderr).toMatch(
      /^oai: The model `gpt-6-luna` .*\(request req_\w+\)\n {5}-m chooses another model\n$/,
    );
  });
});

describe('bad input', () => {
  it.each([
    [
      'a temperature that is no number',
      ['-t', 'hot'],
      'oai: --temperature hot is not a number from 0 to 2\n',
    ],
    ['a temperature too high', ['-t', '3'], 'oai: --temperature 3 is not a number from 0 to 2\n'],
    ['no tokens', ['--max-tokens', '0'], 'oai: --max-tokens 0 is not a whole number of 1 or more\n'],
    [
      'an unknown effort',
      ['--reasoning-effort', 'hard'],
      'oai: --reasoning-effort hard is not one of none, ',
    ],
    ['fewer than no retries', ['--retries', '-1'], 'oai: --retries -1 is not a whole number from 0 to 100\n'],
    [
      'a time that is none',
      ['--timeout', 'soon'],
      'oai: --timeout soon is not a duration such as 250ms, 30s or 2m\n',
    ],
    ['a base URL that is no URL', ['--base-url', 'nowhere'], 'oai: --base-url nowhere is not a URL\n'],
    ['an empty model', ['-m', ''], 'oai: --model is empty\n'],
    ['no tools, said as null', ['--param', 'tools=null', '-t', '9'], 'oai: --temperature 9 is not'],
    ['a field of a list', ['--param', 'messages.0.content=x'], 'oai: --param messages is a list'],
    [
      'a number too large to send',
      ['--param', 'metadata.id=12345678901234567890'],
      'is too large to be sent as it is',
    ],
    [
      'a header of the connection',
      ['--header', 'Content-Length: 5'],
      'oai: --header Content-Length is set by the request itself\n',
    ],
    ['a header without a colon', ['--header', 'X'], "oai: a --header is not of the form 'Name: value'\n"],
    ['a param without a value', ['--param', 'x'], 'oai: --param x is not of the form name=value\n'],
    ['stream as a param', ['--param', 'stream=false'], 'oai: --param stream: chat streams by itself\n'],
    ['a missing file', ['-s', '@missing.md'], 'oai: cannot read --system @missing.md: no such file\n'],
    ['a directory as a file', ['-s', '@.'], 'oai: cannot read --system @.: it is a directory\n'],
    ['an unknown profile', ['-P', 'gro'], 'there is no profile gro; did you mean groq?\n'],
    ['quiet and verbose', ['-q', '--verbose'], 'oai: --quiet and --verbose contradict each other\n'],
  ])('is told in one line: %s', async (_, flags, message) => {
    const cwd = await temporaryFolder();
    const { code, stdout, stderr } = await oai(['chat', 'hi', ...flags], { cwd });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message);
    expect(stderr.split('\n').length).toBeLessThanOrEqual(3);
  });

  it('two readers of stdin', async () => {
    const { code, stderr } = await oai(['chat', '-s', '@-', '-', 'hi'], { stdin: 'x' });
    expect(code).toBe(2);
    expect(stderr).toMatch(/^oai: stdin can be read once, but --system and the prompt both want it\n/);
  });

  it.each([
    ['the prompt', ['-', 'hi']],
    ['the system prompt', ['-s', '@-', 'hi']],
    ['a header', ['--header', '@-', 'hi']],
  ])('stdin for %s, when --no-stdin forbids it', async (_, words) => {
    const { code, stderr } = await oai(['chat', '--no-stdin', ...words], { stdin: 'a list of other things' });
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: 'oai: stdin is asked for, and --no-stdin forbids it\n',
    });
  });

  it('no prompt beside a system prompt from stdin', async () => {
    const { code, stderr } = await oai(['chat', '-s', '@-'], { stdin: 'be brief' });
    expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringMatching(/^oai: no prompt\n/) });
  });

  it('no prompt', async () => {
    const { code, stderr } = await oai(['chat']);
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: 'oai: no prompt\n     give it as words, or pipe it in; --help shows how\n',
    });
  });

  it('never takes the prompt for a file name', async () => {
    const cwd = await temporaryFolder();
    await writeFile(join(cwd, 'secret.txt'), 'secret');
    expect(await requestOf(['chat', '@secret.txt'], { cwd })).toMatchObject({
      messages: [user('@secret.txt')],
    });
  });
});

describe('--dry-run', () => {
  it('prints the request as a curl command and sends nothing, without a key at hand', async () => {
    const { code, stdout, stderr } = await oai(['chat', '--dry-run', "it's", '-m', 'm'], { env: {} });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toBe(
      [
        'curl -sSN https://api.openai.com/v1/chat/completions \\',
        '  -H "Authorization: Bearer $OPENAI_API_KEY" \\',
        "  -H 'content-type: application/json' \\",
        "  --data-binary @- <<'JSON'",
        JSON.stringify({ model: 'm', messages: [user("it's")], stream: true }, null, 2),
        'JSON',
        '',
      ].join('\n'),
    );
  });

  it('shows no credential, wherever it came from', async () => {
    const headers = [
      '--header',
      'X-Api-Key: hush-1',
      '--header',
      'Cookie: hush-2',
      '--header',
      'Authorization: hush-3',
    ];
    const { stdout, stderr } = await oai(['chat', '--dry-run', 'hi', ...headers], {
      env: { OPENAI_API_KEY: 'hush-4' },
    });
    expect(stdout + stderr).not.toContain('hush');
    expect(stdout).toContain("-H 'x-api-key: ***'");
  });
});
