/**
 * Control characters and invisible ones that can move the cursor, write the title or the clipboard, hide text or
 * turn its direction: C0 but for tab and newline, DEL, C1, the bidirectional embeddings, overrides and isolates,
 * the zero-width and other invisible formatting characters, and the tag characters. (Unicode 16, chapters 23.1,
 * 23.2 and 23.9; U+200C and U+200D stay: scripts and emoji need them.)
 */
export const UNSAFE =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b\u2028\u2029\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/gu;

function visible(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  // U+2400 and on are pictures of the C0 characters: ␛ for escape. U+2421 is the one of DEL.
  if (code < 0x20) return String.fromCodePoint(0x2400 + code);
  if (code === 0x7f) return '\u2421';
  return `<U+${code.toString(16).toUpperCase().padStart(4, '0')}>`;
}

/** Text that a terminal shows and does not obey. Newline and tab stay; what is made harmless stays to be seen. */
export function inertText(text: string): string {
  return text.replace(UNSAFE, visible);
}

/** `inertText` for text that comes in pieces: a line break of two characters may be cut between them. */
export class InertTextStream {
  #carriageReturn = false;

  /** The part of the text that can be shown by now. */
  push(text: string): string {
    const whole = this.#carriageReturn ? `\r${text}` : text;
    this.#carriageReturn = whole.endsWith('\r');
    const ready = this.#carriageReturn ? whole.slice(0, -1) : whole;
    return inertText(ready.replaceAll('\r\n', '\n'));
  }

  /** What was held back, at the end. */
  end(): string {
    const held = this.#carriageReturn ? inertText('\r') : '';
    this.#carriageReturn = false;
    return held;
  }
}
