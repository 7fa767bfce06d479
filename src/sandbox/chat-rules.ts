import { contentText } from './chat-messages.ts';
import type { ChatRequest } from './chat-request.ts';
import { spokenFormats } from './chat-speech.ts';
import { ApiError, invalidRequest } from './error-answer.ts';
import type { ModelKind } from './models.ts';
import { listed, missing, unsupportedParameter, unsupportedValue } from './request-check.ts';
import { checkStrictSchema } from './strict-schema.ts';

type Effort = NonNullable<ChatRequest['reasoning_effort']>;

/** The efforts that a model takes on chat completions: none and minimal are the ones that come and go. */
const EFFORTS: readonly (readonly [models: RegExp, efforts: readonly Effort[]])[] = [
  [/^gpt-6-astra/, ['low', 'medium', 'high', 'xhigh']],
  [/^gpt-6\.1/, ['low', 'medium', 'high', 'xhigh', 'max']],
  [/^gpt-(?:5\.6|6)/, ['none', 'low', 'medium', 'high', 'xhigh', 'max']],
  [/^gpt-5\.\d.*-pro/, ['medium', 'high', 'xhigh']],
  [/^gpt-5\.\d/, ['none', 'low', 'medium', 'high', 'xhigh']],
  [/^gpt-5/, ['minimal', 'low', 'medium', 'high']],
  [/^o\d/, ['low', 'medium', 'high']],
];

/**
 * The most tokens of an answer, reasoning included. The published document has no such numbers: these are of the right
 * size, so that a request far over any limit is refused as the API refuses it; what is not listed is taken to be like
 * the newest.
 */
const MOST_TOKENS: readonly (readonly [models: RegExp, tokens: number])[] = [
  [/^gpt-3\.5|^gpt-4-turbo|^gpt-4-1106|^gpt-4o-2024-05-13/, 4096],
  [/^gpt-4\.1/, 32_768],
  [/^gpt-4o|^gpt-audio/, 16_384],
  [/^gpt-4/, 8192],
  [/^o\d/, 100_000],
];
const MOST_TOKENS_ELSE = 128_000;

/** "Not supported with latest reasoning models `o3` and `o4-mini`" (OpenAPI `StopConfiguration`). */
const WITHOUT_STOP = /^(?:o3(?!-mini)|o4-mini)/;

/** Sampling fields that a reasoning model takes only when it does not reason. */
const SAMPLING = [
  'top_p',
  'presence_penalty',
  'frequency_penalty',
  'logprobs',
  'top_logprobs',
  'logit_bias',
] as const;
const SAMPLING_DEFAULT: Readonly<Record<string, unknown>> = {
  top_p: 1,
  presence_penalty: 0,
  frequency_penalty: 0,
  logprobs: false,
};

/** A fine-tuned model takes what the one takes that it was made of: `o4-mini` for `ft:o4-mini:acme::1`. */
function ruleName(model: string): string {
  return /^ft:([^:]+):/.exec(model)?.[1] ?? model;
}

/** The effort of an answer; undefined for a model that does not reason. */
export function effortOf({ model, reasoning_effort: effort }: ChatRequest): Effort | undefined {
  return EFFORTS.some(([models]) => models.test(ruleName(model))) ? (effort ?? 'medium') : undefined;
}

/**
 * What a model takes: rules that the request's fields alone do not tell.
 * @throws ApiError 400, or 404 for a model that is no chat model
 */
export function checkModelRules(request: ChatRequest, kind: ModelKind): void {
  if (kind !== 'chat' && kind !== 'audio chat') {
    throw new ApiError(404, {
      message:
        'This is not a chat model and thus not supported in the v1/chat/completions endpoint. Did you mean to use v1/completions?',
      type: 'invalid_request_error',
      param: 'model',
      code: null,
    });
  }
  checkReasoning(request);
  checkLength(request);
  checkFormat(request);
  checkParts(request, kind);
  checkSpeech(request, kind);
}

function checkReasoning(request: ChatRequest): void {
  const { model, reasoning_effort: effort } = request;
  const efforts = EFFORTS.find(([models]) => models.test(ruleName(model)))?.[1];
  if (efforts === undefined) {
    if (effort !== undefined && effort !== null) throw unsupportedParameter('reasoning_effort');
    return;
  }
  if (effort !== undefined && effort !== null && !efforts.includes(effort)) {
    throw unsupportedValue('reasoning_effort', effort, ` Supported values are: ${listed(efforts)}.`);
  }
  if (request.max_tokens !== undefined && request.max_tokens !== null) {
    throw unsupportedParameter('max_tokens', " Use 'max_completion_tokens' instead.");
  }
  if (effort !== 'none') checkSampling(request);
}

function checkLength(request: ChatRequest): void {
  const { model, stop } = request;
  if (stop !== undefined && stop !== null && WITHOUT_STOP.test(ruleName(model)))
    throw unsupportedParameter('stop');
  const most = MOST_TOKENS.find(([models]) => models.test(ruleName(model)))?.[1] ?? MOST_TOKENS_ELSE;
  for (const field of ['max_tokens', 'max_completion_tokens'] as const) {
    const wanted = request[field] ?? 0;
    if (wanted <= most) continue;
    throw invalidRequest(
      `${field} is too large: ${wanted}. This model supports at most ${most} completion tokens, whereas you provided ${wanted}.`,
      field,
      'invalid_value',
    );
  }
}

function checkSampling(request: ChatRequest): void {
  const { temperature } = request;
  if (temperature !== undefined && temperature !== null && temperature !== 1) {
    throw unsupportedValue('temperature', temperature, ' Only the default (1) value is supported.');
  }
  for (const field of SAMPLING) {
    const value = request[field];
    if (value !== undefined && value !== null && value !== SAMPLING_DEFAULT[field]) {
      throw unsupportedParameter(field);
    }
  }
  if (request.tools?.some((tool) => tool.type === 'function')) {
    throw invalidRequest(
      `Function tools with reasoning_effort are not supported for ${request.model} in /v1/chat/completions. To use function tools, use /v1/responses or set reasoning_effort to 'none'.`,
      'reasoning_effort',
    );
  }
}

function checkFormat({ response_format: format, messages, tools }: ChatRequest): void {
  if (format?.type === 'json_object') {
    if (!messages.some((message) => /json/i.test(contentText(message.content)))) {
      throw invalidRequest(
        "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'.",
        'messages',
      );
    }
  }
  if (format?.type === 'json_schema' && format.json_schema.strict === true) {
    const { name, schema = {} } = format.json_schema;
    checkStrictSchema(schema, `response_format '${name}'`, 'response_format');
  }
  tools?.forEach((tool, index) => {
    if (tool.type !== 'function' || tool.function.strict !== true) return;
    const { name, parameters = {} } = tool.function;
    checkStrictSchema(parameters, `function '${name}'`, `tools[${index}].function.parameters`);
  });
}

/** Models that see no images, and no pages of files: of those that answer, the ones that hear (their pages at OpenAI). */
const WITHOUT_SIGHT = /^gpt-audio/;
/** "Available on `gpt-5.4` and future models" (OpenAI's guide to images and vision, `original`). */
const WITH_ORIGINAL = /^gpt-5\.[4-9]|^gpt-(?:[6-9]|\d\d)/;

function checkParts({ model, messages }: ChatRequest, kind: ModelKind): void {
  for (const [index, { content }] of messages.entries()) {
    if (!Array.isArray(content)) continue;
    for (const [at, part] of content.entries()) {
      if ((part.type === 'image_url' || part.type === 'file') && WITHOUT_SIGHT.test(model)) {
        const message = `Invalid content type. ${part.type} is only supported by certain models.`;
        throw invalidRequest(message, `messages.[${index}].content.[${at}].type`);
      }
      if (part.type === 'image_url' && part.image_url.detail === 'original' && !WITH_ORIGINAL.test(model)) {
        throw unsupportedValue(`messages[${index}].content[${at}].image_url.detail`, 'original');
      }
      if (part.type === 'input_audio' && kind !== 'audio chat') {
        throw invalidRequest(
          `Invalid 'messages[${index}]'. Content blocks are expected to be either text or image_url type.`,
          `messages[${index}]`,
          'invalid_value',
        );
      }
    }
  }
}

function checkSpeech(request: ChatRequest, kind: ModelKind): void {
  const { modalities, audio, stream, messages } = request;
  const isSpoken = modalities?.includes('audio') === true;
  if (kind !== 'audio chat') {
    if (isSpoken) throw unsupportedValue('modalities', 'audio');
    const referring = messages.findIndex((message) => message.role === 'assistant' && message.audio != null);
    if (referring !== -1) throw unsupportedParameter(`messages[${referring}].audio`);
    return;
  }
  const isHeard = messages.some(
    ({ content }) => Array.isArray(content) && content.some((part) => part.type === 'input_audio'),
  );
  if (!isSpoken && !isHeard) {
    throw invalidRequest(
      'This model requires that either input content or output modality contain audio.',
      'model',
      'invalid_value',
    );
  }
  if (!isSpoken) return;
  if (audio == null) throw missing('audio');
  if (stream === true && audio.format !== 'pcm16') {
    throw invalidRequest(
      `Unsupported value: 'audio.format' does not support '${audio.format}' when stream=true. Supported values are: 'pcm16'.`,
      'audio.format',
      'unsupported_value',
    );
  }
  if (!spokenFormats.includes(audio.format)) {
    throw unsupportedValue('audio.format', audio.format, ` Supported values are: ${listed(spokenFormats)}.`);
  }
}
