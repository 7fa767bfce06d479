import { crc16 } from '../audio/crc.ts';

/*
 * How the sandbox's speech carries its text: each word begins with a burst of tones, as a modem would send it, and
 * goes on as a hum for as long as it takes to say. Two symbols of one tone each say that a burst begins and where; then
 * each symbol is a byte: one of sixteen low tones for its upper half, with one of sixteen high tones for its lower half.
 * The tones are far enough apart, and symbols long enough, to survive LAME at 64 kbit/s.
 */

/** Seconds. */
export const SYMBOL_SECONDS = 0.008;

/** Tones are told by their cycles in a symbol, 125 Hz each: a whole number of them, so that none sounds like another. */
export const SYNC_TONES: readonly [first: number, second: number] = [6, 4];
const LOW_TONE = 7;
const HIGH_TONE = 23;
const TONES = 16;

/** The two tones of a byte. */
export function tonesOf(byte: number): [low: number, high: number] {
  return [LOW_TONE + (byte >> 4), HIGH_TONE + (byte & 15)];
}

/** The byte whose tones are the loudest. @param power of a tone */
export function byteOf(power: (tone: number) => number): number {
  const loudest = (from: number) => {
    let [best, most] = [0, -1];
    for (let index = 0; index < TONES; index += 1) {
      const value = power(from + index);
      if (value > most) [best, most] = [index, value];
    }
    return best;
  };
  return loudest(LOW_TONE) * 16 + loudest(HIGH_TONE);
}

/** A piece of a text: a word, or a part of a long one. */
export interface SpokenPiece {
  /** With the white space that follows on it; the first one also with what is before it. */
  readonly text: string;
  /** It goes on with the word of the piece before. */
  readonly continues: boolean;
  /** The text ends here. What comes after it, if anything, is another text. */
  readonly last: boolean;
}

/** The most bytes of UTF-8 that a burst has room for. */
export const MAX_TEXT_BYTES = 63;
const CHECK_BYTES = 2;
/** A burst is never longer, in symbols. */
export const MAX_SYMBOLS = SYNC_TONES.length + 1 + MAX_TEXT_BYTES + CHECK_BYTES;

const CONTINUES = 0x80;
const LAST = 0x40;

/** The bytes of a burst: flags and length, the text, a checksum. */
export function burstBytes({ text, continues, last }: SpokenPiece): Uint8Array {
  const bytes = Buffer.from(text);
  const head = (continues ? CONTINUES : 0) | (last ? LAST : 0) | bytes.length;
  const body = Buffer.concat([Buffer.from([head]), bytes]);
  const sum = crc16(body);
  return Buffer.concat([body, Buffer.from([sum >> 8, sum & 0xff])]);
}

/** How many bytes a burst has. @param head its first byte */
export function burstLength(head: number): number {
  return 1 + (head & MAX_TEXT_BYTES) + CHECK_BYTES;
}

/** The reverse of `burstBytes`. @returns undefined where the checksum is not right */
export function readBurst(bytes: Uint8Array): SpokenPiece | undefined {
  const [head = 0] = bytes;
  const body = bytes.subarray(0, -CHECK_BYTES);
  if (bytes.length !== burstLength(head) || crc16(bytes) !== 0 || body.length === 1) return undefined;
  const text = Buffer.from(body.subarray(1)).toString();
  return { text, continues: (head & CONTINUES) !== 0, last: (head & LAST) !== 0 };
}
