import {
  alignmentsIn,
  cellsOf,
  closesFence,
  endsAtOnce,
  fenceIn,
  headingIn,
  htmlIn,
  isRule,
  markerIn,
  mathIn,
  taskIn,
  underlineIn,
} from './block-starts.ts';
import type { Align, Container, Fence, Leaf } from './blocks.ts';
import { Cursor } from './cursor.ts';

/** What is open when a line begins. */
export interface OpenBlocks {
  readonly containers: readonly Container[];
  readonly leaf: Leaf | undefined;
  /** Fences that are open within code that is Markdown itself. */
  readonly innerFences: number;
  /** A line that is the header of a table if the next one says so. */
  readonly tableHead: string | undefined;
}

/** What a line is. */
export interface LinePlan {
  /** How many of the open containers it goes on in. */
  readonly matched: number;
  readonly entered: readonly Container[];
  readonly content: LineContent;
}

export type LineContent =
  | { readonly kind: 'blank' | 'rule' | 'closingFence' }
  | { readonly kind: 'tableHead' | 'row'; readonly text: string }
  | { readonly kind: 'underline'; readonly level: 1 | 2 }
  | { readonly kind: 'table'; readonly align: readonly Align[] }
  /** Fenced code begins on the next line. */
  | { readonly kind: 'fence'; readonly leaf: Leaf & { kind: 'code' } }
  /** A fence within code that is Markdown itself: it opens (1) or closes (-1) code of that. */
  | { readonly kind: 'innerFence'; readonly step: 1 | -1; readonly text: string }
  /** A leaf that begins here, or the one that goes on: `text` is the first of the line's text. */
  | { readonly kind: 'leaf'; readonly leaf: Leaf; readonly text: string; readonly goesOn: boolean };

/** More of the line must be seen; `whole`: all of it. */
export type NotYet = 'more' | 'whole';

/** So much further in than the marker of an item, a marker belongs to a list inside it. */
const NESTED_BY = 2;
/** Nobody nests lists and quotes deeper. */
const DEEPEST = 50;
/** Spaces in front of code that is only indented. */
const CODE_INDENT = 4;

/**
 * Finds out what a line is, from as much of it as there is by now.
 *
 * CommonMark 0.31 and GitHub's tables, but for what models write: a list is nested by two columns, whatever the marker
 * above it is wide; fenced code in a list may stand further out than the list; a text in Markdown between fences may
 * have fences with a language in it that are no longer than its own (CommonMark would end it there); a table has a pipe at the start of its
 * header, for one that is seen too late cannot be laid out any more.
 * @param line without its line break
 * @param complete its line break has come
 */
export function planLine(line: string, complete: boolean, open: OpenBlocks): LinePlan | NotYet {
  const cursor = new Cursor(line);
  const matched = matchContainers(cursor, complete, open);
  if (matched === 'more') return 'more';
  const isInside = matched === open.containers.length;
  const planned = (content: LineContent, entered: readonly Container[] = []) => ({
    matched,
    entered,
    content,
  });

  const { leaf } = open;
  if (isInside && leaf !== undefined) {
    const content = continued(cursor, complete, leaf, open.innerFences);
    if (content !== undefined) return typeof content === 'string' ? content : planned(content);
  }
  if (cursor.text === '') return complete ? planned({ kind: 'blank' }) : 'more';
  if (isInside && open.tableHead !== undefined) {
    const align = tableBelow(cursor.text, complete, open.tableHead);
    if (typeof align === 'string') return align;
    if (align !== undefined) return planned({ kind: 'table', align });
  }
  return begun(cursor, complete, open, matched);
}

/** @returns how many of the containers the line goes on in */
function matchContainers(cursor: Cursor, complete: boolean, open: OpenBlocks): number | 'more' {
  const { containers, leaf } = open;
  const isFenced = leaf?.kind === 'code' && leaf.fence !== undefined;
  let matched = 0;
  for (const container of containers) {
    const { text, indent } = cursor;
    if (text === '' && !complete) return 'more';
    if (container.kind === 'quote') {
      if (indent >= CODE_INDENT || !text.startsWith('>')) break;
      if (!takeQuoteMark(cursor, complete)) return 'more';
    } else if (text === '' || isFenced || indent >= container.width) {
      cursor.indented(container.width);
    } else {
      if (indent < container.indent + NESTED_BY) break;
      const marker = markerIn(text, complete);
      if (marker === 'more') return 'more';
      if (marker === undefined) break;
      cursor.indented(indent);
    }
    matched++;
  }
  return matched;
}

/** Takes `>` and a space. @returns false where it is not to be seen yet whether there is one */
function takeQuoteMark(cursor: Cursor, complete: boolean): boolean {
  cursor.indented(cursor.indent);
  cursor.taken(1);
  if (cursor.rest === '' && !complete) return false;
  cursor.indented(1);
  return true;
}

/** What the line is to a leaf that takes lines of any kind. */
function continued(
  cursor: Cursor,
  complete: boolean,
  leaf: Leaf,
  innerFences: number,
): LineContent | NotYet | undefined {
  const { text, indent } = cursor;
  if (leaf.kind === 'code') {
    if (leaf.fence === undefined) return indentedCode(cursor, complete, leaf);
    if (text === '' && !complete) return 'more';
    if (indent < CODE_INDENT && text.startsWith(leaf.fence.character)) {
      if (!complete) return 'whole';
      const isClosing = closesFence(text, leaf.fence);
      if (isClosing && innerFences === 0) return { kind: 'closingFence' };
      const step = isClosing ? -1 : isMarkdown(leaf.info) && opensInner(text, leaf.fence) ? 1 : undefined;
      cursor.indented(leaf.fence.indent);
      if (step !== undefined) return { kind: 'innerFence', step, text: cursor.rest };
    }
    cursor.indented(leaf.fence.indent);
    return { kind: 'leaf', leaf, text: cursor.rest, goesOn: true };
  }
  if (leaf.kind === 'literal') {
    if (!complete) return 'whole';
    // A formula that is never closed, and HTML that needs no closing, end with a blank line; a comment does not.
    const isEnd = text === '' && !leaf.until?.startsWith('<') && leaf.until !== '-->';
    return isEnd ? undefined : { kind: 'leaf', leaf, text: cursor.rest, goesOn: true };
  }
  if (leaf.kind === 'table') {
    if (!complete) return 'whole';
    return text.includes('|') ? { kind: 'row', text } : undefined;
  }
  return undefined;
}

function isMarkdown(info: string): boolean {
  return /^(?:markdown|md|mdx)\b/i.test(info);
}

/** Whether a whole line opens code in a language, whose closing fence could be taken for that of the outer one. */
function opensInner(text: string, { character, length }: Fence): boolean {
  const found = fenceIn(text, true, 0);
  if (typeof found !== 'object' || found.info === '') return false;
  return found.fence.character === character && found.fence.length >= length;
}

function indentedCode(cursor: Cursor, complete: boolean, leaf: Leaf): LineContent | NotYet | undefined {
  const { text, indent } = cursor;
  if (text === '') return complete ? undefined : 'more';
  if (indent < CODE_INDENT) return undefined;
  cursor.indented(CODE_INDENT);
  return { kind: 'leaf', leaf, text: cursor.rest, goesOn: true };
}

function tableBelow(text: string, complete: boolean, head: string): readonly Align[] | NotYet | undefined {
  if (!/^[|:-]/.test(text)) return undefined;
  if (!complete) return 'whole';
  const align = alignmentsIn(text);
  return align?.length === cellsOf(head).length ? align : undefined;
}

/** The line as one that may begin new blocks, containers first. */
function begun(
  cursor: Cursor,
  complete: boolean,
  open: OpenBlocks,
  matched: number,
): LinePlan | 'more' | 'whole' {
  const isParagraph = open.leaf?.kind === 'paragraph' || open.tableHead !== undefined;
  const isInside = matched === open.containers.length;
  const entered: Container[] = [];
  for (;;) {
    const { text, indent } = cursor;
    if (text === '') return complete ? { matched, entered, content: { kind: 'blank' } } : 'more';
    // Text of the paragraph above goes on in it, however it is indented, and although marks of its containers lack.
    const follows = isParagraph && entered.length === 0;
    if (indent >= CODE_INDENT && !follows) {
      cursor.indented(CODE_INDENT);
      const leaf: Leaf = { kind: 'code', info: '', fence: undefined };
      return { matched, entered, content: { kind: 'leaf', leaf, text: cursor.rest, goesOn: false } };
    }
    if (indent < CODE_INDENT) {
      const isDeepest = matched + entered.length >= DEEPEST;
      const container = isDeepest ? undefined : containerIn(cursor, complete, follows && isInside);
      if (container === 'more') return 'more';
      if (container !== undefined) {
        entered.push(container);
        continue;
      }
      const content = leafIn(cursor, complete, follows && isInside);
      if (typeof content === 'string') return content;
      if (content !== undefined) return { matched, entered, content };
    }
    const content: LineContent = {
      kind: 'leaf',
      leaf: { kind: 'paragraph' },
      text: cursor.text,
      goesOn: follows,
    };
    return { matched: follows ? open.containers.length : matched, entered, content };
  }
}

function containerIn(cursor: Cursor, complete: boolean, interrupts: boolean): Container | 'more' | undefined {
  const { text, indent } = cursor;
  if (text.startsWith('>')) return takeQuoteMark(cursor, complete) ? { kind: 'quote' } : 'more';
  const rule = isRule(text, complete);
  if (rule !== undefined) return rule === 'more' ? 'more' : undefined;
  const marker = markerIn(text, complete);
  if (marker === 'more' || marker === undefined) return marker;
  const after = text.slice(marker.length);
  if (after.trim() === '' && !complete) return 'more';
  // A paragraph is interrupted by a list that is one: `1984. was` is no item, nor is a lone `-`.
  if (interrupts && (after.trim() === '' || /^(?!1[.)])\d/.test(marker))) return undefined;
  return item(cursor, complete, { marker, indent });
}

function item(
  cursor: Cursor,
  complete: boolean,
  { marker, indent }: { marker: string; indent: number },
): Container | 'more' {
  const start = new Cursor(cursor.rest);
  start.indented(indent);
  start.taken(marker.length);
  const { text } = start;
  // More than four spaces are one, and code.
  const spaces = text === '' || start.indent > CODE_INDENT ? 1 : start.indent;
  const task = taskIn(text, complete);
  if (task === 'more') return 'more';
  cursor.indented(indent);
  cursor.taken(marker.length);
  cursor.indented(spaces);
  if (task !== undefined) cursor.taken('[x]'.length);
  if (task !== undefined) cursor.indented(1);
  return { kind: 'item', marker, indent, width: indent + marker.length + spaces, done: task?.done };
}

/** What begins here, if it is no paragraph. */
function leafIn(cursor: Cursor, complete: boolean, interrupts: boolean): LineContent | NotYet | undefined {
  const { text, indent } = cursor;
  if (interrupts) {
    const level = underlineIn(text, complete);
    if (level === 'more') return 'whole';
    if (level !== undefined) return { kind: 'underline', level };
  }
  const rule = isRule(text, complete);
  if (rule !== undefined) return rule === 'more' ? 'whole' : { kind: 'rule' };
  if (text.startsWith('|')) return complete ? { kind: 'tableHead', text } : 'whole';
  const fence = fenceIn(text, complete, indent);
  if (fence === 'more') return 'whole';
  if (fence !== undefined) return { kind: 'fence', leaf: { kind: 'code', ...fence } };
  const level = headingIn(text, complete);
  if (level === 'more') return 'more';
  if (level !== undefined) {
    if (!complete) return 'whole';
    return { kind: 'leaf', leaf: { kind: 'heading', level }, text: headingText(text, level), goesOn: false };
  }
  return literalIn(text, complete);
}

/** The marks that may close a heading are no text. */
function headingText(text: string, level: number): string {
  const inner = text.slice(level).trim();
  let marks = inner.length;
  while (inner[marks - 1] === '#') marks--;
  return marks === 0 || /[ \t]/.test(inner.charAt(marks - 1)) ? inner.slice(0, marks).trimEnd() : inner;
}

function literalIn(text: string, complete: boolean): LineContent | NotYet | undefined {
  const html = htmlIn(text, complete);
  if (html === 'more') return 'more';
  const until = html === undefined ? mathIn(text, complete) : html.until;
  if (until === 'more') return 'more';
  if (html === undefined && until === undefined) return undefined;
  if (!complete) return 'whole';
  // Of a formula that ends on its own line and goes on behind, only that line is one.
  if (html === undefined && until !== undefined && endsAtOnce(text, until) && !text.trimEnd().endsWith(until))
    return undefined;
  return { kind: 'leaf', leaf: { kind: 'literal', until }, text, goesOn: false };
}
