import { isObject, type JsonObject } from '../json.ts';
import { invalidRequest } from './error-answer.ts';
import { metadata } from './metadata.ts';
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
  unknownParameter,
  wrongType,
} from './request-check.ts';

/** One item of the input, as it was given. */
export type InputItem = JsonObject & { readonly type?: string };

/** A tool that may be used. */
export interface ResponseTool extends JsonObject {
  readonly type: string;
}

/** The fields of `POST /responses` that decide on the answer, checked. */
export interface ResponseRequest extends JsonObject {
  readonly model: string;
  readonly input?: string | readonly InputItem[];
  readonly instructions?: string | null;
  readonly previous_response_id?: string | null;
  readonly conversation?: string | { readonly id: string } | null;
  readonly tools?: readonly ResponseTool[];
  readonly tool_choice?: unknown;
  readonly parallel_tool_calls?: boolean | null;
  readonly text?: { readonly format?: JsonObject; readonly verbosity?: string | null };
  readonly reasoning?: { readonly effort?: string | null; readonly summary?: string | null } | null;
  readonly max_output_tokens?: number | null;
  readonly temperature?: number | null;
  readonly top_p?: number | null;
  readonly store?: boolean | null;
  readonly background?: boolean | null;
  readonly stream?: boolean | null;
  readonly truncation?: string | null;
  readonly metadata?: JsonObject | null;
  readonly service_tier?: string | null;
  readonly include?: readonly string[] | null;
  readonly top_logprobs?: number | null;
}

const text = string();

/** What a message of the user can be made of. */
const PARTS = {
  input_text: object({ type: text, text }, ['text']),
  output_text: object({ type: text, text, annotations: array(anyObject), logprobs: array(anyObject) }, [
    'text',
  ]),
  refusal: object({ type: text, refusal: text }, ['refusal']),
  input_image: object({
    type: text,
    image_url: nullable(text),
    file_id: nullable(text),
    detail: oneOf('low', 'high', 'auto', 'original'),
  }),
  input_file: object({
    type: text,
    file_id: nullable(text),
    file_url: text,
    file_data: text,
    filename: text,
    detail: oneOf('low', 'high', 'auto'),
  }),
  input_audio: anyObject,
};

/** What a stored item may be handed back as, beside messages. */
const HANDED_BACK = [
  'reasoning',
  'function_call',
  'custom_tool_call',
  'web_search_call',
  'file_search_call',
  'code_interpreter_call',
  'image_generation_call',
  'mcp_call',
  'mcp_list_tools',
  'mcp_approval_request',
  'item_reference',
];

const message = object(
  {
    type: text,
    id: text,
    status: text,
    phase: nullable(text),
    role: oneOf('user', 'assistant', 'system', 'developer'),
    content: stringOr(text, array(tagged('type', PARTS)), Array.isArray, 'array of objects'),
  },
  ['role', 'content'],
);

const item: Check = (value, path) => {
  if (!isObject(value)) throw wrongType(path, 'an object', value);
  const { type = 'message' } = value;
  if (type === 'message') message(value, path);
  else if (type === 'function_call_output' || type === 'custom_tool_call_output') {
    const output = stringOr(text, array(anyObject), Array.isArray, 'array of objects');
    object({ type: text, id: text, status: text, call_id: text, output }, ['call_id', 'output'])(value, path);
  } else if (type === 'mcp_approval_response') {
    const fields = {
      type: text,
      id: text,
      approval_request_id: text,
      approve: boolean,
      reason: nullable(text),
    };
    object(fields, ['approval_request_id', 'approve'])(value, path);
  } else if (!HANDED_BACK.includes(String(type))) {
    throw invalidRequest(
      `Invalid value: '${type}'. Supported values are: ${['message', 'function_call_output', 'mcp_approval_response', ...HANDED_BACK].map((word) => `'${word}'`).join(', ')}.`,
      `${path}.type`,
      'invalid_value',
    );
  }
};

const tool = tagged('type', {
  function: object(
    {
      type: text,
      name: string({ max: 64 }),
      description: nullable(text),
      parameters: nullable(anyObject),
      strict: nullable(boolean),
    },
    ['name'],
  ),
  custom: object({ type: text, name: text, description: text, format: anyObject }, ['name']),
  web_search: anyObject,
  web_search_preview: anyObject,
  file_search: object(
    {
      type: text,
      vector_store_ids: array(text, { min: 1 }),
      max_num_results: integer(1, 50),
      ranking_options: anyObject,
      filters: nullable(anyObject),
    },
    ['vector_store_ids'],
  ),
  code_interpreter: object({ type: text, container: stringOr(text, anyObject, isObject, 'object') }, [
    'container',
  ]),
  image_generation: anyObject,
  mcp: object(
    {
      type: text,
      server_label: text,
      server_url: text,
      server_description: text,
      connector_id: text,
      authorization: text,
      headers: nullable(anyObject),
      allowed_tools: nullable(
        stringOr(
          text,
          (_value, _path) => {},
          () => true,
          'array',
        ),
      ),
      require_approval: nullable(stringOr(oneOf('always', 'never'), anyObject, isObject, 'object')),
    },
    ['server_label'],
  ),
});

const fields = object(
  {
    model: text,
    input: stringOr(text, array(item), Array.isArray, 'array of input items'),
    instructions: nullable(text),
    previous_response_id: nullable(text),
    conversation: nullable(stringOr(text, object({ id: text }, ['id']), isObject, 'object')),
    tools: array(tool, { max: 128 }),
    tool_choice: stringOr(oneOf('none', 'auto', 'required'), anyObject, isObject, 'object'),
    parallel_tool_calls: nullable(boolean),
    max_tool_calls: nullable(integer(1)),
    text: object({ format: anyObject, verbosity: nullable(oneOf('low', 'medium', 'high')) }),
    reasoning: nullable(
      object({
        effort: nullable(oneOf('none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max')),
        summary: nullable(oneOf('auto', 'concise', 'detailed')),
        generate_summary: nullable(text),
        mode: text,
        context: text,
      }),
    ),
    max_output_tokens: nullable(integer(16)),
    temperature: nullable(decimal(0, 2)),
    top_p: nullable(decimal(0, 1)),
    top_logprobs: nullable(integer(0, 20)),
    store: nullable(boolean),
    background: nullable(boolean),
    stream: nullable(boolean),
    stream_options: nullable(object({ include_obfuscation: boolean })),
    truncation: nullable(oneOf('auto', 'disabled')),
    metadata,
    service_tier: nullable(oneOf('auto', 'default', 'flex', 'scale', 'priority', 'fast', 'ultrafast')),
    include: nullable(array(text, { of: 'strings' })),
    prompt_cache_key: text,
    prompt_cache_retention: nullable(text),
    safety_identifier: text,
    user: text,
  },
  ['model'],
  unknownParameter,
);

/** Reads the body of a request, field by field. @throws ApiError naming the first field that is wrong */
export function readResponseRequest(body: unknown): ResponseRequest {
  if (!isObject(body)) throw wrongType('', 'an object', body);
  fields(body, '');
  const request = body as unknown as ResponseRequest;
  if (request.previous_response_id != null && request.conversation != null) {
    throw invalidRequest(
      "Mutually exclusive parameters: 'previous_response_id' and 'conversation'.",
      'previous_response_id',
      'mutually_exclusive_parameters',
    );
  }
  if (request.background === true && request.store === false) {
    throw invalidRequest("The 'background' parameter requires 'store' to be true.", 'background');
  }
  return request;
}

/** The items of an input; a text is one message of the user. */
export function inputItems({ input = [] }: ResponseRequest): InputItem[] {
  if (typeof input !== 'string') return input.map((given) => ({ type: 'message', ...given }));
  return [{ type: 'message', role: 'user', content: [{ type: 'input_text', text: input }] }];
}
