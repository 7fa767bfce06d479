import stringWidth from 'string-width';

const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** How wide a text is, in columns of a terminal: a Hangul syllable, a Chinese character and an emoji take two. */
export function columnsOf(text: string): number {
  // Each escape sequence counts: lines are measured in pieces, and a cut sequence would be measured otherwise.
  return stringWidth(text, { countAnsiEscapeCodes: true });
}

/** The characters of a text as a reader sees them. */
export function graphemesOf(text: string): string[] {
  return Array.from(segmenter.segment(text), ({ segment }) => segment);
}
