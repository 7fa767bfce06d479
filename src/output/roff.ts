/** What groff would make other characters of (groff_man_style(7), "Portability"), and what begins an escape. */
const ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\[rs]',
  '-': '\\-',
  "'": '\\[aq]',
  '`': '\\[ga]',
  '^': '\\[ha]',
  '~': '\\[ti]',
};

/**
 * A text as one line of a manual page shows it, letter by letter. What is not ASCII goes by its number, so that no
 * encoding need be told.
 */
export function roffText(text: string): string {
  const shown = text.replace(/[\\'`^~-]|[^\n -~]/gu, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return ESCAPES[character] ?? `\\[u${code.toString(16).toUpperCase().padStart(4, '0')}]`;
  });
  // At the beginning of a line a dot, like a quote, is a request.
  return shown.replace(/^\./gm, '\\&.');
}

/** The same for an argument of a macro, in quotes. */
export function roffArgument(text: string): string {
  return `"${roffText(text)
    .replace(/^\\&\./, '.')
    .replaceAll('"', '\\[dq]')}"`;
}

/** Lines that stay as they are. */
export function roffLiteral(lines: readonly string[]): string {
  return ['.EX', ...lines.map((line) => (line === '' ? '' : roffText(line))), '.EE'].join('\n');
}
