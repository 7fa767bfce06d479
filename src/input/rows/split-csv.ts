import { HeldBytes } from './held-bytes.ts';
import type { RowPlace } from './row.ts';

/** A record of CSV as it stands in the input, its fields not yet taken apart. */
export interface CsvRecord extends Pick<RowPlace, 'line'> {
  /** Without its line break; they stay what they are until the next step. Undefined: more than a row may have. */
  readonly bytes: Uint8Array | undefined;
  /** Something stands between a closing quotation mark and the next field. */
  readonly misquoted: boolean;
  /** The input ends inside a quoted field. */
  readonly unclosed: boolean;
}

const LF = 0x0a;
const CR = 0x0d;
const QUOTE = 0x22;

/** Where in a field a byte stands. */
type Place = 'start' | 'plain' | 'quoted' | 'after quote';

/**
 * Splits CSV (RFC 4180) into records. A quotation mark opens a quoted field only where a field begins; elsewhere it
 * is a mark like any other. A record ends at LF, CRLF or CR outside of quoted fields. Memory is bounded by the size of
 * one piece and `MOST_ROW_BYTES`.
 */
export class CsvSplitter {
  #delimiters = new Set<number>();
  /** By byte: 1 for what may end or begin something. Most bytes do not, and are passed over. */
  #special = new Uint8Array(256);
  readonly #held = new HeldBytes();
  #place: Place = 'start';
  #misquoted = false;
  /** The line on which the next byte stands, and that on which the record began. */
  #line = 1;
  #begin = 1;
  #afterCr = false;

  /** @param delimiters characters of ASCII that end a field: all that may, until the header tells which does */
  constructor(delimiters: string) {
    this.delimiters = delimiters;
  }

  set delimiters(delimiters: string) {
    this.#delimiters = new Set(Buffer.from(delimiters));
    this.#special = new Uint8Array(256);
    for (const byte of [LF, CR, QUOTE, ...this.#delimiters]) this.#special[byte] = 1;
  }

  *push(piece: Uint8Array): Generator<CsvRecord, void, undefined> {
    let start = 0;
    for (let at = 0; at < piece.length; at += 1) {
      const byte = piece[at] ?? 0;
      if (this.#special[byte] === 0 && (this.#place === 'plain' || this.#place === 'quoted')) {
        this.#afterCr = false;
        continue;
      }
      const endsCrlf = byte === LF && this.#afterCr;
      this.#afterCr = byte === CR;
      if (this.#place === 'quoted') {
        if (byte === QUOTE) this.#place = 'after quote';
        else if (isBreak(byte) && !endsCrlf) this.#line += 1;
      } else if (endsCrlf) {
        start = at + 1;
      } else if (isBreak(byte)) {
        yield this.#end(piece.subarray(start, at));
        start = at + 1;
      } else {
        this.#step(byte);
      }
    }
    this.#held.add(piece.subarray(start));
  }

  /** The last record, where no line break ends it. */
  *end(): Generator<CsvRecord, void, undefined> {
    if (!this.#held.isEmpty) yield this.#end(new Uint8Array());
  }

  /** A byte outside of quoted fields that is no line break. */
  #step(byte: number): void {
    if (this.#delimiters.has(byte)) this.#place = 'start';
    else if (byte === QUOTE && this.#place !== 'plain') this.#place = 'quoted';
    else {
      this.#misquoted ||= this.#place === 'after quote';
      this.#place = 'plain';
    }
  }

  #end(last: Uint8Array): CsvRecord {
    const record = {
      line: this.#begin,
      bytes: this.#held.take(last),
      misquoted: this.#misquoted,
      unclosed: this.#place === 'quoted',
    };
    this.#line += 1;
    this.#begin = this.#line;
    this.#place = 'start';
    this.#misquoted = false;
    return record;
  }
}

function isBreak(byte: number): boolean {
  return byte === LF || byte === CR;
}
