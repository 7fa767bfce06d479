import type { Mp3Frame } from './mp3-frames.ts';
import { silentFrame } from './mp3-info.ts';

/** What must be before a frame for it to decode as it does where it was. */
export interface LeadIn {
  /** A frame that comes first, and holds what the next one borrows. */
  readonly silent: Buffer;
  /** Where the frames come from that are next. Bytes from the start of the whole. */
  readonly from: number;
  /** How many all of these are, and their samples. */
  readonly frames: number;
  readonly samples: number;
}

/**
 * Frames of layer III borrow from those before: the main data of a frame may begin up to 511 bytes earlier, in what the
 * frames before had no use for (ISO 11172-3, section 2.4.3.4: `main_data_begin`). And their sound runs over into the
 * next: a granule of 576 samples overlaps with the one before, and the filters look back over 480 samples more. A file
 * that begins with just any frame begins with noise, or with nothing, by the decoder.
 */
export class MainData {
  /** The frames before: two granules of them, of which MPEG-1 has two to a frame, MPEG-2 one. */
  #before: readonly Mp3Frame[] = [];
  /** The main data of the frames before those, in order: as many as can be borrowed. */
  #lent: readonly Buffer[] = [];

  /** Takes note of a frame that is passed. */
  pass(frame: Mp3Frame): void {
    const [first, ...others] = this.#before;
    if (first === undefined || this.#before.length < framesOfTwoGranules(frame)) {
      this.#before = [...this.#before, frame];
    } else {
      this.#lend(first);
      this.#before = [...others, frame];
    }
  }

  #lend({ bytes, header }: Mp3Frame): void {
    const all = [...this.#lent, bytes.subarray(header.mainDataAt)];
    let length = 0;
    let first = all.length;
    while (first > 0 && length < MOST_BORROWED) {
      first -= 1;
      length += all[first]?.length ?? 0;
    }
    this.#lent = all.slice(first);
  }

  /** @returns what must be before the frame that comes next; undefined where nothing was before */
  leadIn(): LeadIn | undefined {
    const [first] = this.#before;
    if (first === undefined || first.header.layer !== 3) return undefined;
    const borrowed = borrowedBytes(first);
    const lent = Buffer.concat(this.#lent);
    const needed = lent.subarray(Math.max(lent.length - borrowed, 0));
    const { frame: silent } = silentFrame(first, borrowed);
    needed.copy(silent, silent.length - needed.length);
    const frames = this.#before.length + 1;
    return { silent, from: first.offset, frames, samples: frames * first.header.samples };
  }
}

const MOST_BORROWED = 511;

function framesOfTwoGranules({ header }: Mp3Frame): number {
  return header.version === 1 ? 1 : 2;
}

/** The first nine bits of the side information; eight in MPEG-2 (ISO 13818-3, section 2.4.1.7). */
function borrowedBytes({ bytes, header }: Mp3Frame): number {
  const at = header.sideInfoAt;
  return header.version === 1 ? bytes.readUInt16BE(at) >> 7 : bytes.readUInt8(at);
}
