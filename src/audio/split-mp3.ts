import { type AudioPart, isWithin, type PartLimits, partName, type SplitRequest } from './audio-part.ts';
import { ByteWindow } from './byte-window.ts';
import { filePieces } from './file-pieces.ts';
import { type LeadIn, MainData } from './main-data.ts';
import { type Mp3Frame, mp3Frames } from './mp3-frames.ts';
import { type LeftOut, type Mp3Info, makeMp3Info, mp3Info } from './mp3-info.ts';

/**
 * Parts of an MP3, cut between frames. Before its first frame each has what that one needs to decode as it does in the
 * whole (`MainData`), and a frame that tells players to leave that out, as they leave out what an encoder adds at the
 * start: FFmpeg, mpg123, browsers and Apple's do. Played one after the other the parts give the samples of the whole.
 * Times are those that such players count. Tags and what is no frame at both ends are left out.
 * @returns none where it has no frames
 */
export async function splitMp3(request: SplitRequest): Promise<readonly AudioPart[]> {
  const mainData = new MainData();
  const parts: Mp3Part[] = [];
  let info: Mp3Info | undefined;
  let isFirst = true;
  for await (const frame of mp3Frames(new ByteWindow(filePieces(request, 0, request.size)))) {
    if (isFirst) {
      isFirst = false;
      info = mp3Info(frame);
      if (info !== undefined) continue;
    }
    if (parts.at(-1)?.takes(frame, request.limits) !== true) {
      parts.push(new Mp3Part(frame, parts.length === 0 ? undefined : mainData.leadIn(), info));
    }
    parts.at(-1)?.add(frame);
    mainData.pass(frame);
  }
  return finished(request, parts, info?.leftOut ?? { start: 0, end: 0 });
}

function finished(request: SplitRequest, parts: readonly Mp3Part[], leftOut: LeftOut): AudioPart[] {
  let start = 0;
  return parts.map((part, index) => {
    const isLast = index === parts.length - 1;
    const ends = { start: index === 0 ? leftOut.start : 0, end: isLast ? leftOut.end : 0 };
    const made = part.finish(request, index + 1, start, ends);
    start += made.seconds;
    return made;
  });
}

/** A part that frames are added to. */
class Mp3Part {
  /** The first frame. */
  readonly #like: Pick<Mp3Frame, 'bytes' | 'header'>;
  readonly #leadIn: LeadIn | undefined;
  /** Of the whole: the first part tells what it tells, and nothing where it told nothing. */
  readonly #info: Mp3Info | undefined;
  readonly #headBytes: number;
  /** Bytes from the start of the file. */
  readonly #from: number;
  #to: number;
  #frames = 0;
  /** Of the frames, without what leads in. */
  #seconds = 0;

  constructor(first: Mp3Frame, leadIn: LeadIn | undefined, info: Mp3Info | undefined) {
    const { bytes, header, offset } = first;
    // Its own few bytes, not the piece of the file that they are in.
    this.#like = { bytes: Buffer.from(bytes.subarray(0, 4)), header };
    this.#leadIn = leadIn;
    this.#info = info;
    this.#from = leadIn?.from ?? offset;
    this.#to = offset;
    this.#headBytes = this.#head(0, undefined).length;
  }

  /** Whether it keeps to the limits with one more frame, also for a reader that leaves nothing out. */
  takes({ offset, bytes, header }: Mp3Frame, limits: PartLimits): boolean {
    // The frame of information may be taken for one with sound.
    const ahead = (this.#leadIn?.frames ?? 0) + 1;
    return isWithin(limits, {
      bytes: this.#headBytes + offset + bytes.length - this.#from,
      seconds: this.#seconds + ((ahead + 1) * header.samples) / header.sampleRate,
    });
  }

  add({ offset, bytes, header }: Mp3Frame): void {
    this.#to = offset + bytes.length;
    this.#frames += 1;
    this.#seconds += header.samples / header.sampleRate;
  }

  /** What is before the frames of the file: always as long. @param size bytes of the part */
  #head(size: number, ends: LeftOut | undefined): Buffer {
    const leadIn = this.#leadIn;
    if (leadIn !== undefined) {
      const leftOut = { start: leadIn.samples, end: ends?.end ?? 0 };
      const info = makeMp3Info(this.#like, { frames: this.#frames + leadIn.frames, bytes: size, leftOut });
      return Buffer.concat([info, leadIn.silent]);
    }
    if (this.#info === undefined) return Buffer.alloc(0);
    const leftOut = this.#info.leftOut === undefined ? undefined : ends;
    return makeMp3Info(this.#like, { frames: this.#frames, bytes: size, leftOut });
  }

  /**
   * @param start seconds
   * @param ends what players leave out of the frames
   */
  finish(request: SplitRequest, number: number, start: number, ends: LeftOut): AudioPart {
    const [from, to] = [this.#from, this.#to];
    const bytes = this.#headBytes + to - from;
    const head = this.#head(bytes, ends);
    return {
      start,
      seconds: this.#seconds - (ends.start + ends.end) / this.#like.header.sampleRate,
      bytes,
      type: 'audio/mpeg',
      name: partName(request.name, number, 'mp3'),
      async *open() {
        yield head;
        yield* filePieces(request, from, to);
      },
    };
  }
}
