import { adtsFormat } from './adts-frames.ts';
import { ByteWindow } from './byte-window.ts';
import { type Mp3Header, mp3Format } from './mp3-frames.ts';
import { mp3Info } from './mp3-info.ts';
import { Agreement, BROKEN_FRAME, badPart, type Joined, NO_SOUND, type SpeechPart } from './speech-parts.ts';
import { type Frame, type FrameFormat, type FrameHeader, syncFrames } from './sync-frames.ts';

/**
 * The frames of all parts: without tags, and without the frames in which encoders tell of one part what is not true
 * of the whole, its length for one. The first frame of each part needs none before it, as it does not in the part.
 */
export function joinMp3(parts: AsyncIterable<SpeechPart>): Joined {
  const isSound = (frame: Frame<Mp3Header>) => mp3Info(frame) === undefined;
  return { bytes: frames(parts, mp3Format, 'MP3', isSound), patch: () => undefined };
}

/** The frames of all parts, in ADTS. */
export function joinAac(parts: AsyncIterable<SpeechPart>): Joined {
  return { bytes: frames(parts, adtsFormat, 'AAC', () => true), patch: () => undefined };
}

async function* frames<H extends FrameHeader>(
  parts: AsyncIterable<SpeechPart>,
  format: FrameFormat<H>,
  formatName: string,
  isSound: (frame: Frame<H>) => boolean,
) {
  const agreement = new Agreement();
  for await (const part of parts) {
    const window = new ByteWindow(part.bytes);
    let found = false;
    let hasSound = false;
    let isBroken = false;
    try {
      const all = syncFrames(window, format, () => {
        isBroken = true;
      });
      for await (const frame of all) {
        found = true;
        if (!isSound(frame)) continue;
        hasSound = true;
        agreement.check(part, { channels: frame.header.channels, Hz: frame.header.sampleRate });
        yield frame.bytes;
      }
    } finally {
      await window.close();
    }
    if (!found) throw badPart(part, `is no ${formatName}`);
    if (isBroken) throw badPart(part, BROKEN_FRAME);
    if (!hasSound) throw badPart(part, NO_SOUND);
  }
}
