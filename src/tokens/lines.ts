import { usageError } from '../errors.ts';

/**
 * The lines of a text that comes in pieces, without their ends; none after the last line break.
 * @param name whose text it is, for the error
 * @throws Failure (usage) where it is not UTF-8
 */
export async function* linesOf(pieces: AsyncIterable<Uint8Array>, name: string): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const decode = (piece?: Uint8Array) => {
    try {
      return piece === undefined ? decoder.decode() : decoder.decode(piece, { stream: true });
    } catch (error) {
      throw usageError(
        `${name} is not UTF-8 text`,
        'if it is text, convert it first: iconv -f latin1 -t utf-8',
        error,
      );
    }
  };
  let rest: string[] = [];
  for await (const piece of pieces) {
    const [first = '', ...lines] = decode(piece).split('\n');
    rest.push(first);
    for (const line of lines) {
      yield withoutReturn(rest.join(''));
      rest = [line];
    }
  }
  const last = [...rest, decode()].join('');
  if (last !== '') yield withoutReturn(last);
}

function withoutReturn(line: string): string {
  return line.endsWith('\r') ? line.slice(0, -1) : line;
}
