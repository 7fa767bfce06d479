import { Chalk } from 'chalk';
import type { OutputStream } from '../context.ts';
import { inertText } from './terminal.ts';

/** A part of a text that a search found. */
export interface Passage {
  readonly score: number;
  /** Where it stands: `notes.md:12`. */
  readonly place: string;
  readonly text: string;
}

/** Writes what was found for a person at a terminal: each with its score, its place and an excerpt. */
export async function writePassages(
  passages: readonly Passage[],
  query: string,
  stdout: OutputStream,
): Promise<void> {
  const { bold, cyan } = new Chalk({ level: stdout.color ? 1 : 0 });
  const { default: stringWidth } = await import('string-width');
  const columns = Math.max(LEAST_COLUMNS, stdout.columns - INDENT.length);
  const blocks = passages.map(({ score, place, text }) => {
    const lines = wrapped(inertText(excerpt(text, query, EXCERPT_LINES * columns)), columns, stringWidth);
    const head = `${cyan(score.toFixed(3))}  ${bold(inertText(place))}`;
    return `${[head, ...lines.slice(0, EXCERPT_LINES).map((line) => INDENT + line)].join('\n')}\n`;
  });
  await stdout.write(blocks.join('\n'));
}

const EXCERPT_LINES = 3;
/** Some terminals say that they have none. */
const LEAST_COLUMNS = 33;
/** As wide as a score and what parts it from the path. */
const INDENT = ' '.repeat('0.123  '.length);
/** Characters before the first word of the question that stands in the text. */
const LEAD = 40;

/** The part of a text that has a word of the question; its start where none is there. */
function excerpt(text: string, query: string, room: number): string {
  const line = text.replace(/\s+/g, ' ');
  const places = (query.toLowerCase().match(/[\p{L}\p{N}]{2,}/gu) ?? [])
    .sort((a, b) => b.length - a.length)
    .map((word) => line.toLowerCase().indexOf(word));
  const place = places.find((at) => at !== -1) ?? 0;
  if (place < room / 2) return line;
  return `…${line.slice(line.indexOf(' ', place - LEAD) + 1)}`;
}

const words = new Intl.Segmenter(undefined, { granularity: 'word' });

/** Lines of no more columns, cut between words. */
function wrapped(text: string, columns: number, widthOf: (text: string) => number): string[] {
  const lines: string[] = [];
  let [line, width] = ['', 0];
  for (const { segment } of words.segment(text.slice(0, 2 * EXCERPT_LINES * columns))) {
    const more = widthOf(segment);
    if (width + more > columns && line !== '') {
      lines.push(line.trimEnd());
      [line, width] = ['', 0];
    }
    if (line === '' && segment.trim() === '') continue;
    line += segment;
    width += more;
  }
  return line === '' ? lines : [...lines, line.trimEnd()];
}
