import { describe, expect, it } from 'vitest';
import { chat, hello, refusalOf } from './ask.ts';

const messages = (...list: unknown[]) => hello({ messages: list });
const content = (value: unknown) => messages({ role: 'user', content: value });
const part = (value: unknown) => content([value]);
const call = { id: 'c1', type: 'function', function: { name: 'f', arguments: '{}' } };
const asked = { role: 'user', content: 'hi' };
const calling = { role: 'assistant', content: null, tool_calls: [call] };
const answered = { role: 'tool', tool_call_id: 'c1', content: 'x' };
const tool = { type: 'function', function: { name: 'f' } };
const toolWith = (fields: object) => ({ tools: [{ type: 'function', function: { name: 'f', ...fields } }] });
const keys = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, key) => [key, 'x']));

const KINDS = "'system', 'assistant', 'user', 'function', 'tool', and 'developer'";

/** A body, what the API says to it, the field, the code. */
const refused: readonly [string, unknown, string, string | null, string | null][] = [
  ['no model', { messages: [asked] }, 'you must provide a model parameter', null, null],
  [
    'no messages',
    { model: 'gpt-4o' },
    "Missing required parameter: 'messages'.",
    'messages',
    'missing_required_parameter',
  ],
  [
    'a list for a body',
    [],
    'Invalid type: expected an object, but got an array instead.',
    null,
    'invalid_type',
  ],
  ['null for a body', null, 'Invalid type: expected an object, but got null instead.', null, 'invalid_type'],
  [
    'a model that is no text',
    hello({ model: 4 }),
    "Invalid type for 'model': expected a string, but got an integer instead.",
    'model',
    'invalid_type',
  ],
  ['an unknown field', hello({ foo: 1 }), 'Unrecognized request argument supplied: foo', null, null],
  [
    'messages that are text',
    hello({ messages: 'hi' }),
    "Invalid type for 'messages': expected an array of objects, but got a string instead.",
    'messages',
    'invalid_type',
  ],
  [
    'no message',
    hello({ messages: [] }),
    "Invalid 'messages': empty array. Expected an array with minimum length 1, but got an empty array instead.",
    'messages',
    'empty_array',
  ],
  [
    'a message that is text',
    messages('hi'),
    "Invalid type for 'messages[0]': expected an object, but got a string instead.",
    'messages[0]',
    'invalid_type',
  ],
  [
    'no role',
    messages({ content: 'hi' }),
    "Missing required parameter: 'messages[0].role'.",
    'messages[0].role',
    'missing_required_parameter',
  ],
  [
    'a role unheard of',
    messages({ role: 'bot', content: 'hi' }),
    `Invalid value: 'bot'. Supported values are: ${KINDS}.`,
    'messages[0].role',
    'invalid_value',
  ],
  [
    'a role of the prototype',
    messages({ role: 'constructor', content: 'hi' }),
    `Invalid value: 'constructor'. Supported values are: ${KINDS}.`,
    'messages[0].role',
    'invalid_value',
  ],
  [
    'no content',
    messages({ role: 'user' }),
    "Missing required parameter: 'messages[0].content'.",
    'messages[0].content',
    'missing_required_parameter',
  ],
  [
    'a number for content',
    content(4),
    "Invalid type for 'messages[0].content': expected one of a string or array of objects, but got an integer instead.",
    'messages[0].content',
    'invalid_type',
  ],
  [
    'null for content',
    content(null),
    "Invalid type for 'messages[0].content': expected one of a string or array of objects, but got null instead.",
    'messages[0].content',
    'invalid_type',
  ],
  [
    'a message field unheard of',
    messages({ ...asked, mood: 'good' }),
    "Unknown parameter: 'messages[0].mood'.",
    'messages[0].mood',
    'unknown_parameter',
  ],
  [
    'no parts',
    content([]),
    "Invalid 'messages[0].content': empty array. Expected an array with minimum length 1, but got an empty array instead.",
    'messages[0].content',
    'empty_array',
  ],
  [
    'a part without a type',
    part({ text: 'x' }),
    "Missing required parameter: 'messages[0].content[0].type'.",
    'messages[0].content[0].type',
    'missing_required_parameter',
  ],
  [
    'a part unheard of',
    part({ type: 'smell' }),
    "Invalid value: 'smell'. Supported values are: 'text', 'image_url', 'input_audio', and 'file'.",
    'messages[0].content[0].type',
    'invalid_value',
  ],
  [
    'a part without its text',
    part({ type: 'text' }),
    "Missing required parameter: 'messages[0].content[0].text'.",
    'messages[0].content[0].text',
    'missing_required_parameter',
  ],
  [
    'an image for a system',
    messages({ role: 'system', content: [{ type: 'image_url', image_url: { url: 'https://e.com' } }] }),
    "Invalid value: 'image_url'. Supported values are: 'text'.",
    'messages[0].content[0].type',
    'invalid_value',
  ],
  [
    'an image that is no URL',
    part({ type: 'image_url', image_url: { url: 'cat.png' } }),
    "Invalid 'messages[0].content[0].image_url.url'. Expected a valid URL, but got a value with an invalid format.",
    'messages[0].content[0].image_url.url',
    'invalid_value',
  ],
  [
    'an image of a strange format',
    part({ type: 'image_url', image_url: { url: 'data:image/bmp;base64,AA' } }),
    "You uploaded an unsupported image. Please make sure your image has of one the following formats: ['png', 'jpeg', 'gif', 'webp'].",
    'messages[0].content[0].image_url.url',
    'invalid_image_format',
  ],
  [
    'a file that is nothing',
    part({ type: 'file', file: {} }),
    "Invalid 'messages[0].content[0].file': exactly one of 'file_id' and 'file_data' must be given.",
    'messages[0].content[0].file',
    'invalid_value',
  ],
  [
    'a file that is bare base64',
    part({ type: 'file', file: { file_data: 'AAAA' } }),
    "Invalid file data: 'messages[0].content[0].file.file_data'. Expected a base64-encoded data URL with an application/pdf MIME type (e.g. 'data:application/pdf;base64,SGVsbG8sIFdvcmxkIQ=='), but got a value without the 'data:' prefix.",
    'messages[0].content[0].file.file_data',
    'invalid_value',
  ],
  [
    'a sound of a strange format',
    part({ type: 'input_audio', input_audio: { data: 'AA', format: 'flac' } }),
    "Invalid value: 'flac'. Supported values are: 'wav' and 'mp3'.",
    'messages[0].content[0].input_audio.format',
    'invalid_value',
  ],
  [
    'a sound for a model that hears nothing',
    part({ type: 'input_audio', input_audio: { data: 'AA', format: 'wav' } }),
    "Invalid 'messages[0]'. Content blocks are expected to be either text or image_url type.",
    'messages[0]',
    'invalid_value',
  ],
  [
    'an assistant who says nothing',
    messages({ role: 'assistant', content: null }),
    "Invalid value for 'content': expected a string, got null.",
    'messages.[0].content',
    null,
  ],
  [
    'a tool nobody called',
    messages(asked, answered),
    "Invalid parameter: messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.",
    'messages.[1].role',
    null,
  ],
  [
    'a call answered twice',
    messages(calling, answered, answered),
    "Invalid parameter: messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.",
    'messages.[2].role',
    null,
  ],
  [
    'a call nobody answered',
    messages(calling, asked),
    "An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. The following tool_call_ids did not have response messages: c1",
    'messages.[1].role',
    null,
  ],
  [
    'a call left open',
    messages(calling),
    "An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. The following tool_call_ids did not have response messages: c1",
    'messages.[1].role',
    null,
  ],
  [
    'a temperature in words',
    hello({ temperature: 'hot' }),
    "Invalid type for 'temperature': expected a decimal, but got a string instead.",
    'temperature',
    'invalid_type',
  ],
  [
    'a temperature too high',
    hello({ temperature: 3 }),
    "Invalid 'temperature': decimal above maximum value. Expected a value <= 2, but got 3 instead.",
    'temperature',
    'decimal_above_max_value',
  ],
  [
    'a temperature too low',
    hello({ temperature: -0.1 }),
    "Invalid 'temperature': decimal below minimum value. Expected a value >= 0, but got -0.1 instead.",
    'temperature',
    'decimal_below_min_value',
  ],
  [
    'a top_p too high',
    hello({ top_p: 1.1 }),
    "Invalid 'top_p': decimal above maximum value. Expected a value <= 1, but got 1.1 instead.",
    'top_p',
    'decimal_above_max_value',
  ],
  [
    'a penalty too low',
    hello({ presence_penalty: -3 }),
    "Invalid 'presence_penalty': decimal below minimum value. Expected a value >= -2, but got -3 instead.",
    'presence_penalty',
    'decimal_below_min_value',
  ],
  [
    'no choices',
    hello({ n: 0 }),
    "Invalid 'n': integer below minimum value. Expected a value >= 1, but got 0 instead.",
    'n',
    'integer_below_min_value',
  ],
  [
    'too many choices',
    hello({ n: 129 }),
    "Invalid 'n': integer above maximum value. Expected a value <= 128, but got 129 instead.",
    'n',
    'integer_above_max_value',
  ],
  [
    'half a choice',
    hello({ n: 1.5 }),
    "Invalid type for 'n': expected an integer, but got a decimal instead.",
    'n',
    'invalid_type',
  ],
  [
    'no tokens',
    hello({ max_completion_tokens: 0 }),
    "Invalid 'max_completion_tokens': integer below minimum value. Expected a value >= 1, but got 0 instead.",
    'max_completion_tokens',
    'integer_below_min_value',
  ],
  [
    'two limits',
    hello({ model: 'gpt-4o', max_completion_tokens: 5, max_tokens: 5 }),
    "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported.",
    'max_tokens',
    'invalid_parameter_combination',
  ],
  [
    'five stops',
    hello({ stop: ['a', 'b', 'c', 'd', 'e'] }),
    "Invalid 'stop': array too long. Expected an array with maximum length 4, but got an array with length 5 instead.",
    'stop',
    'array_above_max_length',
  ],
  [
    'a stop that is a number',
    hello({ stop: 3 }),
    "Invalid type for 'stop': expected one of a string or array of strings, but got an integer instead.",
    'stop',
    'invalid_type',
  ],
  [
    'too much metadata',
    hello({ metadata: keys(17) }),
    "Invalid 'metadata': too many properties. Expected an object with at most 16 properties, but got an object with 17 properties instead.",
    'metadata',
    'object_above_max_properties',
  ],
  [
    'a long key of metadata',
    hello({ metadata: { ['k'.repeat(65)]: 'x' } }),
    `Invalid 'metadata': key too long. Expected keys with maximum length 64, but got a key with length 65 instead.`,
    'metadata',
    'string_above_max_length',
  ],
  [
    'metadata that is no text',
    hello({ metadata: { a: 1 } }),
    "Invalid type for 'metadata.a': expected a string, but got an integer instead.",
    'metadata.a',
    'invalid_type',
  ],
  [
    'a long user',
    hello({ safety_identifier: 'x'.repeat(65) }),
    "Invalid 'safety_identifier': string too long. Expected a string with maximum length 64, but got a string with length 65 instead.",
    'safety_identifier',
    'string_above_max_length',
  ],
  [
    'an effort unheard of',
    hello({ reasoning_effort: 'huge' }),
    "Invalid value: 'huge'. Supported values are: 'none', 'minimal', 'low', 'medium', 'high', 'xhigh', and 'max'.",
    'reasoning_effort',
    'invalid_value',
  ],
  [
    'a stream in words',
    hello({ stream: 'yes' }),
    "Invalid type for 'stream': expected a boolean, but got a string instead.",
    'stream',
    'invalid_type',
  ],
  [
    'stream options without a stream',
    hello({ stream_options: {} }),
    "The 'stream_options' parameter is only allowed when 'stream' is enabled.",
    'stream_options',
    null,
  ],
  [
    'likely tokens without log probabilities',
    hello({ top_logprobs: 2 }),
    "Invalid value for 'top_logprobs': 'logprobs' must be set to true when 'top_logprobs' is specified.",
    'top_logprobs',
    null,
  ],
  [
    'a bias out of range',
    hello({ logit_bias: { 50256: 101 } }),
    "Invalid 'logit_bias.50256': integer above maximum value. Expected a value <= 100, but got 101 instead.",
    'logit_bias.50256',
    'integer_above_max_value',
  ],
  [
    'no tools',
    hello({ tools: [] }),
    "Invalid 'tools': empty array. Expected an array with minimum length 1, but got an empty array instead.",
    'tools',
    'empty_array',
  ],
  [
    'a tool with a bad name',
    hello(toolWith({ name: 'a b' })),
    "Invalid 'tools[0].function.name': string does not match pattern. Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'.",
    'tools[0].function.name',
    'invalid_value',
  ],
  [
    'a tool without a function',
    hello({ tools: [{ type: 'function' }] }),
    "Missing required parameter: 'tools[0].function'.",
    'tools[0].function',
    'missing_required_parameter',
  ],
  [
    'a tool with a misspelt field',
    hello(toolWith({ parametres: {} })),
    "Unknown parameter: 'tools[0].function.parametres'.",
    'tools[0].function.parametres',
    'unknown_parameter',
  ],
  ...[{ type: 'function' }, { type: 'function', custom: { name: 'f' } }].map(
    (entry): (typeof refused)[number] => [
      `an allowed tool without a function, ${JSON.stringify(entry)}`,
      hello({
        tools: [tool],
        tool_choice: { type: 'allowed_tools', allowed_tools: { mode: 'auto', tools: [entry] } },
      }),
      "Missing required parameter: 'tool_choice.allowed_tools.tools[0].function'.",
      'tool_choice.allowed_tools.tools[0].function',
      'missing_required_parameter',
    ],
  ),
  [
    'functions of old',
    hello({ functions: [{ name: 'f', parameters: {} }], function_call: { name: 'f' } }),
    "Unsupported parameter: 'functions' is not supported with this model. Use 'tools' instead.",
    'functions',
    'unsupported_parameter',
  ],
  [
    'the choice of a function of old',
    hello({ function_call: 'auto' }),
    "Unsupported parameter: 'function_call' is not supported with this model. Use 'tool_choice' instead.",
    'function_call',
    'unsupported_parameter',
  ],
  [
    'a choice without tools',
    hello({ tool_choice: 'auto' }),
    "Invalid value for 'tool_choice': 'tool_choice' is only allowed when 'tools' are specified.",
    'tool_choice',
    null,
  ],
  [
    'a choice unheard of',
    hello({ tools: [tool], tool_choice: 'any' }),
    "Invalid value: 'any'. Supported values are: 'none', 'auto', and 'required'.",
    'tool_choice',
    'invalid_value',
  ],
  [
    'parallel calls without tools',
    hello({ parallel_tool_calls: true }),
    "Invalid value for 'parallel_tool_calls': 'parallel_tool_calls' is only allowed when 'tools' are specified.",
    'parallel_tool_calls',
    null,
  ],
  [
    'a format unheard of',
    hello({ response_format: { type: 'xml' } }),
    "Invalid value: 'xml'. Supported values are: 'text', 'json_object', and 'json_schema'.",
    'response_format.type',
    'invalid_value',
  ],
  [
    'a schema without a name',
    hello({ response_format: { type: 'json_schema', json_schema: { schema: {} } } }),
    "Missing required parameter: 'response_format.json_schema.name'.",
    'response_format.json_schema.name',
    'missing_required_parameter',
  ],
  [
    'JSON without the word',
    hello({ response_format: { type: 'json_object' } }),
    "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'.",
    'messages',
    null,
  ],
  [
    'spoken answers',
    hello({ modalities: ['text', 'audio'] }),
    "Unsupported value: 'modalities' does not support 'audio' with this model.",
    'modalities',
    'unsupported_value',
  ],
];

describe('the sandbox refuses', () => {
  it.each(refused)('%s', async (_, body, message, param, code) => {
    expect(await refusalOf(body)).toEqual({
      status: 400,
      type: 'invalid_request_error',
      message,
      param,
      code,
    });
  });
});

describe('the sandbox takes', () => {
  it.each([
    [
      'every sampling field',
      hello({
        model: 'gpt-4o',
        temperature: 2,
        top_p: 0,
        presence_penalty: -2,
        frequency_penalty: 2,
        seed: 1,
        logit_bias: { 1: -100 },
      }),
    ],
    ['four stops', hello({ stop: ['a', 'b', 'c', 'd'] })],
    ['most choices', hello({ n: 128 })],
    ['sixteen pairs of metadata', hello({ metadata: keys(16), store: true })],
    [
      'null for what may be left out',
      hello({
        temperature: null,
        stop: null,
        n: null,
        reasoning_effort: null,
        max_tokens: null,
        stream: null,
      }),
    ],
    [
      'the fields of the account',
      hello({
        user: 'u',
        safety_identifier: 's',
        service_tier: 'flex',
        prompt_cache_key: 'k',
        prompt_cache_options: { ttl: '30m', mode: 'explicit' },
        verbosity: 'low',
      }),
    ],
    [
      'a whole conversation',
      messages(
        { role: 'developer', content: [{ type: 'text', text: 'x' }] },
        asked,
        calling,
        answered,
        { role: 'assistant', content: [{ type: 'refusal', refusal: 'no' }] },
        { ...asked, name: 'me' },
      ),
    ],
    [
      'a prediction and a search',
      hello({
        prediction: { type: 'content', content: 'x' },
        web_search_options: {
          search_context_size: 'low',
          user_location: { type: 'approximate', approximate: { city: 'Ghent' } },
        },
      }),
    ],
    [
      'moderation',
      hello({ moderation: { model: 'omni-moderation-latest', policy: { input: { mode: 'block' } } } }),
    ],
    ['a key of metadata of 64 characters', hello({ metadata: { ['k'.repeat(64)]: 'x' } })],
  ])('%s', async (_, body) => {
    expect((await chat(body)).choices[0]?.finish_reason).toBe('stop');
  });
});
