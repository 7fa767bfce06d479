import type { ChatCompletionCreateParams } from 'openai/resources/chat/completions';
import { isObject, type JsonObject } from '../json.ts';
import { invalidRequest } from './error-answer.ts';
import { imageUrl } from './image-url.ts';
import { metadata } from './metadata.ts';
import {
  anyObject,
  array,
  boolean,
  type Check,
  decimal,
  integer,
  map,
  missing,
  nullable,
  object,
  oneOf,
  string,
  stringOr,
  tagged,
  unsupportedParameter,
  wrongType,
} from './request-check.ts';
import { chatVoice } from './speech-request.ts';

/** A chat request whose fields have been checked one by one. */
export type ChatRequest = ChatCompletionCreateParams;

const text = string();
const textOrParts = (parts: Check) =>
  stringOr(text, array(parts, { min: 1 }), Array.isArray, 'array of objects');

const cacheBreakpoint = { prompt_cache_breakpoint: object({ mode: oneOf('explicit') }, ['mode']) };
const part = (fields: Readonly<Record<string, Check>>) =>
  object({ type: text, ...fields, ...cacheBreakpoint }, ['type', ...Object.keys(fields)]);

const file: Check = (value, path) => {
  object({ filename: text, file_data: text, file_id: text })(value, path);
  if (!isObject(value)) return;
  if ((value['file_id'] === undefined) === (value['file_data'] === undefined)) {
    throw invalidRequest(
      `Invalid '${path}': exactly one of 'file_id' and 'file_data' must be given.`,
      path,
      'invalid_value',
    );
  }
  const { file_data: data } = value;
  if (typeof data === 'string' && !/^data:[^;,]+;base64,/.test(data)) {
    throw invalidRequest(
      `Invalid file data: '${path}.file_data'. Expected a base64-encoded data URL with an application/pdf MIME type (e.g. 'data:application/pdf;base64,SGVsbG8sIFdvcmxkIQ=='), but got a value without the 'data:' prefix.`,
      `${path}.file_data`,
      'invalid_value',
    );
  }
};

const PARTS = {
  text: part({ text }),
  image_url: part({
    image_url: object({ url: imageUrl, detail: oneOf('auto', 'low', 'high', 'original') }, ['url']),
  }),
  input_audio: part({ input_audio: object({ data: text, format: oneOf('wav', 'mp3') }, ['data', 'format']) }),
  file: part({ file }),
  refusal: part({ refusal: text }),
};
const textParts = textOrParts(tagged('type', { text: PARTS.text }));

const NAME = /^[a-zA-Z0-9_-]+$/;
const name = string({ max: 64, pattern: NAME });

const calledFunction = object({ name: text, arguments: text }, ['name', 'arguments']);
const toolCall = tagged('type', {
  function: object({ id: text, type: text, function: calledFunction }, ['id', 'function']),
  custom: object({ id: text, type: text, custom: object({ name: text, input: text }, ['name', 'input']) }, [
    'id',
    'custom',
  ]),
});

const speaker = { role: text, name: text };
const message = tagged('role', {
  system: object({ ...speaker, content: textParts }, ['content']),
  assistant: object({
    ...speaker,
    content: nullable(textOrParts(tagged('type', { text: PARTS.text, refusal: PARTS.refusal }))),
    refusal: nullable(text),
    audio: nullable(object({ id: text }, ['id'])),
    tool_calls: array(toolCall, { min: 1 }),
    function_call: nullable(calledFunction),
  }),
  user: object(
    {
      ...speaker,
      content: textOrParts(
        tagged('type', {
          text: PARTS.text,
          image_url: PARTS.image_url,
          input_audio: PARTS.input_audio,
          file: PARTS.file,
        }),
      ),
    },
    ['content'],
  ),
  function: object({ ...speaker, content: nullable(text) }, ['content', 'name']),
  tool: object({ role: text, content: textParts, tool_call_id: text }, ['content', 'tool_call_id']),
  developer: object({ ...speaker, content: textParts }, ['content']),
});

const tool = tagged('type', {
  function: object(
    {
      type: text,
      function: object({ name, description: text, parameters: anyObject, strict: nullable(boolean) }, [
        'name',
      ]),
    },
    ['function'],
  ),
  custom: object({ type: text, custom: object({ name, description: text, format: anyObject }, ['name']) }, [
    'custom',
  ]),
});

const named = object({ name: text }, ['name']);

/** An entry of the allowed tools: it names a tool, and may have more of it. */
const allowedTool = (kind: string): Check => {
  return (value, path) => {
    const inner = isObject(value) ? value[kind] : undefined;
    if (inner === undefined) throw missing(`${path}.${kind}`);
    if (!isObject(inner)) throw wrongType(`${path}.${kind}`, 'an object', inner);
    if (inner['name'] === undefined) throw missing(`${path}.${kind}.name`);
    text(inner['name'], `${path}.${kind}.name`);
  };
};
const allowedTools = array(
  tagged('type', { function: allowedTool('function'), custom: allowedTool('custom') }),
);

const toolChoice = stringOr(
  oneOf('none', 'auto', 'required'),
  tagged('type', {
    function: object({ type: text, function: named }, ['function']),
    custom: object({ type: text, custom: named }, ['custom']),
    allowed_tools: object(
      {
        type: text,
        allowed_tools: object({ mode: oneOf('auto', 'required'), tools: allowedTools }, ['mode', 'tools']),
      },
      ['allowed_tools'],
    ),
  }),
  isObject,
  'object',
);

const responseFormat = tagged('type', {
  text: object({ type: text }),
  json_object: object({ type: text }),
  json_schema: object(
    {
      type: text,
      json_schema: object({ name, description: text, schema: anyObject, strict: nullable(boolean) }, [
        'name',
      ]),
    },
    ['json_schema'],
  ),
});

/** Up to four texts at which the answer ends. */
const stop = stringOr(
  text,
  array(text, { min: 1, max: 4, of: 'strings' }),
  Array.isArray,
  'array of strings',
);

/** A field of old, which has a successor. The sandbox does not do it both ways. */
function replacedBy(successor: string): Check {
  return (_, path) => {
    throw unsupportedParameter(path, ` Use '${successor}' instead.`);
  };
}

const penalty = nullable(decimal(-2, 2));
const maxTokens = nullable(integer(1));
const moderationPolicy = nullable(object({ mode: oneOf('score', 'block') }, ['mode']));

/** Every field of the published request (OpenAPI `CreateChatCompletionRequest` and the SDK's type), with its limits. */
const FIELDS: Readonly<Record<string, Check>> = {
  messages: array(message, { min: 1 }),
  model: text,
  audio: nullable(
    object(
      {
        voice: chatVoice,
        format: oneOf('wav', 'aac', 'mp3', 'flac', 'opus', 'pcm16'),
      },
      ['voice', 'format'],
    ),
  ),
  frequency_penalty: penalty,
  function_call: replacedBy('tool_choice'),
  functions: replacedBy('tools'),
  logit_bias: nullable(map(integer(-100, 100))),
  logprobs: nullable(boolean),
  max_completion_tokens: maxTokens,
  max_tokens: maxTokens,
  metadata,
  modalities: nullable(array(oneOf('text', 'audio'), { of: 'strings' })),
  moderation: nullable(
    object({ model: text, policy: nullable(object({ input: moderationPolicy, output: moderationPolicy })) }, [
      'model',
    ]),
  ),
  n: nullable(integer(1, 128)),
  parallel_tool_calls: boolean,
  prediction: nullable(object({ type: oneOf('content'), content: textParts }, ['type', 'content'])),
  presence_penalty: penalty,
  prompt_cache_key: nullable(text),
  prompt_cache_options: object({ ttl: oneOf('30m'), mode: oneOf('implicit', 'explicit') }),
  prompt_cache_retention: nullable(oneOf('in_memory', '24h')),
  reasoning_effort: nullable(oneOf('none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max')),
  response_format: responseFormat,
  safety_identifier: nullable(string({ max: 64 })),
  seed: nullable(integer(-(2 ** 63), 2 ** 63)),
  service_tier: nullable(oneOf('auto', 'default', 'flex', 'scale', 'priority', 'fast')),
  stop: nullable(stop),
  store: nullable(boolean),
  stream: nullable(boolean),
  stream_options: nullable(object({ include_usage: boolean, include_obfuscation: boolean })),
  temperature: nullable(decimal(0, 2)),
  tool_choice: toolChoice,
  tools: array(tool, { min: 1, max: 128 }),
  top_logprobs: nullable(integer(0, 20)),
  top_p: nullable(decimal(0, 1)),
  user: text,
  verbosity: nullable(oneOf('low', 'medium', 'high')),
  web_search_options: object({
    search_context_size: oneOf('low', 'medium', 'high'),
    user_location: nullable(
      object(
        {
          type: oneOf('approximate'),
          approximate: object({ city: text, country: text, region: text, timezone: text }),
        },
        ['type', 'approximate'],
      ),
    ),
  }),
};

const fields = object(FIELDS, ['messages']);

/**
 * Reads the body of a chat request, field by field.
 * @throws ApiError naming the first field that is wrong
 */
export function readChatRequest(body: unknown): ChatRequest {
  if (!isObject(body)) throw wrongType('', 'an object', body);
  if (body['model'] === undefined) throw invalidRequest('you must provide a model parameter', null);
  fields(body, '');
  checkTogether(body);
  return body as unknown as ChatRequest;
}

/** Fields that only make sense with, or without, another one. */
function checkTogether(body: JsonObject): void {
  const given = (field: string) => body[field] !== undefined && body[field] !== null;
  for (const field of ['tool_choice', 'parallel_tool_calls']) {
    if (given(field) && !given('tools')) {
      throw invalidRequest(
        `Invalid value for '${field}': '${field}' is only allowed when 'tools' are specified.`,
        field,
      );
    }
  }
  if (given('stream_options') && body['stream'] !== true) {
    throw invalidRequest(
      "The 'stream_options' parameter is only allowed when 'stream' is enabled.",
      'stream_options',
    );
  }
  const tools: readonly unknown[] = Array.isArray(body['tools']) ? body['tools'] : [];
  const custom = tools.findIndex((entry) => isObject(entry) && entry['type'] === 'custom');
  if (body['stream'] === true && custom !== -1) {
    // The document's chunks have function calls only (`ChatCompletionMessageToolCallChunk`).
    const path = `tools[${custom}].type`;
    throw invalidRequest(
      `Unsupported value: '${path}' does not support 'custom' when 'stream' is enabled.`,
      path,
      'unsupported_value',
    );
  }
  if (given('top_logprobs') && body['logprobs'] !== true) {
    throw invalidRequest(
      "Invalid value for 'top_logprobs': 'logprobs' must be set to true when 'top_logprobs' is specified.",
      'top_logprobs',
    );
  }
  if (given('max_tokens') && given('max_completion_tokens')) {
    throw invalidRequest(
      "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported.",
      'max_tokens',
      'invalid_parameter_combination',
    );
  }
}
