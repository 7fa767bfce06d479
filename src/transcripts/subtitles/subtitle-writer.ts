import type { Cue } from './cue.ts';
import { escaped, type SubtitleFormat, shownLines, withoutArrow } from './cue-text.ts';
import { withTags } from './markup.ts';
import { milliseconds, timestamp } from './timestamp.ts';

/** A cue with its text as the file has it, in milliseconds. */
interface WrittenCue {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/**
 * Writes SubRip or WebVTT in pieces, for cues that come in pieces: what `push` gives, one after the other, is the
 * file. Numbers go on, and each cue starts no earlier than the one before it, as WebVTT wants it.
 */
export class SubtitleWriter {
  readonly #format: SubtitleFormat;
  readonly #hasMarks: boolean;
  #begun = false;
  #number = 1;
  /** Milliseconds. */
  #start = 0;

  /** @param options `hasMarks`: the texts come from `readMarkup` */
  constructor(format: SubtitleFormat, { hasMarks = false } = {}) {
    this.#format = format;
    this.#hasMarks = hasMarks;
  }

  /**
   * The next cues as text, in the order of their starts; those without a text are left out. The first piece of WebVTT
   * begins with its header, also where there are no cues. A cue that comes too late is moved, and keeps its length;
   * one of no length gets a millisecond, without which WebVTT is not valid (W3C, WebVTT, 4.1 "cue timings").
   */
  push(cues: readonly Cue[]): string {
    let text = '';
    if (this.#format === 'vtt' && !this.#begun) {
      text = 'WEBVTT\n';
      this.#begun = true;
    }
    const written = cues.map((cue) => this.#written(cue)).filter((cue) => cue.text !== '');
    for (const cue of written.sort((a, b) => a.start - b.start)) {
      text += `${this.#begun ? '\n' : ''}${this.#block(cue)}`;
      this.#begun = true;
    }
    return text;
  }

  #written(cue: Cue): WrittenCue {
    const text = this.#format === 'srt' ? srtCueText(cue) : vttCueText(cue);
    const tagged = this.#hasMarks ? withTags(text) : text;
    return { start: milliseconds(cue.start), end: milliseconds(cue.end), text: tagged };
  }

  #block({ start, end, text }: WrittenCue): string {
    const from = Math.max(start, this.#start);
    const to = end > from ? end : from + Math.max(1, end - start);
    this.#start = from;
    const mark = this.#format === 'srt' ? ',' : '.';
    const times = `${timestamp(from, mark)} --> ${timestamp(to, mark)}`;
    const number = this.#format === 'srt' ? `${this.#number++}\n` : '';
    return `${number}${times}\n${text}\n`;
  }
}

function srtCueText({ text, speaker }: Cue): string {
  const lines = shownLines(text);
  const name = nameOf(speaker);
  if (lines.length === 0) return '';
  return withoutArrow(name === '' ? lines.join('\n') : `${name}: ${lines.join('\n')}`);
}

function vttCueText({ text, speaker }: Cue): string {
  const lines = shownLines(text);
  const name = nameOf(speaker);
  if (lines.length === 0) return '';
  // A voice that is the whole cue needs no end tag (W3C, WebVTT, 4.2.2 "cue voice span").
  return `${name === '' ? '' : `<v ${escaped(name)}>`}${escaped(lines.join('\n'))}`;
}

function nameOf(speaker = ''): string {
  return shownLines(speaker).join(' ');
}
