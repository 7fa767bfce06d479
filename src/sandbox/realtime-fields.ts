import { isObject } from '../json.ts';
import { invalidRequest } from './error-answer.ts';
import { voices } from './realtime-settings.ts';
import {
  anyObject,
  array,
  boolean,
  type Check,
  decimal,
  integer,
  nullable,
  object,
  oneOf,
  string,
  stringOr,
  tagged,
} from './request-check.ts';
import { SPEECH_RATE } from './speech-sound.ts';

/** A field that the API has and the sandbox has not. */
const unsupported: Check = (_, path) => {
  const message = `Unsupported parameter: '${path}' is not supported by the sandbox.`;
  throw invalidRequest(message, path, 'unsupported_parameter');
};

export function unsupportedFields(names: string): Record<string, Check> {
  return Object.fromEntries(names.split(' ').map((name) => [name, unsupported]));
}

export const modalities: Check = (value, path) => {
  array(oneOf('audio', 'text'), { of: 'strings' })(value, path);
  if (Array.isArray(value) && value.length === 1) return;
  const message = `Invalid modalities: ${JSON.stringify(value)}. Supported combinations are: ['text'] and ['audio'].`;
  throw invalidRequest(message, path, 'invalid_value');
};

export const voice = stringOr(
  oneOf(...voices),
  object({ id: string({ pattern: /^voice_/ }) }, ['id']),
  isObject,
  'an object',
);

export const format = tagged('type', {
  'audio/pcm': object({ type: string(), rate: integer(SPEECH_RATE, SPEECH_RATE) }, ['rate']),
});

/** The most tokens of a response (OpenAPI, `RealtimeSessionCreateRequestGA`). */
const MOST_TOKENS = 4096;

export const maxTokens: Check = (value, path) => {
  if (typeof value === 'string') oneOf('inf')(value, path);
  else integer(1, MOST_TOKENS)(value, path);
};

export const tools = array(
  object(
    {
      type: oneOf('function'),
      name: string({ pattern: /^[\w-]{1,64}$/ }),
      description: string(),
      parameters: anyObject,
    },
    ['type', 'name'],
  ),
);

export const toolChoice = stringOr(
  oneOf('auto', 'none', 'required'),
  object({ type: oneOf('function'), name: string() }, ['type', 'name']),
  isObject,
  'an object',
);

const ms = integer(0, 60_000);
const turnDetection = nullable(
  tagged('type', {
    server_vad: object({
      type: string(),
      threshold: decimal(0, 1),
      prefix_padding_ms: ms,
      silence_duration_ms: ms,
      create_response: boolean,
      interrupt_response: boolean,
      idle_timeout_ms: nullable(integer(5000, 30_000)),
    }),
    semantic_vad: object({
      type: string(),
      eagerness: oneOf('low', 'medium', 'high', 'auto'),
      create_response: boolean,
      interrupt_response: boolean,
    }),
  }),
);

const input = object({
  format,
  transcription: nullable(
    object({
      model: string(),
      language: string(),
      languages: array(string(), { min: 1, of: 'strings' }),
      keywords: array(string(), { of: 'strings' }),
      prompt: string(),
      ...unsupportedFields('delay'),
    }),
  ),
  noise_reduction: nullable(object({ type: oneOf('near_field', 'far_field') })),
  turn_detection: turnDetection,
});

/** An update of a session. */
export const session = tagged('type', {
  realtime: object({
    type: string(),
    output_modalities: modalities,
    instructions: string(),
    audio: object({ input, output: object({ voice, format, speed: decimal(0.25, 1.5) }) }),
    max_output_tokens: maxTokens,
    tools,
    tool_choice: toolChoice,
    parallel_tool_calls: boolean,
    ...unsupportedFields('include model prompt reasoning tracing truncation'),
  }),
  transcription: object({ type: string(), audio: object({ input }), ...unsupportedFields('include') }),
});
