import { ENTITY, ENTITY_SO_FAR, entityText } from './entities.ts';
import { CODE, LABEL, LINK, MARK, QUIET, type Span } from './spans.ts';

/** What opens within a text and is not closed within so many characters is no mark. */
export const LONGEST = 1000;

/** Something that is read as a whole, so that no mark within it counts. */
export interface Atom {
  /** How many characters of the source it is. */
  readonly length: number;
  readonly spans: readonly Span[];
}

/** A place in a text. */
export interface Place {
  /** The text from here on, `LONGEST` characters at most. */
  readonly text: string;
  /** No more of it can come. */
  readonly whole: boolean;
  /** The character in front of it; empty at the start. */
  readonly before: string;
  /** Reads the text within an atom. */
  inner(text: string): readonly Span[];
}

/** An atom, nothing of the kind, or not to be told before more of the text is there. */
export type Read = Atom | undefined | 'more';

/** Reads the atom that begins at a place. */
export function atomAt(place: Place): Read {
  switch (place.text.charAt(0)) {
    case '\\':
      return escaped(place);
    case '`':
      return code(place);
    case '[':
      return link(place, 0);
    case '!':
      return image(place);
    case '<':
      return angled(place);
    case '&':
      return entity(place);
    case '$':
      return dollars(place);
    case 'h':
      return address(place);
    default:
      return undefined;
  }
}

/** Nothing, or nothing yet. */
function none({ whole }: Place): Read {
  return whole ? undefined : 'more';
}

function literal(text: string): Atom {
  return { length: text.length, spans: [{ text, look: 0 }] };
}

function escaped(place: Place): Read {
  const { text } = place;
  if (text.length === 1) return none(place);
  const next = text.charAt(1);
  // A line break that is meant, as every one is taken to be.
  if (next === '\n') return { length: 1, spans: [] };
  if (next === '(' || next === '[') return delimitedMath(place);
  if (/[!-/:-@[-`{-~]/.test(next)) return { length: 2, spans: [{ text: next, look: 0 }] };
  return literal('\\');
}

/** A formula in `\(…\)` or `\[…\]`, where it is one: models escape brackets as well. */
function delimitedMath(place: Place): Read {
  const { text, whole } = place;
  const end = text.indexOf(text.charAt(1) === '(' ? '\\)' : '\\]', 2);
  if (end === -1 && !whole) return 'more';
  const inner = text.slice(2, end);
  const isFormula = end !== -1 && (text.charAt(1) === '(' || /[\\^_{}=+<>]/.test(inner));
  return isFormula
    ? literal(text.slice(0, end + 2))
    : { length: 2, spans: [{ text: text.charAt(1), look: 0 }] };
}

/** A code span. (CommonMark 0.31, section 6.1) */
function code(place: Place): Read {
  const { text } = place;
  const run = /^`+/.exec(text)?.[0] ?? '';
  if (run.length === text.length) return place.whole ? literal(run) : 'more';
  for (const match of text.slice(run.length).matchAll(/`+/g)) {
    const end = run.length + match.index;
    const isAtEnd = end + match[0].length === text.length;
    if (isAtEnd && !place.whole) return 'more';
    if (match[0].length !== run.length) continue;
    const inner = text.slice(run.length, end).replaceAll('\n', ' ');
    const shown = /^ .*[^ ].* $|^ [^ ] $/.test(inner) ? inner.slice(1, -1) : inner;
    const mark = { text: run, look: MARK };
    return { length: end + run.length, spans: [mark, { text: shown, look: CODE }, mark] };
  }
  return place.whole ? literal(run) : 'more';
}

/** What stands behind the text of a link: an address and a title. (CommonMark 0.31, section 6.3) */
const DESTINATION =
  /^\(\s*(?:<([^<>\n]*)>|((?:[^\s()<\\]|\\.|\((?:[^\s()\\]|\\.)*\))(?:[^\s()\\]|\\.|\((?:[^\s()\\]|\\.)*\))*)?)(?:\s+("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'))?\s*\)/s;

/** @param start where the bracket is */
function link(place: Place, start: number): Read {
  const { text, whole } = place;
  const end = closingBracket(text, start, whole);
  if (end === undefined) return none(place);
  if (end + 1 === text.length && !whole) return 'more';
  if (text.charAt(end + 1) !== '(') return undefined;
  const destination = DESTINATION.exec(text.slice(end + 1));
  if (destination === null) return none(place);
  const [all, angled, bare, title] = destination;
  const target = (angled ?? bare ?? '').replace(/\\([!-/:-@[-`{-~])/g, '$1');
  const label = text.slice(start + 1, end);
  const length = end + 1 + all.length;
  if (start > 0) return { length, spans: imageSpans(label, target, title) };
  const inner = place.inner(label);
  // The innermost of links in links is one.
  if (inner.some(({ look }) => (look & LABEL) !== 0)) return undefined;
  const labelled = inner.map((span) => ({ ...span, look: span.look | LABEL }));
  return { length, spans: linkSpans(labelled, target, title) };
}

/**
 * The bracket that closes the one at `start`, past code and what is escaped.
 * @param whole no more of the text can come: what opens code and is not closed by now opens none
 */
function closingBracket(text: string, start: number, whole: boolean): number | undefined {
  if (!text.includes(']', start)) return undefined;
  const tokens = /\\.|`+|[[\]]/gs;
  tokens.lastIndex = start;
  const unclosed = new Set<number>();
  let depth = 0;
  for (let found = tokens.exec(text); found !== null; found = tokens.exec(text)) {
    const [token] = found;
    if (token === '[') depth++;
    else if (token === ']') depth--;
    else if (token.startsWith('`') && !unclosed.has(token.length)) {
      const end = codeEnd(text, tokens.lastIndex, token.length);
      if (end !== undefined) tokens.lastIndex = end;
      else if (whole) unclosed.add(token.length);
      else return undefined;
    }
    if (depth === 0) return found.index;
  }
  return undefined;
}

/** Where the next run of so many backticks ends. */
function codeEnd(text: string, from: number, length: number): number | undefined {
  const runs = /`+/g;
  runs.lastIndex = from;
  for (let run = runs.exec(text); run !== null; run = runs.exec(text)) {
    if (run[0].length === length) return runs.lastIndex;
  }
  return undefined;
}

function linkSpans(inner: readonly Span[], target: string, title: string | undefined): Span[] {
  const spans = inner.map((span) => ({ ...span, look: span.look | LINK, target }));
  const label = spans.map(({ text }) => text).join('');
  // An address is always to be seen: a text can promise another one.
  const isSaid = label === target || `mailto:${label}` === target || target === '';
  if (isSaid && title === undefined) return spans;
  const behind = [isSaid ? '' : target, title ?? ''].filter((part) => part !== '').join(' ');
  return [
    ...spans,
    { text: ' (', look: QUIET },
    { text: behind, look: QUIET, target },
    { text: ')', look: QUIET },
  ];
}

function imageSpans(label: string, target: string, title: string | undefined): Span[] {
  return [
    { text: 'image: ', look: QUIET },
    ...linkSpans(label === '' ? [] : [{ text: label, look: 0 }], target, title),
  ];
}

function image(place: Place): Read {
  if (place.text.length === 1) return none(place);
  return place.text.charAt(1) === '[' ? link(place, 1) : undefined;
}

const AUTOLINK = /^<([A-Za-z][A-Za-z0-9+.-]{1,31}:[^\s<>]*|[\w.+-]+@[\w-]+(?:\.[\w-]+)+)>/;
const BREAK = /^<br\s*\/?>/i;
const TAG = /^<(?:\/?[A-Za-z][A-Za-z0-9-]*(?:[\s/][^<>]*)?|!--[^\n]*?--)>/;
/** Text that could still become one of these. */
const ANGLED_SO_FAR =
  /^<(?:[A-Za-z][A-Za-z0-9+.-]*(?::[^\s<>]*)?|[\w.+-]+@[\w.-]*|\/?(?:[A-Za-z][A-Za-z0-9-]*(?:[\s/][^<>]*)?)?|!-?|!--[^\n]*)$/;

/** An address in angle brackets, or HTML, which is shown as it was written, but for `<br>`. */
function angled({ text, whole }: Place): Read {
  const target = AUTOLINK.exec(text);
  if (target !== null)
    return { length: target[0].length, spans: [{ text: target[1] ?? '', look: LINK, target: target[1] }] };
  const lineBreak = BREAK.exec(text)?.[0];
  if (lineBreak !== undefined) return { length: lineBreak.length, spans: [{ text: '\n', look: 0 }] };
  const tag = TAG.exec(text)?.[0];
  if (tag !== undefined) return literal(tag);
  return !whole && ANGLED_SO_FAR.test(text) ? 'more' : undefined;
}

function entity({ text, whole }: Place): Read {
  const found = ENTITY.exec(text)?.[0];
  if (found !== undefined) return { length: found.length, spans: [{ text: entityText(found), look: 0 }] };
  return !whole && ENTITY_SO_FAR.test(text) ? 'more' : undefined;
}

/** A formula ends before a line break, and before three words in a row: `$HOME and the rest of a sentence`. */
const NO_FORMULA = /\n|[A-Za-z]{2,} [A-Za-z]{2,} [A-Za-z]{2}/;

/** A formula in dollars, by the rule of Pandoc: no space within the marks, no digit behind them. */
function dollars(place: Place): Read {
  const { text, whole, before } = place;
  if (/[\p{L}\p{N}]/u.test(before)) return undefined;
  if (text.length === 1) return none(place);
  if (text.startsWith('$$')) return displayed(place);
  // Amounts of money are more common than formulas that begin with a digit.
  if (/[\s\d]/.test(text.charAt(1))) return undefined;
  const end = text.search(NO_FORMULA);
  const within = end === -1 ? text : text.slice(0, end);
  for (let at = within.indexOf('$', 2); at !== -1; at = within.indexOf('$', at + 1)) {
    if (/[\s\\]/.test(text.charAt(at - 1))) continue;
    if (at + 1 === text.length && !whole) return 'more';
    if (!/\d/.test(text.charAt(at + 1))) return literal(text.slice(0, at + 1));
  }
  return end === -1 ? none(place) : undefined;
}

function displayed(place: Place): Read {
  const end = place.text.indexOf('$$', 2);
  if (end === -1) return place.whole ? literal('$$') : 'more';
  return literal(place.text.slice(0, end + 2));
}

/** A bare address: it ends before white space, angle brackets, quotes and East Asian punctuation. */
const ADDRESS = /^https?:\/\/[^\s<>`"\u3000-\u303f\uff00-\uffef]+/;
const ADDRESS_SO_FAR = /^h(?:t(?:t(?:p(?:s?(?::(?:\/(?:\/)?)?)?)?)?)?)?$/;

function address({ text, whole, before }: Place): Read {
  if (/[\p{L}\p{N}]/u.test(before)) return undefined;
  const found = ADDRESS.exec(text)?.[0];
  if (found === undefined) return !whole && ADDRESS_SO_FAR.test(text) ? 'more' : undefined;
  if (found.length === text.length && !whole) return 'more';
  const target = withoutPunctuation(found);
  return { length: target.length, spans: [{ text: target, look: LINK, target }] };
}

/** What ends a sentence, or closes what was opened before the address, is no part of it. */
function withoutPunctuation(address: string): string {
  let end = address.length;
  for (; end > 'http://'.length; end--) {
    const last = address.charAt(end - 1);
    const isPunctuation = /[?!.,:;*_~']/.test(last);
    if (!isPunctuation && !(/[)\]]/.test(last) && isUnopened(address.slice(0, end), last))) break;
  }
  return address.slice(0, end);
}

function isUnopened(text: string, close: string): boolean {
  const open = close === ')' ? '(' : '[';
  return text.split(close).length > text.split(open).length;
}
