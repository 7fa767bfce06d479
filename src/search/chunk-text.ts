import { splitText } from '../speech/split-text.ts';
import { countCl100k } from '../tokens/cl100k.ts';
import type { Chunking } from './index-store.ts';

/** A part of a text. */
export interface Chunk {
  readonly text: string;
  /** The numbers of its first and last line, from 1 on. */
  readonly from: number;
  readonly to: number;
  readonly tokens: number;
}

/** A piece of a text that stays whole: a sentence or a line, with the space after it. */
interface Piece {
  /** UTF-16 units from the start of the text. */
  readonly start: number;
  readonly end: number;
  readonly tokens: number;
  /** A paragraph ends here: the best place for a cut. */
  readonly endsParagraph: boolean;
}

/**
 * Cuts a text into chunks of no more tokens than asked for, each beginning with the last sentences of the one before.
 * They end where paragraphs do, else sentences or lines. Among the ends that would do, the text around them decides:
 * after an edit the chunks soon end where they ended before, and have vectors already.
 */
export function chunkText(text: string, { chunkTokens, overlap }: Chunking): Chunk[] {
  const pieces = piecesOf(text, chunkTokens);
  const lines = new LineNumbers(text);
  const chunks: Chunk[] = [];
  for (let next = 0; next < pieces.length; ) {
    const start = overlapStart(pieces, next, Math.min(overlap, chunkTokens - (pieces[next]?.tokens ?? 0)));
    const end = endOfChunk(text, pieces, start, next, chunkTokens);
    const chunk = chunkOf(text, pieces.slice(start, end), lines);
    if (chunk !== undefined) chunks.push(chunk);
    next = end;
  }
  return chunks;
}

/** The piece with which a chunk begins: as many before its own as the overlap allows. */
function overlapStart(pieces: readonly Piece[], own: number, overlap: number): number {
  let [start, tokens] = [own, 0];
  while (start > 0) {
    tokens += pieces[start - 1]?.tokens ?? 0;
    if (tokens > overlap) break;
    start -= 1;
  }
  return start;
}

/** The piece before which a chunk ends. @param own its first that is in no chunk before */
function endOfChunk(
  text: string,
  pieces: readonly Piece[],
  start: number,
  own: number,
  most: number,
): number {
  const sum = (from: number, to: number) =>
    pieces.slice(from, to).reduce((tokens, piece) => tokens + piece.tokens, 0);
  let tokens = sum(start, own);
  let end = own;
  const candidates: number[] = [];
  for (; end < pieces.length; end++) {
    tokens += pieces[end]?.tokens ?? 0;
    if (tokens > most && end > own) break;
    if (tokens >= most / 2) candidates.push(end + 1);
  }
  if (end === pieces.length) return end;
  const best = candidates.filter((at) => pieces[at - 1]?.endsParagraph);
  const among = best.length > 0 ? best : candidates.length > 0 ? candidates : [end];
  const place = (at: number) => hashAround(text, pieces[at - 1]?.end ?? 0);
  return among.reduce((least, at) => (place(at) < place(least) ? at : least));
}

/** UTF-16 units on both sides of a place that say which it is. */
const AROUND = 32;

/** A number that is the same where the text is the same (FNV-1a, 32 bits). */
function hashAround(text: string, at: number): number {
  let hash = 0x811c9dc5;
  for (const character of text.slice(Math.max(0, at - AROUND), at + AROUND)) {
    hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193);
  }
  return hash >>> 0;
}

/** @returns undefined where there is nothing but space */
function chunkOf(text: string, pieces: readonly Piece[], lines: LineNumbers): Chunk | undefined {
  const [start, end] = [pieces[0]?.start ?? 0, pieces.at(-1)?.end ?? 0];
  const whole = text.slice(start, end);
  const shown = whole.replace(/^(?:[^\S\n]*\n)+/, '').trimEnd();
  if (shown === '') return undefined;
  const first = start + whole.indexOf(shown);
  const tokens = pieces.reduce((sum, piece) => sum + piece.tokens, 0);
  return { text: shown, from: lines.at(first), to: lines.at(first + shown.length - 1), tokens };
}

const LINE_FEED = 10;

/** The numbers of lines, asked for in the order of the text or nearly so. */
class LineNumbers {
  readonly #text: string;
  #at = 0;
  #line = 1;

  constructor(text: string) {
    this.#text = text;
  }

  /** The number of the line in which a UTF-16 unit stands. */
  at(place: number): number {
    const [from, to, step] = place >= this.#at ? [this.#at, place, 1] : [place, this.#at, -1];
    for (let at = from; at < to; at++) if (this.#text.charCodeAt(at) === LINE_FEED) this.#line += step;
    this.#at = place;
    return this.#line;
  }
}

/** Where paragraphs end: at lines with nothing in them. */
const PARAGRAPH_END = /\n(?:[^\S\n]*\n)+/g;
/** UTF-16 units of a line that is searched for sentences as a whole; the time for it grows with its square. */
const LONG_LINE = 2000;
const sentences = new Intl.Segmenter(undefined, { granularity: 'sentence' });

function piecesOf(text: string, most: number): Piece[] {
  const pieces: Piece[] = [];
  const take = (start: number, end: number) => {
    for (let at = start; at < end; ) {
      const lineEnd = text.indexOf('\n', at) + 1;
      const stop = lineEnd === 0 || lineEnd > end ? end : lineEnd;
      pieces.push(...linePieces(text, at, stop, most));
      at = stop;
    }
    const last = pieces.pop();
    // A heading belongs to what comes after it.
    if (last !== undefined) pieces.push({ ...last, endsParagraph: !isHeading(text.slice(start, end)) });
  };
  let start = 0;
  for (const { index, 0: gap } of text.matchAll(PARAGRAPH_END)) {
    take(start, index + gap.length);
    start = index + gap.length;
  }
  take(start, text.length);
  return pieces;
}

/** UTF-16 units of the longest heading that is looked for. */
const LONG_HEADING = 200;

/** Of Markdown, or a line with its underline. */
function isHeading(paragraph: string): boolean {
  return paragraph.length <= LONG_HEADING && /^\s*(?:#{1,6} [^\n]*|[^\n]+\n[=-]{3,})\s*$/.test(paragraph);
}

/** The sentences of a line; one that has too many tokens comes in parts. */
function linePieces(text: string, start: number, end: number, most: number): Piece[] {
  const line = text.slice(start, end);
  const pieces: Piece[] = [];
  let at = start;
  for (const part of partsOf(line, most)) {
    // Parts that are all space may be missing: they go to the next.
    const partEnd = text.indexOf(part, at) + part.length;
    pieces.push({ start: at, end: partEnd, tokens: countCl100k(part), endsParagraph: false });
    at = partEnd;
  }
  const last = pieces.pop();
  if (last === undefined) return [{ start, end, tokens: countCl100k(line), endsParagraph: false }];
  return [...pieces, { ...last, end }];
}

function partsOf(line: string, most: number): string[] {
  const limits = { characters: LONG_LINE / 2, tokens: { most, count: countCl100k } };
  if (line.length > LONG_LINE) return splitText(line, limits);
  const found = [...sentences.segment(line)].map(({ segment }) => segment);
  return found.flatMap((sentence) =>
    countCl100k(sentence) > most ? splitText(sentence, limits) : [sentence],
  );
}
