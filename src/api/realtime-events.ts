import { APIError } from 'openai/core/error';
import type { RealtimeServerEvent } from 'openai/resources/realtime/realtime';
import { isObject, type JsonObject } from '../json.ts';
import type { ErrorBody } from './transport/error-body.ts';

/** What an event must hold for its reader; of others only the type is looked at. */
const SHAPES: Readonly<Record<string, (event: JsonObject) => boolean>> = {
  error: ({ error }) => isObject(error),
  'response.done': ({ response }) => isObject(response),
  'response.output_audio.delta': ({ delta }) => typeof delta === 'string' && BASE64.test(delta),
  'response.output_audio_transcript.done': ({ transcript }) => typeof transcript === 'string',
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
