import { describe, expect, it } from 'vitest';
import { checkForm, checkRequest, checkResponse, checkStreamEvent, openapi } from '../support/openapi.ts';

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

  const form = (fields: Record<string, string | Blob | readonly Blob[]>) => {
    const made = new FormData();
    for (const [name, value] of Object.entries(fields)) {
      const values: readonly (string | Blob)[] = Array.isArray(value) ? value : [value];
      for (const one of values) {
        if (typeof one === 'string') made.append(name, one);
        else made.append(name, one, 'a.png');
      }
    }
    return made;
  };
  const blob = new Blob(['x']);

  it.each([
    ['one image', { image: blob, prompt: 'p', n: '2', stream: 'true', partial_images: 'null' }],
    ['a list of images', { 'image[]': [blob, blob], prompt: '12', mask: blob }],
    [
      'what the SDK has beyond the document',
      { image: blob, prompt: 'p', quality: 'xhigh', size: '1536x864' },
    ],
  ])('lets a right form through: %s', (_, fields) => {
    checkForm('POST', '/images/edits', form(fields));
  });

  it.each([
    ['a misspelt field', { image: blob, prompt: 'p', promt: 'p' }, /unevaluated/],
    ['a number that is none', { image: blob, prompt: 'p', n: 'two' }, /body\/n/],
    ['a number out of range', { image: blob, prompt: 'p', n: '11' }, /body\/n/],
    ['a boolean that is none', { image: blob, prompt: 'p', stream: 'yes' }, /body\/stream/],
    ['too many images', { 'image[]': Array.from({ length: 17 }, () => blob), prompt: 'p' }, /body\/image/],
    ['the same field twice', { image: [blob, blob], prompt: 'p' }, /image twice/],
    ['a field in two ways', { image: blob, 'image[]': [blob], prompt: 'p' }, /image twice/],
    ['no image', { prompt: 'p' }, /image/],
    ['a word that nobody has', { image: blob, prompt: 'p', quality: 'best' }, /body\/quality/],
  ])('stops a form with %s', (_, fields, reason) => {
    expect(() => checkForm('POST', '/images/edits', form(fields))).toThrow(reason);
  });

  it('knows which requests have no form', () => {
    expect(() => checkForm('POST', '/chat/completions', form({}))).toThrow('no form for POST');
  });

  it.each([
    ['a quality', { prompt: 'p', quality: 'extreme' }, /quality/],
    ['a complexity', { prompt: 'p', complexity: 'none' }, /complexity/],
    ['a field', { prompt: 'p', frame_count: 3 }, /unevaluated/],
  ])('lets nothing else of the newer API through: %s', (_, body, reason) => {
    expect(() => checkRequest('POST', '/images/generations', body)).toThrow(reason);
    checkRequest('POST', '/images/generations', { prompt: 'p', quality: 'max', complexity: 'low' });
    const answer = { created: 1, size: '1536x864', quality: 'max' };
    checkResponse('POST', '/images/generations', 200, answer);
    for (const wrong of [{ size: 'auto' }, { quality: 'auto' }, { background: 'auto' }]) {
      expect(() => checkResponse('POST', '/images/generations', 200, { ...answer, ...wrong })).toThrow();
    }
  });
});
