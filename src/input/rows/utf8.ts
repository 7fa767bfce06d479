import { Failure, usageError } from '../../errors.ts';
import { decodeUtf8 } from '../text.ts';
import type { RowProblem } from './row.ts';

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Byte order marks. */
const UTF8_MARK = [0xef, 0xbb, 0xbf];
const UTF16_MARKS = [
  [0xff, 0xfe],
  [0xfe, 0xff],
];

/** Bytes as text; a byte order mark stays. Gives what is wrong with them where they are no UTF-8. */
export function rowText(bytes: Uint8Array): string | RowProblem {
  try {
    return UTF8.decode(bytes);
  } catch {
    return { problem: whyNotUtf8(bytes) };
  }
}

function whyNotUtf8(bytes: Uint8Array): string {
  try {
    decodeUtf8(bytes, '');
  } catch (error) {
    if (error instanceof Failure) return error.message.trimStart();
    throw error;
  }
  throw new Error('bytes are UTF-8 after all');
}

/**
 * The pieces without the byte order mark before the first.
 * @param name whose bytes they are, for the error
 * @throws Failure (usage) where the mark is that of UTF-16, in which no line could be found
 */
export async function* withoutMark(
  pieces: AsyncIterable<Uint8Array>,
  name: string,
): AsyncGenerator<Uint8Array, void, undefined> {
  let start: Uint8Array | undefined = new Uint8Array();
  for await (const piece of pieces) {
    if (start === undefined) {
      yield piece;
      continue;
    }
    start = Buffer.concat([start, piece]);
    // A pipe may give a short line and then nothing for long: only what may become a mark is waited for.
    if (mayBecomeMark(start)) continue;
    yield afterMark(start, name);
    start = undefined;
  }
  if (start !== undefined) yield afterMark(start, name);
}

function mayBecomeMark(start: Uint8Array): boolean {
  return [UTF8_MARK, ...UTF16_MARKS].some(
    (mark) => start.length < mark.length && start.every((byte, index) => byte === mark[index]),
  );
}

function afterMark(start: Uint8Array, name: string): Uint8Array {
  const begins = (mark: readonly number[]) => mark.every((byte, index) => start[index] === byte);
  if (UTF16_MARKS.some(begins)) {
    throw usageError(
      `${name} is UTF-16, and rows are read as UTF-8`,
      'convert it first: iconv -f utf-16 -t utf-8',
    );
  }
  return begins(UTF8_MARK) ? start.subarray(UTF8_MARK.length) : start;
}
