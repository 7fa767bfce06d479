/** What a text for a pattern is to be, beside matching it. */
interface TextLimits {
  /** The least number of characters. */
  readonly least?: number;
  /** Which branch of every `|` is taken, counted round. */
  readonly branch?: number;
  /** The most UTF-16 units that a text may grow to before the pattern is given up. */
  readonly longest?: number;
}

/** One way through a pattern. */
interface Way {
  readonly branch: number;
  readonly longest: number;
  /** Repetitions that may still be made beyond the least. */
  spare: number;
}

/** A part of a pattern: makes its text. */
type Part = (way: Way) => string;

/** Parts of a pattern that a text is made from one character at a time: `[a-z]`, `\d`, `\p{L}`, `.`, `a`. */
const ATOM = /\[(?:[^\]\\]|\\.)*\]|\\(?:x[\da-f]{2}|u\{[\da-f]+\}|u[\da-f]{4}|p\{[^}]*\}|c[a-z]|.)|[^()|]/iuy;
const OPENING = /\((?:\?[a-z-]*:|\?<[^=!>][^>]*>|(\?<?[=!]))?/y;
const REFERENCE_BACK = /\\(?:k<[^>]*>|[1-9]\d*)/y;
const COUNT = /(?:([*?+])|\{(\d+)(,)?(\d+)?\})\??/y;
/** Likely characters first, so that texts look like texts. */
const LIKELY = [...'a0 A-_.'];
/** The last character that is tried for an atom: the end of the plane of emoji. */
const LAST_TRIED = 0x1_ff_ff;

/**
 * A text for a pattern in the dialect of JSON Schema: the first likely character of each class, one branch of each
 * choice, the least of each count. What it cannot do (lookaround, references back) gives a text that does not match.
 * @throws SyntaxError when the pattern is none
 * @throws RangeError when the text would be longer than `longest`
 */
export function patternText(
  pattern: string,
  { least = 0, branch = 0, longest = Number.POSITIVE_INFINITY }: TextLimits = {},
): string {
  const expression = new RegExp(pattern, 'u');
  const part = new PatternReader(pattern).choice();
  const withSpare = (spare: number) => part({ branch, longest, spare });
  const short = withSpare(0);
  const missing = least - [...short].length;
  if (missing <= 0) return short;
  if (least > longest) throw new RangeError('too long');
  const padding = 'a'.repeat(missing);
  const texts = [withSpare(fewestSpare(withSpare, least)), short + padding, padding + short];
  return texts.find((text) => [...text].length >= least && expression.test(text)) ?? short;
}

/** The fewest repetitions beyond the least that make the text long enough; a text grows with each or not at all. */
function fewestSpare(withSpare: (spare: number) => string, least: number): number {
  let low = 0;
  let high = least;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if ([...withSpare(middle)].length >= least) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Reads a pattern that is known to be one. */
class PatternReader {
  readonly #source: string;
  #at = 0;

  constructor(source: string) {
    this.#source = source;
  }

  choice(): Part {
    const branches = [this.#sequence()];
    while (this.#take(/\|/y) !== null) branches.push(this.#sequence());
    return (way) => branches[way.branch % branches.length]?.(way) ?? '';
  }

  #sequence(): Part {
    const parts: Part[] = [];
    for (let part = this.#part(); part !== undefined; part = this.#part()) parts.push(this.#counted(part));
    return (way) => parts.reduce((text, part) => within(text + part(way), way), '');
  }

  #part(): Part | undefined {
    const group = this.#take(OPENING);
    if (group !== null) {
      const inner = this.choice();
      this.#take(/\)/y);
      return group[1] === undefined ? inner : () => '';
    }
    if (this.#take(REFERENCE_BACK) !== null) return () => '';
    const atom = this.#take(ATOM)?.[0];
    if (atom === undefined) return undefined;
    const text = characterOf(atom);
    return () => text;
  }

  #counted(part: Part): Part {
    const count = this.#take(COUNT);
    if (count === null) return part;
    const [, sign, from, comma, to] = count;
    const least = sign === undefined ? Number(from) : sign === '+' ? 1 : 0;
    const most =
      sign === '?'
        ? 1
        : sign !== undefined
          ? Infinity
          : Number(to ?? (comma === undefined ? from : Infinity));
    return (way) => {
      const more = Math.min(most - least, way.spare);
      way.spare -= more;
      let text = '';
      for (let times = 0; times < least + more; times += 1) {
        const once = part(way);
        if (once === '') break;
        text = within(text + once, way);
      }
      return text;
    };
  }

  #take(expression: RegExp): RegExpExecArray | null {
    expression.lastIndex = this.#at;
    const found = expression.exec(this.#source);
    if (found !== null) this.#at = expression.lastIndex;
    return found;
  }
}

function within(text: string, { longest }: Way): string {
  if (text.length > longest) throw new RangeError('too long');
  return text;
}

/** The first character that an atom matches; nothing for what stands between characters, such as `^` and `\b`. */
function characterOf(atom: string): string {
  const expression = new RegExp(`^(?:${atom})$`, 'u');
  if (expression.test('')) return '';
  const likely = LIKELY.find((character) => expression.test(character));
  if (likely !== undefined) return likely;
  if (atom.length === 1) return atom;
  for (let code = 0; code <= LAST_TRIED; code += 1) {
    const character = String.fromCodePoint(code);
    if (expression.test(character)) return character;
  }
  return '';
}
