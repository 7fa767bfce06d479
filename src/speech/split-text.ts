/** What a request for speech takes of a text. */
export interface TextLimits {
  /** UTF-16 units, which are never fewer than the characters that the API counts. */
  readonly characters: number;
  readonly tokens?: { readonly most: number; readonly count: (text: string) => number };
}

/**
 * Cuts a text into parts that keep to the limits: between sentences, in any language; a sentence that is too long
 * between words, a word that is too long between characters, and what is seen as one character, where that is too long
 * by itself, within it. Nothing is left out but parts that are all space. Takes time in proportion to the text.
 */
export function splitText(text: string, limits: TextLimits): string[] {
  const parts: string[] = [];
  for (let at = 0; at < text.length; ) {
    const part = firstPart(text, at, limits);
    at += part.length;
    if (part.trim() !== '') parts.push(part);
  }
  return parts;
}

/** Where a text may be cut, from what is tried first to the last resort. */
const CUTS = (['sentence', 'word', 'grapheme'] as const).map(
  (granularity) => new Intl.Segmenter(undefined, { granularity }),
);

/** The part that begins at an index: as long as the limits allow. */
function firstPart(text: string, at: number, limits: TextLimits): string {
  // Twice what fits: whether a cut is right is seen by what follows. Segmenting the whole text takes time that grows
  // with its square (Intl.Segmenter of V8 in Node 20).
  const window = text.slice(at, at + 2 * limits.characters);
  const isRest = at + window.length === text.length;
  if (isRest && fits(window, limits)) return window;
  for (const cut of CUTS) {
    const part = longestStart(segments(window, cut), limits);
    if (part !== '') return part;
  }
  return longestStart(window, limits) || codePoint(window);
}

function* segments(text: string, cut: Intl.Segmenter): Generator<string> {
  for (const { segment } of cut.segment(text)) yield segment;
}

/** As many pieces from the start as the limits allow. */
function longestStart(pieces: Iterable<string>, { characters, tokens }: TextLimits): string {
  const taken: string[] = [];
  let length = 0;
  for (const piece of pieces) {
    length += piece.length;
    if (length > characters) break;
    taken.push(piece);
  }
  return (tokens === undefined ? taken : withinTokens(taken, tokens)).join('');
}

/** As many pieces from the start as the tokens allow, counted piece by piece: together they have no more. */
function withinTokens(
  pieces: readonly string[],
  { most, count }: NonNullable<TextLimits['tokens']>,
): readonly string[] {
  // One count of all is quicker than many.
  if (pieces.length < most && count(pieces.join('')) <= most) return pieces;
  let sum = 0;
  const end = pieces.findIndex((piece) => {
    sum += count(piece);
    return sum > most;
  });
  return end === -1 ? pieces : pieces.slice(0, end);
}

/** The first code point: less than that is no text. */
function codePoint(text: string): string {
  return String.fromCodePoint(text.codePointAt(0) ?? 0);
}

function fits(text: string, { characters, tokens }: TextLimits): boolean {
  return text.length <= characters && (tokens === undefined || tokens.count(text) <= tokens.most);
}
