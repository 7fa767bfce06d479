/** The bytes of a base64 text; undefined where it is none: the API takes the standard alphabet with its padding. */
export function fromBase64(text: string): Buffer | undefined {
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  const bytes = Buffer.from(text, 'base64');
  // What is no base64 is passed over in decoding, and leaves fewer bytes.
  const isWhole = text.length % 4 === 0 && bytes.length === (text.length / 4) * 3 - padding;
  return isWhole && !/[-_]/.test(text) ? bytes : undefined;
}
