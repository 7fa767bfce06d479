/**
 * Control characters and invisible ones that can move the cursor, write the title or the clipboard, hide text or
 * turn its direction: C0 but for tab and newline, DEL, C1, the bidirectional embeddings, overrides and isolates,
 * the zero-width and other invisible formatting characters, fillers and blanks that look like nothing (of Hangul,
 * Khmer, Braille and musical notation, the grapheme joiner), variation selectors and the tag characters. (Unicode 16,
 * chapters 23.1, 23.2, 23.4 and 23.9, and Default_Ignorable_Code_Point; U+200C and U+200D stay: scripts and emoji
 * need them.)
 */
const UNSAFE =
  /\u034f|[\ufe00-\ufe0f]|[\u{e0100}-\u{e01ef}]|[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u2028\u2029\u202a-\u202e\u2060-\u206f\u2800\u3164\ufeff\uffa0\ufff9-\ufffb\u{1d173}-\u{1d17a}\u{e0000}-\u{e007f}]/gu;

/** Has the character before it drawn as a picture, which is the way to write ❤️ and 1️⃣. */
const AS_PICTURE = '\ufe0f';
const ENDS_IN_EMOJI = /\p{Emoji}$/u;

/**
 * The text with another in the place of each character that a terminal must not be given.
 * @param before what stands before the text, or its last character
 */
export function replaceUnsafe(text: string, shown: (character: string) => string, before = ''): string {
  return text.replace(UNSAFE, (character, at: number) => {
    const isPicture =
      character === AS_PICTURE &&
      ENDS_IN_EMOJI.test(at < 2 ? before + text.slice(0, at) : text.slice(at - 2, at));
    return isPicture ? character : shown(character);
  });
}

function visible(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  // U+2400 and on are pictures of the C0 characters: ␛ for escape. U+2421 is the one of DEL.
  if (code < 0x20) return String.fromCodePoint(0x2400 + code);
  if (code === 0x7f) return '\u2421';
  return `<U+${code.toString(16).toUpperCase().padStart(4, '0')}>`;
}

/**
 * Text that a terminal shows and does not obey. Newline and tab stay; what is made harmless stays to be seen.
 * @param before what stands before the text, where that is a piece of a longer one
 */
export function inertText(text: string, before = ''): string {
  return replaceUnsafe(text, visible, before);
}

/** `inertText` for text that comes in pieces: a line break of two characters, or an emoji, may be cut between them. */
export class InertTextStream {
  #carriageReturn = false;
  /** The last character that was shown. */
  #before = '';

  /** The part of the text that can be shown by now. */
  push(text: string): string {
    const whole = this.#carriageReturn ? `\r${text}` : text;
    this.#carriageReturn = whole.endsWith('\r');
    const ready = this.#carriageReturn ? whole.slice(0, -1) : whole;
    const inert = inertText(ready.replaceAll('\r\n', '\n'), this.#before);
    if (ready !== '') this.#before = ready.slice(-2);
    return inert;
  }

  /** What was held back, at the end. */
  end(): string {
    const held = this.#carriageReturn ? inertText('\r') : '';
    this.#carriageReturn = false;
    return held;
  }
}
