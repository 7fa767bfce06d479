import { describe, expect, it } from 'vitest';
import { checkResponse } from '../support/openapi.ts';
import { ask, hello, request, sandbox } from './ask.ts';

const CHAT = '/chat/completions';
const sent = (body: string | Uint8Array | URLSearchParams | null, type?: string) => ({
  init: { body, headers: type === undefined ? [] : [['content-type', type] as [string, string]] },
});
const JSON_TYPE = 'application/json';

describe('an address', () => {
  it.each([
    ['GET', '/nothing', 404, 'Invalid URL (GET /v1/nothing)', null],
    ['POST', '/chat/completions/', 404, 'Invalid URL (POST /v1/chat/completions/)', null],
    ['GET', '/', 404, 'Invalid URL (GET /v1/)', null],
    [
      'POST',
      '/models',
      405,
      'Not allowed to POST on /v1/models (HINT: Perhaps you meant to use a different HTTP method?)',
      'method_not_supported',
    ],
    [
      'PUT',
      CHAT,
      405,
      `Not allowed to PUT on /v1${CHAT} (HINT: Perhaps you meant to use a different HTTP method?)`,
      'method_not_supported',
    ],
  ])('%s %s is answered %i', async (method, path, status, message, code) => {
    const answer = await ask(method, path);
    expect(answer.status).toBe(status);
    expect(answer.body.error).toEqual({ message, type: 'invalid_request_error', param: null, code });
  });

  it('says which methods it takes', async () => {
    expect((await ask('DELETE', '/models')).headers.get('allow')).toBe('GET');
  });

  it('may have a query', async () => {
    const response = await sandbox().answer(request('GET', '/models?limit=2'));
    expect(response.status).toBe(200);
    checkResponse('GET', '/models', 200, await response.json());
  });

  it('may be encoded, also badly', async () => {
    expect((await ask('GET', '/models/gpt%2D4o')).status).toBe(200);
    expect((await ask('GET', '/models/%E0%A4%A')).body.error.code).toBe('model_not_found');
  });
});

describe('a body', () => {
  const BROKEN = /^We could not parse the JSON body of your request\./;
  const TYPE = /^Unsupported content type: '.*'\. This API method only accepts 'application\/json' requests/;
  it.each([
    ['that is cut', sent('{"model":', JSON_TYPE), BROKEN, null],
    ['that is text', sent('hello', JSON_TYPE), BROKEN, null],
    ['that is not UTF-8', sent(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]), JSON_TYPE), BROKEN, null],
    ['that says it is text', sent(JSON.stringify(hello()), 'text/plain'), TYPE, 'unsupported_content_type'],
    ['that says it is a form', sent(new URLSearchParams({ a: 'b' })), TYPE, 'unsupported_content_type'],
    ['of no type', sent(Buffer.from(JSON.stringify(hello()))), TYPE, 'unsupported_content_type'],
    ['of nothing', sent('', JSON_TYPE), /^you must provide a model parameter$/, null],
    ['that is absent', sent(null), /^you must provide a model parameter$/, null],
  ])('%s is refused', async (_, options, message, code) => {
    const { status, body } = await ask('POST', CHAT, undefined, options);
    expect(status).toBe(400);
    expect(body.error.message).toMatch(message);
    expect(body.error.code).toBe(code);
  });

  it('may name its charset', async () => {
    const options = sent(JSON.stringify(hello()), 'application/json; charset=utf-8');
    expect((await ask('POST', CHAT, undefined, options)).status).toBe(200);
  });
});

it('that is not UTF-8 inside a text is refused, and nothing is put in its place', async () => {
  const body = Buffer.from(JSON.stringify(hello()).replace('hello', 'h\u00e9llo'), 'latin1');
  const { status, body: answer } = await ask('POST', CHAT, undefined, sent(body, JSON_TYPE));
  expect([status, answer.error.message]).toEqual([400, expect.stringMatching(/^We could not parse/)]);
});

it('a request is named by its method, its path and its body', async () => {
  const idOf = async (method: string, path: string, body?: object) =>
    (await sandbox().answer(request(method, path, body))).headers.get('x-request-id');
  const ids = [
    await idOf('GET', '/models'),
    await idOf('POST', '/models'),
    await idOf('GET', '/models/gpt-4o'),
    await idOf('POST', CHAT, {}),
    await idOf('POST', '/chat', {}),
    await idOf('POST', CHAT, { a: 1 }),
  ];
  expect(new Set(ids).size).toBe(ids.length);
  expect(await idOf('POST', CHAT, { a: 1 })).toBe(ids.at(-1));
});

it('takes a schema of any depth without breaking', async () => {
  const deep = (levels: number) => JSON.parse(`${'{"items":'.repeat(levels)}{}${'}'.repeat(levels)}`);
  const ofTool = (levels: number, tool_choice: string) =>
    hello({
      model: 'gpt-4o',
      tools: [{ type: 'function', function: { name: 'f', parameters: deep(levels) } }],
      tool_choice,
    });
  for (const choice of ['required', 'auto']) {
    expect((await ask('POST', CHAT, ofTool(100, choice))).status).toBe(200);
    const { status, body } = await ask('POST', CHAT, ofTool(3000, choice));
    expect([status, body.error.message]).toEqual([
      400,
      "Invalid 'tools[0].function.parameters': nested too deeply. Expected at most 200 levels.",
    ]);
  }
});

describe('a key', () => {
  it.each([
    ['none', {}, 200],
    ['any', { authorization: 'Bearer sk-anything' }, 200],
    ['the bad one', { authorization: 'Bearer sk-invalid' }, 401],
    ['the bad one, small letters', { authorization: 'bearer  sk-invalid' }, 401],
    ['one that is longer', { authorization: 'Bearer sk-invalid2' }, 200],
    ['one that ends so', { authorization: 'Bearer my-sk-invalid' }, 200],
    ['another way', { authorization: 'Basic sk-invalid' }, 200],
    ['another way that names it', { authorization: 'Basic Bearer sk-invalid' }, 200],
  ])('%s: %o', async (_, headers, status) => {
    expect((await ask('GET', '/models', undefined, { init: { headers } })).status).toBe(status);
  });

  it('that is bad is told so as the API does', async () => {
    const headers = { authorization: 'Bearer sk-invalid' };
    const { body } = await ask('GET', '/models', undefined, { init: { headers } });
    expect(body.error).toMatchObject({ type: 'invalid_request_error', param: null, code: 'invalid_api_key' });
    expect(body.error.message).toMatch(/^Incorrect API key provided: sk-invalid\./);
  });
});
