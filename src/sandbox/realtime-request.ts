import type {
  ConversationItemCreateEvent,
  RealtimeConversationItemUserMessage,
  RealtimeResponseCreateParams,
  ResponseCancelEvent,
} from 'openai/resources/realtime/realtime';
import { isObject, type JsonObject } from '../json.ts';
import { invalidRequest } from './error-answer.ts';
import {
  array,
  type Check,
  decimal,
  integer,
  map,
  missing,
  object,
  oneOf,
  string,
  stringOr,
  tagged,
  unknownParameter,
  wrongType,
} from './request-check.ts';
import { SPEECH_RATE } from './speech-sound.ts';

/** A custom voice is an object with its id. */
type VoiceField = string | { readonly id: string };

/** What the sandbox takes of an update of a session. */
export interface SessionUpdate {
  readonly output_modalities?: readonly ['audio' | 'text'];
  readonly instructions?: string;
  readonly audio?: { readonly output?: { readonly voice?: VoiceField; readonly speed?: number } };
}

export type UserItem = RealtimeConversationItemUserMessage;

/** What the sandbox takes of a wish for a response. */
export type ResponseWish = Pick<RealtimeResponseCreateParams, 'instructions' | 'metadata'> & {
  readonly output_modalities?: readonly ['audio' | 'text'];
  readonly conversation?: 'auto' | 'none';
  readonly input?: readonly UserItem[];
  readonly audio?: { readonly output?: { readonly voice?: VoiceField } };
};

/** An event of the client, checked. */
export type ClientEvent =
  | { readonly type: 'session.update'; readonly session: SessionUpdate }
  | (Pick<ConversationItemCreateEvent, 'type'> & { readonly item: UserItem })
  | { readonly type: 'response.create'; readonly response?: ResponseWish }
  | ResponseCancelEvent;

/** The SDK's types (`RealtimeAudioConfigOutput.voice`), and their hum in Hz. */
const VOICES: Readonly<Record<string, number>> = {
  alloy: 150,
  ash: 110,
  ballad: 130,
  coral: 190,
  echo: 120,
  sage: 180,
  shimmer: 200,
  verse: 140,
  marin: 170,
  cedar: 100,
};
/** Hz, of custom voices. */
const OTHER_PITCH = 160;

/** Hz */
export function pitchOf(voice: string): number {
  return VOICES[voice] ?? OTHER_PITCH;
}

export function voiceName(voice: VoiceField): string {
  return typeof voice === 'string' ? voice : voice.id;
}

/** A field that the API has and the sandbox has not. */
const unsupported: Check = (_, path) => {
  const message = `Unsupported parameter: '${path}' is not supported by the sandbox.`;
  throw invalidRequest(message, path, 'unsupported_parameter');
};

function unsupportedFields(names: string): Record<string, Check> {
  return Object.fromEntries(names.split(' ').map((name) => [name, unsupported]));
}

const modalities: Check = (value, path) => {
  array(oneOf('audio', 'text'), { of: 'strings' })(value, path);
  if (Array.isArray(value) && value.length === 1) return;
  const message = `Invalid modalities: ${JSON.stringify(value)}. Supported combinations are: ['text'] and ['audio'].`;
  throw invalidRequest(message, path, 'invalid_value');
};

const voice = stringOr(
  oneOf(...Object.keys(VOICES)),
  object({ id: string({ pattern: /^voice_/ }) }, ['id']),
  isObject,
  'an object',
);
const format = tagged('type', {
  'audio/pcm': object({ type: string(), rate: integer(SPEECH_RATE, SPEECH_RATE) }, ['rate']),
});

const session = object(
  {
    type: oneOf('realtime'),
    output_modalities: modalities,
    instructions: string(),
    audio: object({
      output: object({ voice, format, speed: decimal(0.25, 1.5) }),
      ...unsupportedFields('input'),
    }),
    ...unsupportedFields(
      'include max_output_tokens model parallel_tool_calls prompt reasoning tool_choice tools tracing truncation',
    ),
  },
  ['type'],
);

const item = object(
  {
    type: oneOf('message'),
    role: oneOf('user'),
    content: array(object({ type: oneOf('input_text'), text: string() }, ['type', 'text']), { min: 1 }),
    id: string({ max: 32, filled: true }),
    object: oneOf('realtime.item'),
    status: oneOf('completed', 'incomplete', 'in_progress'),
  },
  ['type', 'role', 'content'],
);

const response = object({
  instructions: string(),
  input: array(item),
  output_modalities: modalities,
  conversation: oneOf('auto', 'none'),
  audio: object({ output: object({ voice, format }) }),
  metadata: map(string({ max: 512 }), { max: 16, maxKey: 64 }),
  ...unsupportedFields('max_output_tokens parallel_tool_calls prompt reasoning tool_choice tools'),
});

const common = { type: string(), event_id: string({ max: 512 }) };

const EVENTS: Readonly<Record<string, Check>> = {
  'session.update': object({ ...common, session }, ['session'], unknownParameter),
  'conversation.item.create': object(
    { ...common, item, ...unsupportedFields('previous_item_id') },
    ['item'],
    unknownParameter,
  ),
  'response.create': object({ ...common, response }, [], unknownParameter),
  'response.cancel': object({ ...common, response_id: string() }, [], unknownParameter),
};

/** @throws ApiError 400 where a message is no object of JSON */
export function parseMessage(text: string): JsonObject {
  let message: unknown;
  try {
    message = JSON.parse(text);
  } catch {
    throw invalidRequest('We could not parse the event: it is not valid JSON.', null, 'invalid_json');
  }
  if (!isObject(message)) throw wrongType('', 'an object', message);
  return message;
}

/** @throws ApiError 400 naming the first field that is wrong, or `type` for an event that the sandbox does not have */
export function checkEvent(message: JsonObject): ClientEvent {
  const { type } = message;
  if (type === undefined) throw missing('type');
  oneOf(...Object.keys(EVENTS))(type, 'type');
  EVENTS[String(type)]?.(message, '');
  return message as unknown as ClientEvent;
}
