import { isObject } from '../../../json.ts';
import { essence, type TapedRequest } from './taped-request.ts';

/** A place where two requests differ: `messages[0].content`. */
interface Difference {
  readonly place: string;
  readonly asked: unknown;
  readonly held: unknown;
}

/** As many are told. */
const MOST_TOLD = 2;
/** Characters of a text that are looked at: most differ early, or late. */
const MOST_COMPARED = 10_000;
/** Characters of a value that are told. */
const LONGEST_VALUE = 40;

/** The request of these that is the most like the one that was asked, and how it differs, in words. */
export function nearest<T extends { readonly request: TapedRequest }>(
  asked: TapedRequest,
  held: readonly T[],
): { readonly nearest: T; readonly differs: string } | undefined {
  let best: { readonly nearest: T; readonly all: Difference[]; readonly distance: number } | undefined;
  for (const one of held) {
    const all = [...differences(bodyOf(asked), bodyOf(one.request), '')];
    const distance = all.reduce((sum, { asked, held }) => sum + 1 + unlikeness(asked, held), 0);
    if (best === undefined || distance < best.distance) best = { nearest: one, all, distance };
  }
  return best === undefined ? undefined : { nearest: best.nearest, differs: told(best.all) };
}

/** JSON fields by their own names; whatever else by what it is. */
function bodyOf(request: TapedRequest): unknown {
  const { method: _, json, form, ...rest } = essence(request);
  if (isObject(json) || isObject(form))
    return { ...rest, ...(isObject(json) ? json : {}), ...(isObject(form) ? form : {}) };
  return { ...rest, ...(json !== undefined && { json }) };
}

function* differences(asked: unknown, held: unknown, place: string): Generator<Difference> {
  if (Array.isArray(asked) && Array.isArray(held)) {
    for (let at = 0; at < Math.max(asked.length, held.length); at++) {
      yield* differences(asked[at], held[at], `${place}[${at}]`);
    }
  } else if (isObject(asked) && isObject(held)) {
    for (const name of new Set([...Object.keys(asked), ...Object.keys(held)])) {
      yield* differences(asked[name], held[name], place === '' ? name : `${place}.${name}`);
    }
  } else if (asked !== held) yield { place, asked, held };
}

/** From 0 (nearly the same) to 1. */
function unlikeness(asked: unknown, held: unknown): number {
  if (typeof asked !== 'string' || typeof held !== 'string') return 1;
  const longest = Math.max(asked.length, held.length);
  const begin = commonLength(asked, held, MOST_COMPARED, (text, at) => text[at]);
  const end = commonLength(asked, held, MOST_COMPARED, (text, at) => text[text.length - 1 - at]);
  return 1 - Math.min(begin + end, longest) / longest;
}

function commonLength(
  one: string,
  other: string,
  limit: number,
  at: (text: string, index: number) => string | undefined,
): number {
  const most = Math.min(one.length, other.length, limit);
  let length = 0;
  while (length < most && at(one, length) === at(other, length)) length += 1;
  return length;
}

function told(all: readonly Difference[]): string {
  const parts = all.slice(0, MOST_TOLD).map(({ place, asked, held }) => {
    const from = Math.max(0, differsFrom(asked, held) - 10);
    return `${place} is ${shown(held, from)}, not ${shown(asked, from)}`;
  });
  const rest = all.length - parts.length;
  return [...parts, ...(rest > 0 ? [`${rest} more ${rest === 1 ? 'difference' : 'differences'}`] : [])].join(
    '; ',
  );
}

/** Where two texts part. */
function differsFrom(asked: unknown, held: unknown): number {
  if (typeof asked !== 'string' || typeof held !== 'string') return 0;
  return commonLength(asked, held, Number.POSITIVE_INFINITY, (text, at) => text[at]);
}

function shown(value: unknown, from: number): string {
  if (value === undefined) return 'not there';
  const text = typeof value === 'string' ? value.slice(from) : JSON.stringify(value);
  const short = text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE)}…` : text;
  return typeof value === 'string' ? JSON.stringify(`${from > 0 ? '…' : ''}${short}`) : short;
}
