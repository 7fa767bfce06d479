import type { Timed, TimedWord } from './cue.ts';

/** Whisper's segments and words are timed by different means and differ by about this much (seconds). */
const TOLERANCE = 1;

/** How much text, in letters, shows that a place further on is the right one. */
const CONTEXT = 8;
/** How far on a place is looked for, in letters. */
const AHEAD = 200;

/** A stretch of folded text and when it is said. */
interface Said extends Timed {
  /** Offsets into the folded text. */
  readonly from: number;
  readonly to: number;
}

interface FoldedWord extends Timed {
  readonly letters: string;
}

/** The words of a transcript in the order in which they are said, to find the times of its texts. */
export class SpokenWords {
  readonly #words: readonly FoldedWord[];

  constructor(words: readonly TimedWord[]) {
    this.#words = words
      .map(({ word, start, end }) => ({ letters: letters(word), start, end }))
      .filter((word) => word.letters !== '')
      .sort((a, b) => a.start - b.start);
  }

  /**
   * The pauses between the parts of a text: each from the end of the last word before to the start of the first
   * after it. Where the words differ from the text, the time in between is shared out.
   * @param parts the whole text that is said in that time
   * @returns one for each two parts; none of them where no word of the text is among the words
   */
  pauses(parts: readonly string[], time: Timed): Timed[] {
    const folded = parts.map(letters);
    const said = this.#find(folded.join(''), time);
    if (said.length === 0) return [];
    let place = 0;
    const length = folded.join('').length;
    return folded.slice(0, -1).map((part) => {
      place += part.length;
      return pauseAt(place, said, { length, time });
    });
  }

  /** The words that are in the text, in its order. Words that are not are left out, on either side. */
  #find(text: string, time: Timed): Said[] {
    const words = this.#around(time);
    const said: Said[] = [];
    let place = 0;
    for (const [index, { letters, start, end }] of words.entries()) {
      const from = text.startsWith(letters, place) ? place : findAhead(text, place, words, index);
      if (from === undefined) continue;
      place = from + letters.length;
      said.push({ from, to: place, start, end });
    }
    return said;
  }

  #around({ start, end }: Timed): FoldedWord[] {
    const around: FoldedWord[] = [];
    for (let index = this.#firstAt(start - TOLERANCE); index < this.#words.length; index++) {
      const word = this.#words[index];
      if (word === undefined || word.start > end + TOLERANCE) break;
      around.push(word);
    }
    return around;
  }

  /** The first word that starts then or later. */
  #firstAt(seconds: number): number {
    let low = 0;
    let high = this.#words.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#words[middle]?.start ?? 0) < seconds) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Where the text goes on with these words; a short word is looked for with those that follow it. */
function findAhead(
  text: string,
  place: number,
  words: readonly FoldedWord[],
  index: number,
): number | undefined {
  let context = '';
  for (let next = index; next < words.length && context.length < CONTEXT; next++) {
    context += words[next]?.letters;
  }
  if (context.length < CONTEXT) return undefined;
  const found = text.slice(place, place + AHEAD).indexOf(context);
  return found < 0 ? undefined : place + found;
}

function pauseAt(
  place: number,
  said: readonly Said[],
  { length, time }: { length: number; time: Timed },
): Timed {
  const before = said.findLast(({ from }) => from < place) ?? {
    from: 0,
    to: 0,
    start: time.start,
    end: time.start,
  };
  const after = said.find(({ from }) => from >= place) ?? { from: length, start: time.end };
  if (before.to > place) {
    const within = between(place, [before.from, before.start], [before.to, before.end]);
    return { start: within, end: within };
  }
  const shared = between(place, [before.to, before.end], [after.from, after.start]);
  return {
    start: before.to === place ? before.end : shared,
    end: after.from === place ? after.start : shared,
  };
}

type Point = readonly [place: number, seconds: number];

function between(place: number, [from, start]: Point, [to, end]: Point): number {
  return to === from ? start : start + ((end - start) * (place - from)) / (to - from);
}

/** What words of a text and words by themselves have in common: whisper's have no punctuation and another case. */
function letters(text: string): string {
  const folded = text.normalize('NFKC').toLowerCase().replaceAll('ς', 'σ');
  return folded.replace(/[^\p{L}\p{N}\p{M}]/gu, '');
}
