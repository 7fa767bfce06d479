import { isObject } from '../../../json.ts';
import { SHORTEST_SECRET } from '../../../output/messages.ts';

/** Stands in the place of a key. */
const HIDDEN = '[key]';

/** Words that begin as the keys of providers do: OpenAI, OpenRouter, Groq, xAI; sessions; signing secrets; Google. */
const KEY_LIKE = /(?<![\w-])(?:(?:sk|xai|sess|ek)-|(?:gsk|ek|whsec)_|AIza)[\w-]{20,1000}/g;

/** OpenAI's error messages name the organization. */
const ORGANIZATION = /(?<![\w-])org-[A-Za-z0-9]{16,1000}/g;

/**
 * A JSON value without the keys that the run knows, and without what looks like one or names an organization: a prompt that holds a key is then
 * the same request in a run that has none.
 */
export function withoutKeys<T>(value: T, secrets: ReadonlySet<string>): T {
  const known = [...secrets].filter((secret) => secret.length >= SHORTEST_SECRET);
  const hidden = (text: string) => {
    const rest = known.reduce((text, secret) => text.replaceAll(secret, HIDDEN), text);
    return rest
      .replace(KEY_LIKE, (word) => (isRandom(word) ? HIDDEN : word))
      .replace(ORGANIZATION, '[organization]');
  };
  const inside = (value: unknown): unknown => {
    if (typeof value === 'string') return hidden(value);
    if (Array.isArray(value)) return value.map(inside);
    if (!isObject(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([name, field]) => [hidden(name), inside(field)]));
  };
  // Texts are changed, and nothing else is.
  return inside(value) as T;
}

/** Names of variables and packages are words with hyphens; a key has a long run of letters and digits. */
function isRandom(word: string): boolean {
  return /[A-Za-z0-9]{20}/.test(word) && /\d/.test(word);
}
