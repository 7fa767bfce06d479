/** What a request for speech takes of a text. */
export interface TextLimits {
  /** UTF-16 units, which are never fewer than the characters that the API counts. */
  readonly characters: number;
  readonly tokens?: { readonly most: number; readonly count: (text: string) => number };
}

/**
 * Cuts a text into parts that keep to the limits: between sentences, in any language; a sentence that is too long
 * between words, and a word that is too long between characters. Nothing is left out but parts that are all space.
 */
export function splitText(text: string, limits: TextLimits): string[] {
  return packed(text, limits, ['sentence', 'word', 'grapheme']).filter((part) => part.trim() !== '');
}

/** The granularities, from the one that is tried first to the last resort. */
type Granularities = readonly ('sentence' | 'word' | 'grapheme')[];

function packed(text: string, limits: TextLimits, [granularity, ...finer]: Granularities): string[] {
  if (granularity === undefined || fits(text, limits)) return [text];
  const parts: string[] = [];
  let part = new Part(limits);
  for (const { segment } of new Intl.Segmenter(undefined, { granularity }).segment(text)) {
    if (part.add(segment)) continue;
    if (part.text !== '') parts.push(part.text);
    part = new Part(limits);
    if (part.add(segment)) continue;
    // Too long by itself: all but its last piece are parts of their own, and what follows is added to that.
    const pieces = packed(segment, limits, finer);
    parts.push(...pieces.slice(0, -1));
    part = new Part(limits, pieces.at(-1));
  }
  if (part.text !== '') parts.push(part.text);
  return parts;
}

/** A part as it grows. Tokens are counted piece by piece: a text has no more of them than its pieces together. */
class Part {
  readonly #limits: TextLimits;
  #tokens = 0;
  text = '';

  constructor(limits: TextLimits, text = '') {
    this.#limits = limits;
    this.text = text;
    this.#tokens = text === '' ? 0 : (limits.tokens?.count(text) ?? 0);
  }

  /** @returns whether it fits; else nothing is added */
  add(piece: string): boolean {
    const { characters, tokens } = this.#limits;
    if (this.text.length + piece.length > characters) return false;
    const count = this.#tokens + (tokens?.count(piece) ?? 0);
    if (tokens !== undefined && count > tokens.most) return false;
    this.text += piece;
    this.#tokens = count;
    return true;
  }
}

function fits(text: string, { characters, tokens }: TextLimits): boolean {
  return text.length <= characters && (tokens === undefined || tokens.count(text) <= tokens.most);
}
