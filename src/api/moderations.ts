import type { OpenAI } from 'openai';
import { isObject, type JsonObject } from '../json.ts';
import type { Api } from './client.ts';
import { judgedAnswer } from './judged-answer.ts';
import { notAnAnswer } from './stream.ts';

export type ModerationInput = OpenAI.ModerationCreateParams['input'];

/** What is thought of one input. */
export interface ModerationVerdict extends JsonObject {
  readonly flagged: boolean;
  readonly categories: Readonly<Record<string, boolean>>;
  /** From 0 to 1. */
  readonly category_scores: Readonly<Record<string, number>>;
}

export type ModerationAnswer = JsonObject & { readonly results: readonly ModerationVerdict[] };

/**
 * Asks what is thought of a text, of several, or of a text with an image.
 * @param fields the rest of the request: `model`, for one
 * @throws Failure or Stopped
 */
export function moderate(api: Api, input: ModerationInput, fields: JsonObject): Promise<ModerationAnswer> {
  return api.call(async (client, options) =>
    checkedModeration(await judgedAnswer(client.moderations.create({ ...fields, input }, options)), api),
  );
}

/** What came with status 200 may still be anything. @throws Failure (network) */
export function checkedModeration(answer: unknown, api: Api): ModerationAnswer {
  const results = isObject(answer) ? answer['results'] : undefined;
  if (!isObject(answer) || !Array.isArray(results) || !results.every(isVerdict)) {
    throw notAnAnswer(api, 'a moderation');
  }
  return { ...answer, results };
}

function isVerdict(value: unknown): value is ModerationVerdict {
  return (
    isObject(value) &&
    typeof value['flagged'] === 'boolean' &&
    isObject(value['categories']) &&
    isObject(value['category_scores'])
  );
}
