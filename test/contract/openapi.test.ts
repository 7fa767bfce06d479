import { describe, expect, it } from 'vitest';
import { checkRequest, checkResponse, checkStreamEvent, openapi } from '../support/openapi.ts';

if (openapi === undefined) {
  console.warn('contract tests skipped: no OpenAPI document (set OAI_OPENAPI to its path)');
}

const messages = [{ role: 'user', content: 'hello' }];
const chunk = {
  id: 'chatcmpl-1',
  object: 'chat.completion.chunk',
  created: 1,
  model: 'm',
  choices: [{ index: 0, delta: { content: 'h' }, finish_reason: null }],
};

describe.skipIf(openapi === undefined)('the check against the OpenAPI document', () => {
  it('lets a right request through', () => {
    checkRequest('POST', '/chat/completions', { model: 'gpt-6-luna', messages, temperature: 0.5 });
  });

  it.each([
    ['a misspelt field', { model: 'gpt-6-luna', messages, temprature: 1 }, /unevaluated/],
    ['a wrong type', { model: 'gpt-6-luna', messages, temperature: 'hot' }, /temperature/],
    ['a missing field', { model: 'gpt-6-luna' }, /messages/],
    ['a value out of range', { model: 'gpt-6-luna', messages, n: 129 }, /body\/n/],
  ])('stops a request with %s', (_, body, reason) => {
    expect(() => checkRequest('POST', '/chat/completions', body)).toThrow(reason);
  });

  it('finds an operation by its path template', () => {
    const model = { id: 'gpt-6-luna', object: 'model', created: 1, owned_by: 'system' };
    checkResponse('GET', '/models/gpt-6-luna', 200, model);
    expect(() => checkResponse('GET', '/models/gpt-6-luna', 200, { ...model, created: 1.5 })).toThrow(
      /created/,
    );
    expect(() => checkResponse('GET', '/modles', 200, model)).toThrow('no GET /modles');
  });

  it('knows errors by their status', () => {
    const error = { message: 'm', type: 't', param: null, code: null };
    checkResponse('GET', '/models', 500, { error });
    expect(() => checkResponse('GET', '/models', 500, { error: { message: 'm' } })).toThrow(/error/);
  });

  it('checks streamed events, errors among them', () => {
    checkStreamEvent('POST', '/chat/completions', chunk);
    checkStreamEvent('POST', '/chat/completions', {
      error: { message: 'm', type: 't', param: null, code: null },
    });
    expect(() => checkStreamEvent('POST', '/chat/completions', { ...chunk, object: 'x' })).toThrow(/object/);
  });
});
