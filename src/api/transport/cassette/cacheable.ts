import { isObject, type JsonObject } from '../../../json.ts';
import { errorIn } from '../error-body.ts';
import type { TapedAnswer } from './exchange.ts';
import { isWholeStream } from './taped-events.ts';
import type { TapedRequest } from './taped-request.ts';

/**
 * What only asks: the same request may have the same answer. All else makes, changes or deletes something on the server,
 * or tells of what changes by itself.
 */
const QUESTIONS: readonly string[] = [
  '/audio/speech',
  '/audio/transcriptions',
  '/audio/translations',
  '/chat/completions',
  '/completions',
  '/embeddings',
  '/images/edits',
  '/images/generations',
  '/images/variations',
  '/moderations',
  '/responses',
];

/** @param path below the base URL, without the query */
export function isQuestion(method: string | undefined, path: string): boolean {
  return method?.toUpperCase() === 'POST' && QUESTIONS.includes(path);
}

/** Whether a question leaves nothing on the server that a later one may name. */
export function isCacheable({ path, json }: TapedRequest): boolean {
  if (!isObject(json)) return true;
  // What `/responses` answers is stored unless it is told not to (OpenAI's reference, `store`).
  if (path?.startsWith('/responses') === true) return json['store'] === false && json['background'] !== true;
  return json['store'] !== true;
}

/** Reasons for the end of an answer that leave it a part. (A refusal is none of the answers that are wanted either.) */
const PARTIAL: readonly unknown[] = ['length', 'content_filter'];

/** Whether an answer is whole and a success. */
export function isWorthKeeping({ status, cut, json, events }: TapedAnswer): boolean {
  if (status !== 200 || cut === true) return false;
  if (events !== undefined) {
    return isWholeStream(events) && !events.some((event) => 'data' in event && isPartial(event.data));
  }
  return errorIn(json) === undefined && !isPartial(json);
}

function isPartial(answer: unknown): boolean {
  const choices = isObject(answer) ? answer['choices'] : undefined;
  if (!Array.isArray(choices)) return false;
  return choices.some(
    (choice) => isObject(choice) && (PARTIAL.includes(choice['finish_reason']) || isRefusal(choice)),
  );
}

function isRefusal({ message, delta }: JsonObject): boolean {
  return [message, delta].some((part) => isObject(part) && typeof part['refusal'] === 'string');
}
