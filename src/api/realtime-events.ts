import { APIError } from 'openai/core/error';
import type { RealtimeServerEvent } from 'openai/resources/realtime/realtime';
import { isObject, type JsonObject } from '../json.ts';
import type { ErrorBody } from './transport/error-body.ts';

type Shape = (event: JsonObject) => boolean;

/** The fields of these names are texts. */
function texts(...names: readonly string[]): Shape {
  return (event) => names.every((name) => typeof event[name] === 'string');
}

/** What an event must hold for its reader; of others only the type is looked at. */
const SHAPES: Readonly<Record<string, Shape>> = {
  error: ({ error }) => isObject(error),
  'response.created': ({ response }) => response === undefined || isObject(response),
  'response.done': ({ response }) => isObject(response),
  'response.output_item.done': ({ item }) => isObject(item),
  'conversation.item.added': ({ item }) => isObject(item),
  'response.output_text.delta': texts('delta'),
  'response.output_text.done': texts('text'),
  'response.output_audio.delta': ({ delta }) => typeof delta === 'string' && BASE64.test(delta),
  'response.output_audio_transcript.delta': texts('delta'),
  'response.output_audio_transcript.done': texts('transcript'),
  'input_audio_buffer.committed': texts('item_id'),
  'conversation.item.input_audio_transcription.delta': ({ item_id: id, delta = '' }) =>
    typeof id === 'string' && typeof delta === 'string',
  'conversation.item.input_audio_transcription.completed': texts('item_id', 'transcript'),
  'conversation.item.input_audio_transcription.failed': ({ error }) => isObject(error),
};

const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

/** A message as an event. @returns undefined where it is garbled: no JSON, no event, or one without what it is about */
export function readEvent(text: string): RealtimeServerEvent | undefined {
  try {
    const event: unknown = JSON.parse(text);
    if (!isObject(event) || typeof event['type'] !== 'string') return undefined;
    const { type } = event;
    const isWhole = Object.hasOwn(SHAPES, type) ? SHAPES[type]?.(event) : true;
    return isWhole === true ? (event as unknown as RealtimeServerEvent) : undefined;
  } catch {
    return undefined;
  }
}

/** An error that came in an event, for `Api.failure` to put in words. */
export function errorInEvent(body: ErrorBody): Error {
  return new APIError(undefined, body, undefined, undefined);
}

/** @throws the error that an event tells of */
export function throwIfError(event: RealtimeServerEvent): void {
  if (event.type === 'error') throw errorInEvent(event.error);
}
