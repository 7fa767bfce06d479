import type { ByteWindow } from './byte-window.ts';
import { TAG_START_BYTES, tagLength } from './tags.ts';

/** What the header of a frame must tell for a walk from one to the next. */
export interface FrameHeader {
  /** Bytes of the whole frame, its header included. */
  readonly length: number;
  /** Samples of each channel that it decodes to. */
  readonly samples: number;
  /** Hz. */
  readonly sampleRate: number;
  readonly channels: number;
}

/** A stream of frames, each of which begins with a sync word: MPEG audio, ADTS. */
export interface FrameFormat<H extends FrameHeader> {
  /** Bytes that `read` looks at. */
  readonly headerBytes: number;
  /** @returns undefined where no frame begins */
  read(bytes: Buffer, at: number): H | undefined;
  /** Whether two headers can be of the same stream. */
  agree(a: H, b: H): boolean;
}

export interface Frame<H extends FrameHeader> {
  readonly header: H;
  /** Bytes from the start of the whole. */
  readonly offset: number;
  readonly bytes: Buffer;
}

/**
 * The whole frames of a stream in order. Tags and what else is no frame are passed over; a frame that breaks off at
 * the end is left out, as decoders do. A sync word alone is found in any data: after a gap a frame counts when a second
 * one, a tag or the end follows on it.
 * @param onBroken told where the last frame breaks off
 */
export async function* syncFrames<H extends FrameHeader>(
  window: ByteWindow,
  format: FrameFormat<H>,
  onBroken: () => void = () => {},
): AsyncGenerator<Frame<H>, void, undefined> {
  /** The frame that the next one must follow on; undefined where what is ahead is no frame. */
  let last: H | undefined;
  const ahead = Math.max(format.headerBytes, TAG_START_BYTES);
  while ((await window.reach(ahead)) || window.ahead.length > 0) {
    const tag = tagLength(window.ahead);
    if (tag > 0) {
      await window.skip(tag);
      continue;
    }
    const header = format.read(window.ahead, 0);
    if (header !== undefined) await window.reach(header.length + ahead);
    if (header === undefined || !isFrame(window.ahead, header, format, last !== undefined)) {
      if (last !== undefined && breaksOff(window.ahead, last, format)) onBroken();
      last = undefined;
      const next = window.ahead.indexOf(0xff, 1);
      window.take(next === -1 ? window.ahead.length : next);
      continue;
    }
    last = header;
    const { offset } = window;
    yield { header, offset, bytes: window.take(header.length) };
  }
}

function isFrame<H extends FrameHeader>(
  bytes: Buffer,
  header: H,
  format: FrameFormat<H>,
  inStep: boolean,
): boolean {
  return bytes.length >= header.length && (inStep || isConfirmed(bytes, header, format));
}

/** Whether all that is left, right behind a frame, is the start of another one. */
function breaksOff<H extends FrameHeader>(rest: Buffer, last: H, format: FrameFormat<H>): boolean {
  if (rest.length < format.headerBytes) return rest.readUInt8(0) === 0xff;
  const header = format.read(rest, 0);
  return header !== undefined && format.agree(last, header) && rest.length < header.length;
}

/** Whether something that belongs there follows on a frame at the start of the bytes. */
export function isConfirmed<H extends FrameHeader>(
  bytes: Buffer,
  header: H,
  format: FrameFormat<H>,
): boolean {
  if (bytes.length === header.length || tagLength(bytes, header.length) > 0) return true;
  const next = format.read(bytes, header.length);
  return next !== undefined && format.agree(header, next);
}
