import type {
  ConversationItemCreateEvent,
  RealtimeConversationItemUserMessage,
  RealtimeResponseCreateParams,
  ResponseCancelEvent,
} from 'openai/resources/realtime/realtime';
import { isObject, type JsonObject } from '../json.ts';
import { invalidRequest } from './error-answer.ts';
import {
  format,
  maxTokens,
  modalities,
  session,
  toolChoice,
  tools,
  unsupportedFields,
  voice,
} from './realtime-fields.ts';
import type { SessionUpdate, VoiceField } from './realtime-settings.ts';
import {
  array,
  type Check,
  integer,
  map,
  missing,
  nullable,
  object,
  oneOf,
  string,
  tagged,
  unknownParameter,
  wrongType,
} from './request-check.ts';

/** An item of a conversation, as the client gives it. */
export type GivenItem =
  | RealtimeConversationItemUserMessage
  | {
      readonly type: 'message';
      readonly role: 'system' | 'assistant';
      readonly id?: string;
      readonly content: readonly { readonly text?: string; readonly transcript?: string }[];
    }
  | {
      readonly type: 'function_call';
      readonly id?: string;
      readonly call_id?: string;
      readonly name: string;
      readonly arguments: string;
    }
  | {
      readonly type: 'function_call_output';
      readonly id?: string;
      readonly call_id: string;
      readonly output: string;
    };

/** An item that is in the conversation already. */
export interface ItemReference {
  readonly type: 'item_reference';
  readonly id: string;
}

/** What the sandbox takes of a wish for a response. */
export type ResponseWish = Pick<
  RealtimeResponseCreateParams,
  'instructions' | 'metadata' | 'max_output_tokens'
> &
  Pick<SessionUpdate, 'tools' | 'tool_choice'> & {
    readonly output_modalities?: readonly ['audio' | 'text'];
    readonly conversation?: 'auto' | 'none';
    readonly input?: readonly (GivenItem | ItemReference)[];
    readonly audio?: { readonly output?: { readonly voice?: VoiceField } };
  };

/** An event about an item that is there. */
export interface ItemEvent {
  readonly type: 'conversation.item.delete' | 'conversation.item.retrieve' | 'conversation.item.truncate';
  readonly item_id: string;
  readonly content_index?: number;
  readonly audio_end_ms?: number;
}

/** An event of the client, checked. */
export type ClientEvent =
  | { readonly type: 'session.update'; readonly session: SessionUpdate }
  | (Pick<ConversationItemCreateEvent, 'type'> & { readonly item: GivenItem })
  | ItemEvent
  | { readonly type: 'input_audio_buffer.append'; readonly audio: string }
  | { readonly type: 'input_audio_buffer.commit' }
  | { readonly type: 'input_audio_buffer.clear' }
  | { readonly type: 'response.create'; readonly response?: ResponseWish }
  | ResponseCancelEvent;

const itemFields = {
  type: string(),
  id: string({ max: 32, filled: true }),
  object: oneOf('realtime.item'),
  status: oneOf('completed', 'incomplete', 'in_progress'),
};

function message(role: string, content: Readonly<Record<string, Check>>): Check {
  return object({ ...itemFields, role: oneOf(role), content: array(tagged('type', content), { min: 1 }) }, [
    'content',
  ]);
}

const inputText = object({ type: string(), text: string() }, ['text']);

const messages = tagged('role', {
  user: message('user', {
    input_text: inputText,
    input_audio: object({ type: string(), audio: string(), transcript: nullable(string()) }, ['audio']),
  }),
  system: message('system', { input_text: inputText }),
  assistant: message('assistant', {
    output_text: inputText,
    output_audio: object({ type: string(), audio: string(), transcript: string() }),
  }),
});

const items = {
  message: messages,
  function_call: object({ ...itemFields, call_id: string(), name: string(), arguments: string() }, [
    'name',
    'arguments',
  ]),
  function_call_output: object({ ...itemFields, call_id: string(), output: string() }, ['call_id', 'output']),
};

const item = tagged('type', items);
const referred = tagged('type', {
  ...items,
  item_reference: object({ type: string(), id: string() }, ['id']),
});

const response = object({
  instructions: string(),
  input: array(referred),
  output_modalities: modalities,
  conversation: oneOf('auto', 'none'),
  audio: object({ output: object({ voice, format }) }),
  metadata: map(string({ max: 512 }), { max: 16, maxKey: 64 }),
  max_output_tokens: maxTokens,
  tools,
  tool_choice: toolChoice,
  ...unsupportedFields('parallel_tool_calls prompt reasoning'),
});

/** An event with its own fields and those that all have. */
function event(fields: Readonly<Record<string, Check>> = {}, required: readonly string[] = []): Check {
  return object({ type: string(), event_id: string({ max: 512 }), ...fields }, required, unknownParameter);
}

const EVENTS: Readonly<Record<string, Check>> = {
  'session.update': event({ session }, ['session']),
  'conversation.item.create': event({ item, ...unsupportedFields('previous_item_id') }, ['item']),
  'conversation.item.delete': event({ item_id: string() }, ['item_id']),
  'conversation.item.retrieve': event({ item_id: string() }, ['item_id']),
  'conversation.item.truncate': event(
    { item_id: string(), content_index: integer(0), audio_end_ms: integer(0) },
    ['item_id', 'content_index', 'audio_end_ms'],
  ),
  'input_audio_buffer.append': event({ audio: string() }, ['audio']),
  'input_audio_buffer.commit': event(),
  'input_audio_buffer.clear': event(),
  'response.create': event({ response }),
  'response.cancel': event({ response_id: string() }),
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
