import type { Timed } from './cue.ts';
import { escapedButMarkup, type SubtitleFormat, shownLines, withoutArrow } from './cue-text.ts';
import { readTimes } from './timestamp.ts';

/** A cue of a subtitle file. */
export interface SubtitleCue extends Timed {
  /** As the file has it, tags and references (`&amp;`) too. Its lines are separated by LF. */
  readonly text: string;
}

/** A subtitle file, taken apart so that its texts can be exchanged. */
export interface SubtitleFile {
  readonly format: SubtitleFormat;
  readonly cues: readonly SubtitleCue[];
  /**
   * All else, as it is in the file: what is before the first text, between each two and after the last. Headers,
   * numbers, identifiers, times, settings, notes, styles and regions.
   */
  readonly around: readonly string[];
}

interface Line {
  readonly text: string;
  /** Offsets into the file; `end` is before the line break. */
  readonly start: number;
  readonly end: number;
}

/** Where the text of a cue is in the file. */
interface Place extends Timed {
  readonly from: number;
  readonly to: number;
}

/**
 * Reads SubRip or WebVTT, also what is not quite as it should be: with a byte order mark, any line breaks, missing
 * numbers, either mark in times, blank lines in a text of SubRip.
 * @returns undefined where the text is neither
 */
export function readSubtitles(text: string): SubtitleFile | undefined {
  const lines = linesOf(text);
  // The signature ends there, or with white space (W3C, WebVTT, 4.1).
  const format = /^\ufeff?WEBVTT(?:[ \t]|$)/.test(lines[0]?.text ?? '') ? 'vtt' : 'srt';
  if (format === 'srt' && !startsAsSrt(lines)) return undefined;
  const places = format === 'vtt' ? vttPlaces(lines) : srtPlaces(lines);
  return {
    format,
    cues: places.map(({ start, end, from, to }) => ({
      start,
      end,
      text: text.slice(from, to).replace(/\r\n?/g, '\n'),
    })),
    around: Array.from({ length: places.length + 1 }, (_, index) =>
      text.slice(places[index - 1]?.to ?? 0, places[index]?.from),
    ),
  };
}

/**
 * A part of the same file with another text: what is before the text of a cue, and that text. Tags in it stay; what
 * would end a cue or be taken for a time is made harmless. A text that is the one of the file is written as it was there.
 * What is after the last text is the last of `around`.
 */
export function withText({ format, cues, around }: SubtitleFile, index: number, text: string): string {
  const own = cues[index]?.text ?? '';
  const before = around[index] ?? '';
  const written = text === own ? text : safeText(text, format);
  const lineBreak = /\r\n|\r|\n/.exec(around.join(''))?.[0] ?? '\n';
  // Where a cue had no text, the blank line that ends it comes at once, or the end of the file does.
  if (own === '' && written !== '')
    return `${before}${/[\r\n]$/.test(before) ? '' : lineBreak}${written.replaceAll('\n', lineBreak)}${lineBreak}`;
  return before + written.replaceAll('\n', lineBreak);
}

function safeText(text: string, format: SubtitleFormat): string {
  const lines = shownLines(text).join('\n');
  return format === 'srt' ? withoutArrow(lines) : escapedButMarkup(lines);
}

function linesOf(text: string): Line[] {
  return Array.from(text.matchAll(/([^\r\n]*)(?:\r\n|\r|\n|$)/g), ({ 1: line = '', index }) => ({
    text: line,
    start: index,
    end: index + line.length,
  }));
}

/** Prose may have a line with times in it somewhere; SubRip begins with one, or with a number before it. */
function startsAsSrt(lines: readonly Line[]): boolean {
  // A byte order mark is white space to a regular expression (ECMAScript, WhiteSpace).
  const [first, second] = lines.map(({ text }) => text).filter((text) => text.trim() !== '');
  if (first === undefined) return false;
  return readTimes(first) !== undefined || (isNumber(first) && readTimes(second ?? '') !== undefined);
}

function isNumber(text: string): boolean {
  return /^\s*\d+\s*$/.test(text);
}

/**
 * A text goes on to the next blank line, or to the next line with an arrow, whether that is a good one or not
 * (W3C, WebVTT, 6.1 "collect a WebVTT block"). Neither notes nor styles can have an arrow in them.
 */
function vttPlaces(lines: readonly Line[]): Place[] {
  return lines.flatMap((line, index) => {
    const times = readTimes(line.text);
    if (times === undefined) return [];
    let last = index;
    while (isVttText(lines[last + 1])) last += 1;
    return [place(times, lines, index + 1, last)];
  });
}

function isVttText(line: Line | undefined): boolean {
  return line !== undefined && line.text !== '' && !line.text.includes('-->');
}

/** A text goes on to the next cue: files with blank lines in a text are about, and players show all of it. */
function srtPlaces(lines: readonly Line[]): Place[] {
  const starts = lines.flatMap(({ text }, index) => (readTimes(text) ? [index] : []));
  return starts.flatMap((start, cue) => {
    const times = readTimes(lines[start]?.text ?? '');
    if (times === undefined) return [];
    const next = starts[cue + 1];
    let last = (next ?? lines.length) - 1;
    if (next !== undefined && last > start && isNumber(lines[last]?.text ?? '')) last -= 1;
    while (last > start && lines[last]?.text.trim() === '') last -= 1;
    let first = start + 1;
    while (first < last && lines[first]?.text.trim() === '') first += 1;
    return [place(times, lines, first, last)];
  });
}

/** @param last the last line of the text; before `first` where there is none */
function place(times: Timed, lines: readonly Line[], first: number, last: number): Place {
  const header = lines[first - 1];
  const from = lines[first]?.start ?? header?.end ?? 0;
  return { ...times, from, to: last < first ? from : (lines[last]?.end ?? from) };
}
