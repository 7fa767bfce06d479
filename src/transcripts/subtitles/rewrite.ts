import type { SubtitleFormat } from './cue-text.ts';
import { type Layout, layOut } from './lay-out.ts';
import { closeMarks, readMarkup } from './markup.ts';
import { type SubtitleCue, type SubtitleFile, withText } from './subtitle-file.ts';
import { SubtitleWriter } from './subtitle-writer.ts';

/** A subtitle file that is written with other texts, which come one after the other. */
export interface Rewriting {
  /** Those whose texts are to come, in that order. */
  readonly cues: readonly SubtitleCue[];
  /** @param text that of the next cue, as the file would have it */
  add(text: string): string;
  /** What is after the last text. */
  end(): string;
}

/**
 * Writes a subtitle file with other texts. In its own format all else in it stays as it is; laid out anew, or in the
 * other format, cues keep their times, lines, speakers, italics, bold and underlined, and, from WebVTT to WebVTT, the
 * settings of cues, notes, styles and regions too.
 */
export function rewriting(file: SubtitleFile, format: SubtitleFormat, layout: Layout): Rewriting {
  const isLaidOut = layout.maxLine !== undefined || layout.maxLines !== undefined;
  if (format === file.format && !isLaidOut) return new InPlace(file);
  return new Anew(file, format, layout, isLaidOut);
}

class InPlace implements Rewriting {
  readonly #file: SubtitleFile;
  #next = 0;

  constructor(file: SubtitleFile) {
    this.#file = file;
  }

  get cues(): readonly SubtitleCue[] {
    return this.#file.cues;
  }

  add(text: string): string {
    const piece = withText(this.#file, this.#next, text);
    this.#next += 1;
    return piece;
  }

  end(): string {
    return this.#file.around.at(-1) ?? '';
  }
}

class Anew implements Rewriting {
  readonly cues: readonly SubtitleCue[];
  readonly #file: SubtitleFile;
  readonly #layout: Layout;
  readonly #isLaidOut: boolean;
  readonly #writer: SubtitleWriter;
  /** What WebVTT has beside its cues is kept in WebVTT. */
  readonly #isVtt: boolean;
  #next = 0;

  constructor(file: SubtitleFile, format: SubtitleFormat, layout: Layout, isLaidOut: boolean) {
    // SubRip may be in any order; what is written is in that of the times, and numbered anew.
    this.cues = file.format === 'srt' ? file.cues.toSorted((a, b) => a.start - b.start) : file.cues;
    this.#file = file;
    this.#layout = layout;
    this.#isLaidOut = isLaidOut;
    this.#writer = new SubtitleWriter(format, { hasMarks: true });
    this.#isVtt = format === 'vtt' && file.format === 'vtt';
  }

  add(text: string): string {
    const index = this.#next;
    this.#next += 1;
    const { start = 0, end = 0 } = this.cues[index] ?? {};
    const cue = { start, end, ...readMarkup(text, this.#file.format) };
    const screens = this.#isLaidOut ? layOut([cue], this.#layout) : [cue];
    const texts = closeMarks(screens.map((screen) => screen.text));
    const written = this.#writer.push(screens.map((screen, at) => ({ ...screen, text: texts[at] ?? '' })));
    if (!this.#isVtt) return written;
    const { blocks, settings } = besideCue(this.#file.around[index] ?? '');
    // No text has an arrow in it.
    const cues = settings === '' ? written : written.replace(/^.* --> .*$/gm, (times) => times + settings);
    return this.#besides(blocks, index === 0) + (index === 0 ? cues.replace(SIGNATURE, '') : cues);
  }

  end(): string {
    if (!this.#isVtt) return this.#writer.push([]);
    const blocks = blocksOf(this.#file.around.at(-1) ?? '');
    return this.#besides(blocks, this.#next === 0);
  }

  #besides(blocks: readonly string[], isStart: boolean): string {
    const text = blocks.map((block, at) => `${isStart && at === 0 ? '' : '\n'}${block}\n`).join('');
    return isStart && !text.startsWith('WEBVTT') ? `WEBVTT\n${text === '' ? '' : `\n${text}`}` : text;
  }
}

const SIGNATURE = /^WEBVTT\n/;

/** What is before the text of a cue: notes, styles and the like, and at last its own times. */
function besideCue(before: string): { readonly blocks: readonly string[]; readonly settings: string } {
  const blocks = blocksOf(before);
  const times = blocks.at(-1)?.split('\n').at(-1) ?? '';
  const [, settings = ''] = /-->\s*\S+(\s.*)?$/.exec(times) ?? [];
  return { blocks: blocks.slice(0, -1), settings: settings.trimEnd() };
}

function blocksOf(text: string): string[] {
  return text
    .replace(/^\ufeff/, '')
    .replace(/\r\n?/g, '\n')
    .split(/\n{2,}/)
    .map((block) => block.replace(/^\n+|\n+$/g, ''))
    .filter((block) => block !== '');
}
