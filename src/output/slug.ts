/** The longest name that is made of a prompt, in bytes of UTF-8: every file system takes 255, ends and numbers included. */
const LONGEST_BYTES = 60;

/** Names that Windows keeps for devices, whatever their extension. */
const RESERVED = /^(?:con|prn|aux|nul|com\d|lpt\d)$/;

/**
 * A short name for a file, made of the words of a text: letters and digits of any script, in lower case, with hyphens
 * between them.
 * @param thing what is used where the text has none, and told from a name that is kept for a device: `image`
 */
export function slugOf(text: string, thing: string): string {
  const words =
    text
      .normalize('NFC')
      .toLowerCase()
      .match(/[\p{L}\p{M}\p{N}]+/gu) ?? [];
  let slug = '';
  for (const word of words) {
    const longer = slug === '' ? shortened(word) : `${slug}-${word}`;
    if (Buffer.byteLength(longer) > LONGEST_BYTES) break;
    slug = longer;
  }
  if (slug === '') return thing;
  return RESERVED.test(slug) ? `${slug}-${thing}` : slug;
}

/** A word that is too long by itself: a script without spaces, for one. */
function shortened(word: string): string {
  let short = '';
  for (const { segment } of new Intl.Segmenter().segment(word)) {
    if (Buffer.byteLength(short + segment) > LONGEST_BYTES) break;
    short += segment;
  }
  return short;
}
