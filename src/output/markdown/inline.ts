import { atomAt, LONGEST } from './inline-atoms.ts';
import { EMPHASIS, MARK, type Span, STRIKE, STRONG } from './spans.ts';

/** Text in which no mark can begin. */
const PLAIN = /[^\\`*_~[!<&$\nh]+/y;
/** A run that is longer is several. */
const DELIMITERS = /([*_~])\1{0,99}/y;
const LONGEST_RUN = 100;

const SPACE = /^(?:\s|$)/u;
const PUNCTUATION = /^[\p{P}\p{S}]/u;
/** Scripts that put no spaces between words: marks of emphasis stand beside a letter or a bracket there. */
const WITHOUT_SPACES = /^[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Hangul}\u3000-\u303f\uff00-\uffef]/u;

/** A stretch that may still change its look. */
interface Piece {
  text: string;
  look: number;
  readonly target: string | undefined;
}

/** A run of `*`, `_` or `~` that may open an emphasis. */
interface Opener {
  readonly piece: Piece;
  readonly character: string;
  /** As long as it was written. */
  readonly length: number;
  readonly closesToo: boolean;
  /** In characters of the whole text. */
  readonly offset: number;
}

/**
 * Reads the marks within a paragraph that comes in pieces, by CommonMark's rules (0.31, chapter 6) and GitHub's `~~`.
 * Text comes out as soon as no mark in front of it can change it any more. What comes out does not depend on how the
 * text was cut.
 */
export class InlineText {
  #source = '';
  #before: string;
  readonly #after: string;
  /** Characters that were read. */
  #offset = 0;
  #pieces: Piece[] = [];
  #openers: Opener[] = [];

  /** @param context what stands round the text */
  constructor({ before, after }: { before: string; after: string } = { before: '', after: ' ' }) {
    this.#before = before;
    this.#after = after;
  }

  /** @returns what is certain by now */
  push(text: string): Span[] {
    this.#source += text;
    return this.#read(false);
  }

  /** The paragraph ends. @returns the rest of it */
  end(): Span[] {
    return this.#read(true);
  }

  #read(whole: boolean): Span[] {
    let at = 0;
    for (let next = this.#step(at, whole); next !== undefined; next = this.#step(at, whole)) {
      this.#before = lastCharacter(this.#source, next);
      this.#offset += next - at;
      at = next;
      while (this.#openers[0] !== undefined && this.#isFar(this.#openers[0])) this.#openers.shift();
    }
    this.#source = this.#source.slice(at);
    if (whole) this.#openers = [];
    return this.#certain();
  }

  #certain(): Span[] {
    const first = this.#openers[0];
    const count = first === undefined ? this.#pieces.length : this.#pieces.indexOf(first.piece);
    return this.#pieces.splice(0, count).filter(({ text }) => text !== '');
  }

  /** Reads on from a place. @returns where to go on, or undefined where more of the text must be there first */
  #step(at: number, whole: boolean): number | undefined {
    const source = this.#source;
    if (at >= source.length) return undefined;
    PLAIN.lastIndex = at;
    const plain = PLAIN.exec(source)?.[0];
    if (plain !== undefined) return this.#add(plain, at + plain.length);

    DELIMITERS.lastIndex = at;
    const run = DELIMITERS.exec(source)?.[0];
    if (run !== undefined) {
      if (at + run.length === source.length && !whole && run.length < LONGEST_RUN) return undefined;
      this.#delimiters(run, characterAt(source, at + run.length) || this.#after);
      return at + run.length;
    }
    const text = source.slice(at, at + LONGEST);
    const atom = atomAt({
      text,
      whole: whole || source.length - at >= LONGEST,
      before: this.#before,
      inner: (label) => {
        const inline = new InlineText({ before: '[', after: ']' });
        return [...inline.push(label), ...inline.end()];
      },
    });
    if (atom === 'more') return undefined;
    if (atom === undefined) return this.#add(source.charAt(at), at + 1);
    for (const { text, look, target } of atom.spans) this.#pieces.push({ text, look, target });
    return at + atom.length;
  }

  #add(text: string, end: number): number {
    this.#pieces.push({ text, look: 0, target: undefined });
    return end;
  }

  #isFar({ offset }: Opener): boolean {
    return this.#offset - offset > LONGEST;
  }

  #delimiters(run: string, after: string): void {
    const character = run.charAt(0);
    const { opens, closes } = flanks(character, this.#before, after);
    let left = run.length;
    if (character === '~' && run.length !== 2) return void this.#add(run, 0);
    while (closes && left > 0) {
      const opener = this.#openerFor(character, run.length, opens);
      if (opener === undefined) break;
      left -= this.#close(opener, left);
    }
    if (left === 0) return;
    const piece: Piece = { text: character.repeat(left), look: 0, target: undefined };
    this.#pieces.push(piece);
    if (!opens) return;
    this.#openers.push({ piece, character, length: run.length, closesToo: closes, offset: this.#offset });
  }

  #openerFor(character: string, length: number, opensToo: boolean): Opener | undefined {
    return this.#openers.findLast((opener) => {
      if (opener.character !== character || this.#isFar(opener)) return false;
      // CommonMark's rule of three: `*a**b*` is one emphasis.
      const isMixed = opener.closesToo || opensToo;
      const isThird = (opener.length + length) % 3 === 0;
      return !(isMixed && isThird && !(length % 3 === 0 && opener.length % 3 === 0));
    });
  }

  /** @returns how many characters of the closing run that took */
  #close(opener: Opener, left: number): number {
    const { piece, character } = opener;
    const used = piece.text.length >= 2 && left >= 2 ? 2 : 1;
    const look = character === '~' ? STRIKE : used === 2 ? STRONG : EMPHASIS;
    const place = this.#pieces.indexOf(piece);
    for (const inner of this.#pieces.slice(place + 1)) inner.look |= look;
    piece.text = piece.text.slice(used);
    const mark = () => ({ text: character.repeat(used), look: MARK, target: undefined });
    this.#pieces.splice(place + 1, 0, mark());
    this.#pieces.push(mark());
    this.#openers.length = this.#openers.indexOf(opener) + (piece.text === '' ? 0 : 1);
    return used;
  }
}

/** Whether a run of delimiters may open and close an emphasis. (CommonMark 0.31, section 6.2) */
function flanks(character: string, before: string, after: string): { opens: boolean; closes: boolean } {
  const isSpace = { before: SPACE.test(before), after: SPACE.test(after) };
  const isPunctuation = { before: PUNCTUATION.test(before), after: PUNCTUATION.test(after) };
  const isFree = {
    before: isSpace.before || isPunctuation.before || WITHOUT_SPACES.test(before),
    after: isSpace.after || isPunctuation.after || WITHOUT_SPACES.test(after),
  };
  const left = !isSpace.after && (!isPunctuation.after || isFree.before);
  const right = !isSpace.before && (!isPunctuation.before || isFree.after);
  if (character !== '_') return { opens: left, closes: right };
  return { opens: left && (!right || isPunctuation.before), closes: right && (!left || isPunctuation.after) };
}

function characterAt(text: string, at: number): string {
  const code = text.codePointAt(at);
  return code === undefined ? '' : String.fromCodePoint(code);
}

/** The character that ends at a place. */
function lastCharacter(text: string, end: number): string {
  const last = text.codePointAt(Math.max(0, end - 2));
  return last !== undefined && last > 0xffff ? String.fromCodePoint(last) : text.charAt(end - 1);
}
