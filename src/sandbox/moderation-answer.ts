import { createHash } from 'node:crypto';
import { type Call, jsonBody, type SandboxState } from './call.ts';
import { seenOn } from './moderation-image.ts';
import { type ModerationInput, readModerationRequest } from './moderation-request.ts';
import {
  type Category,
  categories,
  categoryNames,
  type Suspicion,
  suspicionsOf,
} from './moderation-words.ts';

/** The scores of a suspicion, from the lowest to below the highest. What is flagged is above one half. */
const SCORES: Readonly<Record<Suspicion | 'none', readonly [number, number]>> = {
  flagged: [0.7, 0.99],
  raised: [0.2, 0.4],
  none: [0.000001, 0.001],
};

/**
 * `POST /moderations`.
 * @throws ApiError as the API refuses requests
 */
export async function answerModeration(call: Call, state: SandboxState): Promise<Response> {
  const { model, inputs } = readModerationRequest(jsonBody(call), state);
  const results: object[] = [];
  for (const input of inputs) results.push(await verdictOn(input));
  const told = state.faults.say === 'empty' ? [] : results;
  return Response.json({ id: `modr-${call.hash.slice(0, 32)}`, model, results: told });
}

async function verdictOn({ text, image }: ModerationInput): Promise<object> {
  const seen = image === undefined ? '' : await seenOn(image.url, image.path);
  const read = suspicionsOf(text ?? '');
  const shown = suspicionsOf(seen);
  const suspicionOf = (category: Category) =>
    worse(read.get(category), categories[category].images ? shown.get(category) : undefined);
  const seed = `${text ?? ''}\n${image?.url ?? ''}`;
  const typesOf = (category: Category) => [
    ...(text === undefined ? [] : ['text']),
    ...(image === undefined || !categories[category].images ? [] : ['image']),
  ];
  return {
    flagged: categoryNames.some((category) => suspicionOf(category) === 'flagged'),
    categories: each((category) => suspicionOf(category) === 'flagged'),
    category_scores: each((category) => scoreOf(suspicionOf(category), `${category}\n${seed}`)),
    category_applied_input_types: each(typesOf),
  };
}

function worse(one: Suspicion | undefined, other: Suspicion | undefined): Suspicion | undefined {
  return one === 'flagged' || other === 'flagged' ? 'flagged' : (one ?? other);
}

function each<Value>(of: (category: Category) => Value): Record<string, Value> {
  return Object.fromEntries(categoryNames.map((category) => [category, of(category)]));
}

/** @param seed the same seed, the same score */
function scoreOf(suspicion: Suspicion | undefined, seed: string): number {
  const [low, high] = SCORES[suspicion ?? 'none'];
  const part = createHash('sha256').update(seed).digest().readUInt32BE() / 2 ** 32;
  return low + part * (high - low);
}
