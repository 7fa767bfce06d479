/** Stands before and behind a text of several lines. */
const FENCE = '"""';

/** What Enter does: sends what was written, begins a new line at the cursor, or does so in place of a backslash. */
export type AtEnter = Written | 'new line' | 'backslash';

/** What was written. */
export interface Written {
  readonly text: string;
  /** It was pasted, or stood between `"""`: it is text whatever it begins with. */
  readonly literal: boolean;
  /** It began as the text that was there already, and was never cleared. */
  readonly isDraft?: boolean;
}

/**
 * What Enter does at the end of a text.
 * @param pasted the text came from elsewhere, in several lines: it is sent as it is
 */
export function atEnter(text: string, pasted: boolean): AtEnter {
  if (pasted) return { text, literal: true };
  if (text.startsWith(FENCE)) return atEnterInBlock(text);
  return endsOpen(text) ? 'backslash' : { text, literal: false };
}

/** Where the first `"""` has a line of its own, the last one has too: there may be more of them between. */
const BLOCK = /^"""[ \t]*\n(?<lines>(?:.*\n)?)[ \t]*"""\s*$/s;
const INLINE_BLOCK = /^"""(?<lines>[^\n].*?)\n?"""\s*$/s;

function atEnterInBlock(text: string): AtEnter {
  const lines = (BLOCK.exec(text) ?? INLINE_BLOCK.exec(text))?.groups?.['lines'];
  return lines === undefined ? 'new line' : { text: lines.replace(/\n$/, ''), literal: true };
}

/** Whether a text ends with a backslash; two of them are one that is meant. */
function endsOpen(text: string): boolean {
  return (/\\+$/.exec(text)?.[0].length ?? 0) % 2 === 1;
}

/** A text as it can be called back and sent again with the same meaning. */
export function asTyped({ text, literal }: Written): string {
  const plain = !text.startsWith('/') && !text.startsWith(FENCE) && !endsOpen(text);
  return !literal || plain ? text : `${FENCE}\n${text}\n${FENCE}`;
}
