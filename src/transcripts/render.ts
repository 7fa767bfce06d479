import type { TranscriptionAnswer, TranscriptionEvent } from '../api/transcriptions.ts';
import { Failure } from '../errors.ts';
import type { Granularity, TranscriptFormat } from '../flags/transcripts.ts';
import { gapBetween } from './answers.ts';
import { isSubtitles } from './format.ts';
import { segmentsOf, timedSegments, wordsOf } from './segments.ts';
import type { Cue, Timed } from './subtitles/cue.ts';
import { type Layout, layOut } from './subtitles/lay-out.ts';
import { SubtitleWriter } from './subtitles/subtitle-writer.ts';
import { milliseconds, timestamp } from './subtitles/timestamp.ts';

/** What becomes of answers as text, one after the other, each in its place. */
export interface Rendering {
  /** @throws Failure (incomplete) where an answer lacks what is to be shown */
  add(answer: TranscriptionAnswer): string;
  /** The same for what is told of an answer while it comes. */
  live(event: TranscriptionEvent): string;
  /** What came and is not shown yet, where the rest will never come. */
  rest(): string;
  /** What is left at the end. @throws Failure (incomplete) where what was shown is not what was asked for */
  end(): string;
}

/** How a transcript is to look. */
export interface Look extends Layout {
  readonly format: TranscriptFormat;
  readonly timestamps: readonly Granularity[];
  /** Who speaks is to be said. */
  readonly hasSpeakers: boolean;
}

export function rendering(look: Look): Rendering {
  const { format, timestamps, hasSpeakers } = look;
  if (isSubtitles(format)) return new Subtitles(format, look);
  if (timestamps.length > 0) return new TimedLines(timestamps.includes('word'));
  return hasSpeakers ? new Dialogue() : new PlainText();
}

class PlainText implements Rendering {
  #last = '';
  /** White space that has come, and is text only if more follows. */
  #space = '';

  add({ text }: TranscriptionAnswer): string {
    const next = text.trim();
    const gap = gapBetween(this.#last, next);
    if (next !== '') this.#last = next;
    return gap + next;
  }

  live(event: TranscriptionEvent): string {
    if (event.type === 'transcript.text.delta') return this.#more(textIn(event.delta));
    // Not every server tells the pieces.
    return event.type === 'transcript.text.done' && this.#last === '' ? this.#more(textIn(event.text)) : '';
  }

  rest(): string {
    return '';
  }

  end(): string {
    return this.#last === '' ? '' : '\n';
  }

  #more(delta: string): string {
    const all = this.#last === '' ? delta.trimStart() : this.#space + delta;
    const text = all.trimEnd();
    this.#space = all.slice(text.length);
    if (text !== '') this.#last = text;
    return text;
  }
}

/** What came with status 200 may be anything. */
function textIn(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** A line for each time that somebody begins to speak. */
class Dialogue implements Rendering {
  #speaker: string | undefined;
  #last = '';
  /** Of a segment that has not come yet. */
  #deltas = '';
  /** There was a text of which nobody knows who said it. */
  #lacksSpeakers = false;

  add(answer: TranscriptionAnswer): string {
    const segments = segmentsOf(answer) ?? [];
    if (segments.length === 0) return this.#unattributed(answer.text);
    return segments.map((segment) => this.#line(segment)).join('');
  }

  live(event: TranscriptionEvent): string {
    if (event.type === 'transcript.text.delta') {
      this.#deltas += textIn(event.delta);
      return '';
    }
    if (event.type === 'transcript.text.segment') {
      this.#deltas = '';
      const segments = segmentsOf({ text: '', segments: [event] }) ?? [];
      return segments.map((segment) => this.#line(segment)).join('');
    }
    // A server that tells the whole at once tells its segments there.
    if (event.type !== 'transcript.text.done' || this.#last !== '') return '';
    return this.add({ ...event, text: textIn(event.text) });
  }

  rest(): string {
    return this.#unattributed(this.#deltas);
  }

  end(): string {
    if (this.#lacksSpeakers) {
      throw new Failure('incomplete', 'the answer has a text, but does not say who speaks', {
        hint: 'another model may: -m; without --diarize the text alone is what is asked for',
      });
    }
    return this.#last === '' ? '' : '\n';
  }

  /** What was paid for is shown all the same. */
  #unattributed(text: string): string {
    const line = text.trim();
    if (line === '') return '';
    this.#lacksSpeakers = true;
    const before = this.#last === '' ? '' : '\n';
    this.#speaker = undefined;
    this.#last = line;
    return before + line;
  }

  #line({ speaker = '', text }: Cue): string {
    const goesOn = this.#last !== '' && speaker === this.#speaker;
    const before = goesOn ? gapBetween(this.#last, text) : `${this.#last === '' ? '' : '\n'}${speaker}: `;
    this.#speaker = speaker;
    this.#last = text;
    return before + text;
  }
}

/** A line for each segment or word, with its times. */
class TimedLines implements Rendering {
  readonly #words: boolean;

  constructor(words: boolean) {
    this.#words = words;
  }

  add(answer: TranscriptionAnswer): string {
    const words = this.#words ? wordsOf(answer) : undefined;
    if (words !== undefined) return words.map((timed) => timedLine(timed, timed.word)).join('');
    return timedSegments(answer)
      .map((segment) =>
        timedLine(
          segment,
          segment.speaker === undefined ? segment.text : `${segment.speaker}: ${segment.text}`,
        ),
      )
      .join('');
  }

  live(): string {
    return '';
  }

  rest(): string {
    return '';
  }

  end(): string {
    return '';
  }
}

function timedLine({ start, end }: Timed, text: string): string {
  const [from, to] = [start, end].map((seconds) => timestamp(milliseconds(seconds), '.'));
  return `[${from} --> ${to}] ${text.replace(/\s+/g, ' ')}\n`;
}

class Subtitles implements Rendering {
  readonly #writer: SubtitleWriter;
  readonly #layout: Layout;

  constructor(format: 'srt' | 'vtt', layout: Layout) {
    this.#writer = new SubtitleWriter(format);
    this.#layout = layout;
  }

  add(answer: TranscriptionAnswer): string {
    return this.#writer.push(layOut(timedSegments(answer), this.#layout, wordsOf(answer)));
  }

  live(): string {
    return '';
  }

  rest(): string {
    return '';
  }

  end(): string {
    // WebVTT has a header, also where nothing is said.
    return this.#writer.push([]);
  }
}
