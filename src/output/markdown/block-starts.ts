import type { Align, Fence } from './blocks.ts';

/** An opening fence: its characters, then what stands behind it. (CommonMark 0.31, section 4.5) */
const FENCE = /^(?:(`{3,})([^`]*)|(~{3,})(.*))$/s;

/** Text that could still become an opening fence. */
const FENCE_SO_FAR = /^(?:`{1,2}$|~{1,2}$|`{3,}[^`]*$|~{3,}.*$)/s;

/** A number that a list may have, or the beginning of one. */
const NUMBER_SO_FAR = /^\d{1,9}[.)]?$/;
const ORDERED = /^(\d{1,9})[.)](?=[ \t]|$)/;
const BULLET = /^[-*+](?=[ \t]|$)/;
const BULLET_SO_FAR = /^[-*+]$/;
const RULE = /^(?:(?:-[ \t]*){3,}|(?:\*[ \t]*){3,}|(?:_[ \t]*){3,})$/;
const RULE_SO_FAR = /^(?:[-][- \t]*|[*][* \t]*|_[_ \t]*)$/;
const UNDERLINE = /^(?:=+|-+)[ \t]*$/;
const UNDERLINE_SO_FAR = /^(?:=+|-+)[ \t]*$/;
const HEADING = /^#{1,6}(?=[ \t]|$)/;
const HEADING_SO_FAR = /^#{1,6}$/;
const TASK = /^\[([ xX])\](?=[ \t]|$)/;
const TASK_SO_FAR = /^\[(?:[ xX]\]?)?$/;
/** Formulas of their own lines. */
const MATH = /^(?:\$\$|\\\[|\\begin\{([A-Za-z]{1,20}\*?)\})/;
const MATH_SO_FAR = /^(?:\$|\\|\\b[a-z]{0,4}|\\begin\{[A-Za-z]{0,20}\*?)$/;

/** Elements that begin a block of HTML. (CommonMark 0.31, section 4.6, condition 6, and those of condition 1) */
const HTML_NAMES = new Set(
  `address article aside base basefont blockquote body caption center col colgroup dd details dialog dir div dl dt
  fieldset figcaption figure footer form frame frameset h1 h2 h3 h4 h5 h6 head header hr html iframe legend li link
  main menu menuitem nav noframes ol optgroup option p param pre script search section style summary table tbody td
  textarea tfoot th thead title tr track ul`.split(/\s+/),
);
const HTML = /^<\/?([A-Za-z][A-Za-z0-9]*)(?=[ \t>]|\/>|$)/;
const HTML_SO_FAR = /^<\/?[A-Za-z0-9]*\/?$/;
const COMMENT = /^<!--/;
const COMMENT_SO_FAR = /^<!-?$/;

/** What can be said of a text that may go on: it is one, it is none, or more of it must be seen. */
export type Seen<T> = T | undefined | 'more';

/** Reads the beginning of a line that is complete, or as far as it came. */
function seen<T>(
  text: string,
  complete: boolean,
  [whole, soFar]: readonly [RegExp, RegExp],
  read: (match: RegExpExecArray) => T | undefined,
): Seen<T> {
  if (!complete && soFar.test(text)) return 'more';
  const match = whole.exec(text);
  return match === null ? undefined : read(match);
}

/** @param indent the columns in front of it */
export function fenceIn(
  text: string,
  complete: boolean,
  indent: number,
): Seen<{ fence: Fence; info: string }> {
  return seen(text, complete, [FENCE, FENCE_SO_FAR], ([, ticks, tickInfo, tildes, tildeInfo]) => {
    const run = ticks ?? tildes ?? '';
    const info = (tickInfo ?? tildeInfo ?? '').trim();
    return { fence: { character: run.charAt(0), length: run.length, indent }, info };
  });
}

/** Whether a whole line without its indentation closes a fence. */
export function closesFence(text: string, { character, length }: Fence): boolean {
  const run = text.trimEnd();
  return run.length >= length && run === character.repeat(run.length);
}

/** The level of a heading. */
export function headingIn(text: string, complete: boolean): Seen<number> {
  return seen(text, complete, [HEADING, HEADING_SO_FAR], ([marks]) => marks.length);
}

export function isRule(text: string, complete: boolean): Seen<true> {
  return seen(text, complete, [RULE, RULE_SO_FAR], () => true);
}

/** The level of the heading that the lines above are. */
export function underlineIn(text: string, complete: boolean): Seen<1 | 2> {
  return seen(text, complete, [UNDERLINE, UNDERLINE_SO_FAR], ([line]) => (line.startsWith('=') ? 1 : 2));
}

/** The marker of an item. */
export function markerIn(text: string, complete: boolean): Seen<string> {
  const ordered = seen(text, complete, [ORDERED, NUMBER_SO_FAR], ([marker]) => marker);
  return ordered ?? seen(text, complete, [BULLET, BULLET_SO_FAR], ([marker]) => marker);
}

/** Whether a task is done. */
export function taskIn(text: string, complete: boolean): Seen<{ done: boolean }> {
  return seen(text, complete, [TASK, TASK_SO_FAR], ([, mark]) => ({ done: mark !== ' ' }));
}

/** What shows that a formula has ended. */
export function mathIn(text: string, complete: boolean): Seen<string> {
  return seen(text, complete, [MATH, MATH_SO_FAR], ([open, environment]) => {
    if (environment !== undefined) return `\\end{${environment}}`;
    return open === '$$' ? '$$' : '\\]';
  });
}

/** Whether a formula whose first line this is has ended in it. */
export function endsAtOnce(text: string, until: string): boolean {
  return text.indexOf(until, until.length) !== -1;
}

/** What a block of HTML ends with; without one it ends with a blank line. */
export function htmlIn(text: string, complete: boolean): Seen<{ until: string | undefined }> {
  const comment = seen(text, complete, [COMMENT, COMMENT_SO_FAR], () => ({ until: '-->' }));
  if (comment !== undefined) return comment;
  return seen(text, complete, [HTML, HTML_SO_FAR], ([, name = '']) => {
    const lower = name.toLowerCase();
    if (!HTML_NAMES.has(lower)) return undefined;
    return { until: /^(?:pre|script|style|textarea)$/.test(lower) ? `</${lower}>` : undefined };
  });
}

/** The cells of a row of a table, trimmed. `\|` is a pipe. */
export function cellsOf(row: string): string[] {
  const cells: string[] = [];
  let cell = '';
  const inner = row.trim().replace(/^\|/, '');
  for (let at = 0; at < inner.length; at++) {
    const character = inner.charAt(at);
    if (character === '\\' && inner[at + 1] === '|') {
      cell += '|';
      at++;
    } else if (character === '|') {
      cells.push(cell.trim());
      cell = '';
    } else {
      cell += character;
    }
  }
  if (cell.trim() !== '') cells.push(cell.trim());
  return cells;
}

/** How the columns of a table stand, read from the row below its header; undefined where it is none. */
export function alignmentsIn(row: string): Align[] | undefined {
  if (!/^[|:\- \t]+$/.test(row) || !row.includes('|')) return undefined;
  const cells = cellsOf(row);
  if (cells.length === 0 || !cells.every((cell) => /^:?-+:?$/.test(cell))) return undefined;
  return cells.map((cell) => {
    if (cell.endsWith(':')) return cell.startsWith(':') ? 'center' : 'right';
    return cell.startsWith(':') ? 'left' : undefined;
  });
}
