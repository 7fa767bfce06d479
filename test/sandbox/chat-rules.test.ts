import { describe, expect, it } from 'vitest';
import { FakeClock } from '../support/context.ts';
import { ask, chat, hello, refusalOf, sandbox } from './ask.ts';

const tools = [{ type: 'function', function: { name: 'f' } }];
const strict = (schema: object) => ({
  response_format: { type: 'json_schema', json_schema: { name: 'thing', strict: true, schema } },
});
const object = (fields: object) => ({ type: 'object', additionalProperties: false, ...fields });

describe('a model refuses', () => {
  const toolWords = (model: string) =>
    `Function tools with reasoning_effort are not supported for ${model} in /v1/chat/completions. To use function tools, use /v1/responses or set reasoning_effort to 'none'.`;
  it.each([
    [
      'gpt-6-luna',
      { max_tokens: 5 },
      'max_tokens',
      'unsupported_parameter',
      "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
    ],
    [
      'gpt-5',
      { max_tokens: 5 },
      'max_tokens',
      'unsupported_parameter',
      "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
    ],
    [
      'o3',
      { max_tokens: 5 },
      'max_tokens',
      'unsupported_parameter',
      "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
    ],
    [
      'gpt-6-luna',
      { temperature: 0 },
      'temperature',
      'unsupported_value',
      "Unsupported value: 'temperature' does not support 0 with this model. Only the default (1) value is supported.",
    ],
    [
      'gpt-6-luna',
      { temperature: 0.5, reasoning_effort: 'low' },
      'temperature',
      'unsupported_value',
      "Unsupported value: 'temperature' does not support 0.5 with this model. Only the default (1) value is supported.",
    ],
    [
      'gpt-6-luna',
      { top_p: 0.5 },
      'top_p',
      'unsupported_parameter',
      "Unsupported parameter: 'top_p' is not supported with this model.",
    ],
    [
      'gpt-6-luna',
      { logprobs: true },
      'logprobs',
      'unsupported_parameter',
      "Unsupported parameter: 'logprobs' is not supported with this model.",
    ],
    [
      'gpt-6-luna',
      { presence_penalty: 1 },
      'presence_penalty',
      'unsupported_parameter',
      "Unsupported parameter: 'presence_penalty' is not supported with this model.",
    ],
    [
      'o3',
      { stop: 'x' },
      'stop',
      'unsupported_parameter',
      "Unsupported parameter: 'stop' is not supported with this model.",
    ],
    [
      'o3-2025-04-16',
      { stop: 'x' },
      'stop',
      'unsupported_parameter',
      "Unsupported parameter: 'stop' is not supported with this model.",
    ],
    [
      'gpt-4o',
      { max_tokens: 16_385 },
      'max_tokens',
      'invalid_value',
      'max_tokens is too large: 16385. This model supports at most 16384 completion tokens, whereas you provided 16385.',
    ],
    [
      'gpt-6-luna',
      { max_completion_tokens: 1e15 },
      'max_completion_tokens',
      'invalid_value',
      'max_completion_tokens is too large: 1000000000000000. This model supports at most 128000 completion tokens, whereas you provided 1000000000000000.',
    ],
    [
      'gpt-4.1-mini',
      { max_completion_tokens: 32_769 },
      'max_completion_tokens',
      'invalid_value',
      'max_completion_tokens is too large: 32769. This model supports at most 32768 completion tokens, whereas you provided 32769.',
    ],
    [
      'o3',
      { max_completion_tokens: 100_001 },
      'max_completion_tokens',
      'invalid_value',
      'max_completion_tokens is too large: 100001. This model supports at most 100000 completion tokens, whereas you provided 100001.',
    ],
    ['gpt-6-luna', { tools }, 'reasoning_effort', null, toolWords('gpt-6-luna')],
    ['gpt-6.1-sol', { tools }, 'reasoning_effort', null, toolWords('gpt-6.1-sol')],
    [
      'gpt-6.1-sol',
      { tools, reasoning_effort: 'none' },
      'reasoning_effort',
      'unsupported_value',
      "Unsupported value: 'reasoning_effort' does not support 'none' with this model. Supported values are: 'low', 'medium', 'high', 'xhigh', and 'max'.",
    ],
    [
      'gpt-6-luna',
      { reasoning_effort: 'minimal' },
      'reasoning_effort',
      'unsupported_value',
      "Unsupported value: 'reasoning_effort' does not support 'minimal' with this model. Supported values are: 'none', 'low', 'medium', 'high', 'xhigh', and 'max'.",
    ],
    [
      'gpt-5',
      { reasoning_effort: 'none' },
      'reasoning_effort',
      'unsupported_value',
      "Unsupported value: 'reasoning_effort' does not support 'none' with this model. Supported values are: 'minimal', 'low', 'medium', and 'high'.",
    ],
    [
      'gpt-4o',
      { reasoning_effort: 'low' },
      'reasoning_effort',
      'unsupported_parameter',
      "Unsupported parameter: 'reasoning_effort' is not supported with this model.",
    ],
  ])('%s: %j', async (model, fields, param, code, message) => {
    expect(await refusalOf(hello({ model, ...fields }))).toEqual({
      status: 400,
      type: 'invalid_request_error',
      message,
      param,
      code,
    });
  });
});

describe('a model takes', () => {
  it.each([
    ['gpt-6-luna', { reasoning_effort: 'none', temperature: 0, top_p: 0.5, logprobs: true, tools }],
    ['gpt-6-luna', { temperature: 1, top_p: 1, presence_penalty: 0, logprobs: false }],
    ['gpt-6.1-sol', { reasoning_effort: 'max' }],
    ['gpt-6-luna', { max_completion_tokens: 128_000 }],
    ['gpt-4o', { max_completion_tokens: 16_384 }],
    ['o3', { stop: null }],
    ['gpt-5.2', { reasoning_effort: 'none', temperature: 0 }],
    ['gpt-4o', { max_tokens: 50, temperature: 0, top_p: 0.5, logprobs: true, tools }],
  ])('%s: %j', async (model, fields) => {
    expect((await chat(hello({ model, ...fields }))).model).toBe(model);
  });
});

it('on the day before its end, a model refuses all the same', async () => {
  const of = sandbox(undefined, { clock: new FakeClock({ now: Date.parse('2026-10-22') }) });
  for (const [model, status] of [
    ['o4-mini', 400],
    ['o4-mini-2025-04-16', 400],
    ['o3-mini', 200],
    ['o1', 200],
  ] as const) {
    const answer = await ask('POST', '/chat/completions', hello({ model, stop: 'x' }), { of });
    expect([model, answer.status]).toEqual([model, status]);
  }
  for (const [model, most] of [
    ['gpt-4', 8192],
    ['gpt-4o-2024-05-13', 4096],
    ['gpt-4-turbo', 4096],
    ['gpt-3.5-turbo', 4096],
    ['o1', 100_000],
  ] as const) {
    const limit = (max_completion_tokens: number) =>
      ask('POST', '/chat/completions', hello({ model, max_completion_tokens }), { of });
    expect([model, (await limit(most)).status, (await limit(most + 1)).status]).toEqual([model, 200, 400]);
  }
});

describe('a strict schema', () => {
  const a = { a: { type: 'string' } };
  it.each([
    [
      'that is no object',
      { type: 'array' },
      `schema must be a JSON Schema of 'type: "object"', got 'type: "array"'.`,
    ],
    ['without a type', {}, `schema must be a JSON Schema of 'type: "object"', got 'type: "None"'.`],
    [
      'that is open',
      { type: 'object', properties: {} },
      "In context=(), 'additionalProperties' is required to be supplied and to be false.",
    ],
    [
      'with an optional property',
      object({ properties: a }),
      "In context=(), 'required' is required to be supplied and to be an array including every key in properties. Missing 'a'.",
    ],
    [
      'with an open object in it',
      object({ properties: { b: { type: 'array', items: { type: 'object' } } }, required: ['b'] }),
      "In context=('properties', 'b', 'items'), 'additionalProperties' is required to be supplied and to be false.",
    ],
    [
      'with an open choice',
      object({ properties: { b: { anyOf: [{ type: 'null' }, { type: 'object' }] } }, required: ['b'] }),
      "In context=('properties', 'b', 'anyOf', '1'), 'additionalProperties' is required to be supplied and to be false.",
    ],
    [
      'with an open definition',
      object({ properties: {}, $defs: { c: { type: 'object' } } }),
      "In context=('$defs', 'c'), 'additionalProperties' is required to be supplied and to be false.",
    ],
  ])('%s is refused', async (_, schema, reason) => {
    const refusal = await refusalOf(hello(strict(schema)));
    expect(refusal.message).toBe(`Invalid schema for response_format 'thing': ${reason}`);
    expect(refusal.param).toBe('response_format');
  });

  it('with an open one among its old definitions is refused', async () => {
    const schema = object({ properties: {}, definitions: { c: { type: 'object' } } });
    expect((await refusalOf(hello(strict(schema)))).message).toContain("In context=('definitions', 'c'),");
  });

  it('of a tool is refused by its place', async () => {
    const tool = { type: 'function', function: { name: 'f', strict: true, parameters: { type: 'object' } } };
    const refusal = await refusalOf(hello({ reasoning_effort: 'none', tools: [tool] }));
    expect(refusal).toMatchObject({ status: 400, param: 'tools[0].function.parameters' });
  });

  it('that is closed all through is taken', async () => {
    const body = hello(strict(object({ properties: a, required: ['a'] })));
    expect((await chat(body)).choices[0]?.message.content).toBe('{"a":"a"}');
  });
});
