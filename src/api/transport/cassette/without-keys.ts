import { isObject } from '../../../json.ts';
import { SHORTEST_SECRET } from '../../../output/messages.ts';

/** Stands in the place of a key. */
const HIDDEN = '[key]';

/** Words that begin as the keys of providers do: OpenAI, OpenRouter, Groq, xAI; sessions; signing secrets; Google. */
const KEY_LIKE = /(?<![\w-])(?:(?:sk|xai|sess|ek)-|(?:gsk|ek|whsec)_|AIza)[\w-]{20,1000}/g;

/** OpenAI's error messages name the organization. */
const ORGANIZATION = /(?<![\w-])org-[A-Za-z0-9]{16,1000}/g;

/** What is not to be written down of a text: from a character to before another. */
export interface SecretSpan {
  readonly start: number;
  readonly end: number;
  /** What stands in its place. */
  readonly mark: string;
}

/**
 * A JSON value without the keys that the run knows, and without what looks like one or names an organization: a prompt that holds a key is then
 * the same request in a run that has none.
 */
export function withoutKeys<T>(value: T, secrets: ReadonlySet<string>): T {
  const hidden = (text: string) => withoutSpans(text, secretSpans(text, secrets));
  const inside = (value: unknown): unknown => {
    if (typeof value === 'string') return hidden(value);
    if (Array.isArray(value)) return value.map(inside);
    if (!isObject(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([name, field]) => [hidden(name), inside(field)]));
  };
  // Texts are changed, and nothing else is.
  return inside(value) as T;
}

/** The keys and names of organizations in a text, in their order; none overlaps another. */
export function secretSpans(text: string, secrets: ReadonlySet<string>): readonly SecretSpan[] {
  const spans = [...secrets]
    .filter((secret) => secret.length >= SHORTEST_SECRET)
    .flatMap((secret) => placesOf(secret, text));
  for (const { 0: word, index } of text.matchAll(KEY_LIKE)) {
    if (isRandom(word)) spans.push({ start: index, end: index + word.length, mark: HIDDEN });
  }
  for (const { 0: word, index } of text.matchAll(ORGANIZATION)) {
    spans.push({ start: index, end: index + word.length, mark: '[organization]' });
  }
  return spans.length < 2 ? spans : merged(spans);
}

/** A text with marks in the places of spans. */
function withoutSpans(text: string, spans: readonly SecretSpan[]): string {
  if (spans.length === 0) return text;
  const pieces = spans.map(({ start, mark }, index) => text.slice(spans[index - 1]?.end ?? 0, start) + mark);
  return pieces.join('') + text.slice(spans.at(-1)?.end);
}

function placesOf(secret: string, text: string): SecretSpan[] {
  const spans: SecretSpan[] = [];
  for (let start = text.indexOf(secret); start !== -1; start = text.indexOf(secret, start + secret.length)) {
    spans.push({ start, end: start + secret.length, mark: HIDDEN });
  }
  return spans;
}

function merged(spans: readonly SecretSpan[]): SecretSpan[] {
  const apart: SecretSpan[] = [];
  for (const span of [...spans].sort((a, b) => a.start - b.start || b.end - a.end)) {
    const last = apart.at(-1);
    if (last === undefined || span.start >= last.end) apart.push(span);
    else apart[apart.length - 1] = { ...last, end: Math.max(last.end, span.end) };
  }
  return apart;
}

/** Names of variables and packages are words with hyphens; a key has a long run of letters and digits. */
function isRandom(word: string): boolean {
  return /[A-Za-z0-9]{20}/.test(word) && /\d/.test(word);
}
