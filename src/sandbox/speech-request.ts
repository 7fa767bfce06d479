import { isObject } from '../json.ts';
import { invalidRequest } from './error-answer.ts';
import type { ModelCatalogue } from './models.ts';
import {
  type Check,
  decimal,
  missing,
  object,
  oneOf,
  string,
  stringOr,
  unknownParameter,
  unsupportedModel,
  unsupportedParameter,
  unsupportedValue,
  wrongType,
} from './request-check.ts';
import { isSpeechFormat, type SpeechFormat, speechFormats } from './speech-codec.ts';

/** A request for speech, checked. */
export interface SpeechRequest {
  readonly input: string;
  /** Its name, or the id of a custom one. */
  readonly voice: string;
  readonly format: SpeechFormat;
  readonly speed: number;
  /** As server-sent events. */
  readonly isStream: boolean;
}

/** The SDK's types (`SpeechCreateParams.voice`). */
const VOICES = ['alloy', 'ash', 'coral', 'echo', 'fable', 'onyx', 'nova', 'sage', 'shimmer'];
/** OpenAI's guide to text to speech: `tts-1` and `tts-1-hd` lack these. */
const NEWER_VOICES = ['ballad', 'verse', 'marin', 'cedar'];

/** Characters: the API's reference, `input` and `instructions`. */
const LONGEST = 4096;
/** Tokens of a text for `gpt-4o-mini-tts` (the model's page). */
const MOST_TOKENS = 2000;

const text = string();
const customVoice = object({ id: string({ pattern: /^voice_/ }) }, ['id']);

/** A voice by its name, or the id of a custom one. */
function voiceAmong(voices: readonly string[]): Check {
  return stringOr(oneOf(...voices), customVoice, isObject, 'an object');
}

/** What speaks in a chat (the SDK's types, `ChatCompletionAudioParam.voice`). */
export const chatVoice: Check = voiceAmong([...VOICES, ...NEWER_VOICES]);

/** Every field of the published request (OpenAPI `CreateSpeechRequest`, and the SDK's types). */
function fieldsOf(model: string): Readonly<Record<string, Check>> {
  const isOld = isOldModel(model);
  const voices = isOld ? VOICES : [...VOICES, ...NEWER_VOICES];
  return {
    model: text,
    input: string({ max: LONGEST, filled: true }),
    voice: voiceAmong(voices),
    instructions: (value, path) => {
      if (isOld) throw unsupportedParameter(path);
      string({ max: LONGEST })(value, path);
    },
    response_format: oneOf(...speechFormats),
    speed: decimal(0.25, 4),
    stream_format: (value, path) => {
      oneOf('audio', 'sse')(value, path);
      if (isOld && value === 'sse') throw unsupportedValue(path, value, " Supported values are: 'audio'.");
    },
  };
}

/** Those that take neither instructions nor `stream_format: sse`. */
function isOldModel(model: string): boolean {
  return /^tts-1/.test(model);
}

/** @throws ApiError naming the first field that is wrong */
export async function readSpeechRequest(body: unknown, models: ModelCatalogue): Promise<SpeechRequest> {
  if (!isObject(body)) throw wrongType('', 'an object', body);
  const { model: named } = body;
  if (named === undefined) throw missing('model');
  text(named, 'model');
  const model = String(named);
  if (models.kindOf(model) !== 'speech') throw unsupportedModel(model, models.idsOf('speech'));
  object(fieldsOf(model), ['input', 'voice'], unknownParameter)(body, '');
  const { voice, response_format: format } = body;
  const input = String(body['input']);
  if (!isOldModel(model)) await checkTokens(input);
  return {
    input,
    voice: String(isObject(voice) ? voice['id'] : voice),
    format: isSpeechFormat(format) ? format : 'mp3',
    speed: Number(body['speed'] ?? 1),
    isStream: body['stream_format'] === 'sse',
  };
}

/** A token is a byte at least: what counts them, which is large, is loaded for long texts alone. */
async function checkTokens(input: string): Promise<void> {
  if (Buffer.byteLength(input) <= MOST_TOKENS) return;
  const { countTokens } = await import('gpt-tokenizer/encoding/o200k_base');
  // What looks like a special token is text like any other.
  const count = countTokens(input, { disallowedSpecial: new Set() });
  if (count <= MOST_TOKENS) return;
  throw invalidRequest(
    `Invalid 'input': too many tokens. Expected at most ${MOST_TOKENS} tokens, but got ${count} tokens instead.`,
    'input',
    'string_above_max_length',
  );
}
