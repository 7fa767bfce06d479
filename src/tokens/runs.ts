/**
 * Runs of one kind of characters that are this long come in no text that people write. The time that an encoding takes
 * grows with the square of a run, so that it is cut here, at the price of a token or two.
 */
const RUN = /(\p{L}{1000}|\s{1000}|[^\s\p{L}\p{N}]{1000})/u;

/** A text in pieces that can be encoded one after the other, in a time that grows with the text. */
export function withoutRuns(text: string): string[] {
  return text.split(RUN).filter((piece) => piece !== '');
}
