import { Failure } from '../../errors.ts';
import { type JsonObject, objectIn } from '../../json.ts';
import { RecordSplitter } from './split-records.ts';
import { rowText } from './utf8.ts';

/** Where a line stands in a file, in bytes, without its line break. */
export interface LinePlace {
  readonly offset: number;
  readonly length: number;
}

/** A line of a file of JSON Lines. */
export interface PlacedLine {
  /** From 1 on. */
  readonly number: number;
  readonly place: LinePlace;
  /** Undefined where it is no JSON object: it was cut, for one. */
  readonly value: JsonObject | undefined;
}

/** Bytes of a line: an answer may hold several images. */
const MOST_LINE_BYTES = 256 * 1024 ** 2;

const LINE_FEED = 0x0a;

/**
 * The lines of a file of JSON Lines that are not blank, each with its place, as its pieces come.
 * @param name what errors call the file
 * @throws Failure (network) on a line that is too long; what the pieces throw
 */
export async function* placedLines(
  pieces: AsyncIterable<Uint8Array>,
  name: string,
): AsyncGenerator<PlacedLine> {
  const splitter = new RecordSplitter(LINE_FEED, MOST_LINE_BYTES);
  let offset = 0;
  const placed = function* (records: ReturnType<RecordSplitter['push']>): Generator<PlacedLine> {
    for (const { number, bytes } of records) {
      if (bytes === undefined) {
        const most = MOST_LINE_BYTES / 1024 ** 2;
        throw new Failure('network', `line ${number} of ${name} has more than ${most} MB`);
      }
      const place = { offset, length: bytes.length };
      offset += bytes.length + 1;
      const text = rowText(bytes);
      if (typeof text === 'string' && text.trim() === '') continue;
      yield { number, place, value: typeof text === 'string' ? objectIn(text) : undefined };
    }
  };
  for await (const piece of pieces) yield* placed(splitter.push(piece));
  yield* placed(splitter.end());
}
