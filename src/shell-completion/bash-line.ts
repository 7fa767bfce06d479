/** A line as bash has it, as far as the cursor. */
export interface BashLine {
  /** Words before the cursor, with quotes and backslashes taken away. */
  readonly words: readonly string[];
  /** The word at the cursor, likewise. */
  readonly current: string;
  /** The quote that is open at the cursor. */
  readonly quote: '"' | "'" | '';
  /** How much of `current` bash leaves as it is: what it completes begins after it. */
  readonly kept: number;
}

/** Breaks that are part of what comes after them (`rl_special_prefixes` of bash). */
const STAYS: ReadonlySet<string> = new Set('$@');

/**
 * Splits a line into words, as bash does: quotes, backslashes, and nothing else of what a shell knows.
 * @param line of one command, from its program to the cursor
 * @param breaks what ends a word for bash's completion, and not for a shell: `=` and `:` (`COMP_WORDBREAKS`)
 */
export function readBashLine(line: string, breaks: string): BashLine {
  const words: string[] = [];
  let word: string | undefined;
  let quote: BashLine['quote'] = '';
  let kept = 0;
  for (let at = 0; at < line.length; at++) {
    const character = line[at] ?? '';
    const next = line[at + 1];
    if (quote === "'" ? character === "'" : quote !== '' && character === quote) {
      quote = '';
    } else if (quote !== "'" && character === '\\' && next !== undefined && isEscaped(next, quote)) {
      word = `${word ?? ''}${next}`;
      at += 1;
    } else if (quote === '' && (character === '"' || character === "'")) {
      quote = character;
      word ??= '';
      kept = word.length;
    } else if (quote === '' && /\s/.test(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
      kept = 0;
    } else {
      if (quote === '' && breaks.includes(character))
        kept = (word?.length ?? 0) + (STAYS.has(character) ? 0 : 1);
      word = `${word ?? ''}${character}`;
    }
  }
  return { words, current: word ?? '', quote, kept };
}

/** One word, whose last quote may be open, with quotes and backslashes taken away. */
export function withoutQuotes(word: string): string {
  const { words, current } = readBashLine(word, '');
  // An open quote may hold spaces, and nothing else does.
  return [...words, current].join(' ');
}

/** In double quotes a backslash is a character like others before most (POSIX shell, 2.2.3). */
function isEscaped(next: string, quote: string): boolean {
  return quote === '' || '$`"\\'.includes(next);
}

/** A text as it is typed at a cursor in bash: within the quote that is open there, or with backslashes. */
export function typedInBash(text: string, quote: BashLine['quote']): string {
  if (quote === "'") return text.replaceAll("'", "'\\''");
  if (quote === '"') return text.replace(/[$`"\\]/g, '\\$&');
  return text.replace(/[^\p{L}\p{N}\p{M}@%+=:,./_-]/gu, '\\$&');
}
