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

describe('a key', () => {
  it.each([
    ['none', {}, 200],
    ['any', { authorization: 'Bearer sk-anything' }, 200],
    ['the bad one', { authorization: 'Bearer sk-invalid' }, 401],
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
