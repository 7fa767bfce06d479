import { describe, expect, it } from 'vitest';
import { ByteWindow } from '../../src/audio/byte-window.ts';
import { encodeMp3 } from '../../src/audio/mp3-encoder.ts';
import { mp3Frames, mp3Header } from '../../src/audio/mp3-frames.ts';
import { makeMp3Info, mp3Info } from '../../src/audio/mp3-info.ts';
import { decodeMp3 } from '../support/decode-audio.ts';
import { toneMp3 } from './fixtures.ts';
import { collect, noise, pieces } from './sounds.ts';

const header = (hex: string) => mp3Header(Buffer.from(hex, 'hex'));

async function framesOf(bytes: Uint8Array, size?: number) {
  const frames = [];
  for await (const frame of mp3Frames(new ByteWindow(pieces(bytes, size)))) frames.push(frame);
  return frames;
}

describe('the header of a frame', () => {
  // Lengths are those of ISO 11172-3: 144 times the bitrate by the sample rate; half of that in layer III of MPEG-2.
  it.each([
    ['fffb9064', { version: 1, layer: 3, sampleRate: 44_100, channels: 2, samples: 1152, length: 417 }],
    ['fffb9264', { length: 418 }],
    ['fffb9464', { sampleRate: 48_000, length: 384 }],
    ['fffbe8c4', { sampleRate: 32_000, channels: 1, length: 1440 }],
    ['fffb10c4', { length: 104 }],
    ['fffd9064', { layer: 2, samples: 1152, length: 522 }],
    ['fff384c4', { version: 2, layer: 3, sampleRate: 24_000, samples: 576, length: 192 }],
    ['fff38064', { sampleRate: 22_050, length: 208 }],
    ['fff588c4', { layer: 2, samples: 1152, sampleRate: 16_000, length: 576 }],
    ['ffe338c4', { version: 2.5, layer: 3, sampleRate: 8000, samples: 576, length: 216 }],
    ['ffe330c4', { sampleRate: 11_025, length: 156 }],
  ])('%s is read', (hex, facts) => {
    expect(header(hex)).toMatchObject(facts);
  });

  it.each([
    ['fffb9064', 4, 36],
    ['fffa9064', 6, 38],
    ['fffb90c4', 4, 21],
    ['fff384c4', 4, 13],
    ['fff38464', 4, 21],
  ])('%s has its side information at %i, its main data at %i', (hex, sideInfoAt, mainDataAt) => {
    expect(header(hex)).toMatchObject({ sideInfoAt, mainDataAt });
  });

  it.each([
    ['a free bitrate', 'fffb0064'],
    ['a bitrate that is none', 'fffbf064'],
    ['a sample rate that is none', 'fffb9c64'],
    ['a version that is none', 'ffeb9064'],
    ['no layer', 'fff99064'],
    ['an emphasis that is none', 'fffb9066'],
    ['no sync', 'ff1b9064'],
    ['three bytes', 'fffb90'],
    ['the start of UTF-16 text', 'fffe6800'],
  ])('is none: %s', (_, hex) => {
    expect(header(hex)).toBeUndefined();
  });
});

describe('the frames of an MP3', () => {
  it('are all that an independent decoder finds', async () => {
    const mp3 = await collect(encodeMp3(pieces(noise(20_000)), 24_000));
    const frames = await framesOf(mp3);
    expect(frames.length * 576).toBe((await decodeMp3(mp3)).count);
    expect(Buffer.concat(frames.map(({ bytes }) => bytes))).toEqual(mp3);
    let offset = 0;
    for (const frame of frames) {
      expect(frame.offset).toBe(offset);
      offset += frame.bytes.length;
    }
  });

  it('are the same wherever the pieces end', async () => {
    const whole = (await framesOf(toneMp3)).map(({ bytes }) => bytes);
    expect(whole).toHaveLength(18);
    for (let size = 1; size < 200; size++) {
      expect((await framesOf(toneMp3, size)).map(({ bytes }) => bytes)).toEqual(whole);
    }
  });

  it('are found again after what is none, in which there is what looks like one', async () => {
    const mp3 = await collect(encodeMp3(pieces(noise(5000)), 24_000));
    const junk = Buffer.from(`${'fff384c4'.repeat(3)}00ffff`, 'hex');
    const cut = mp3.subarray(0, 5 * 192 - 50);
    const frames = await framesOf(Buffer.concat([junk, cut, junk, mp3]));
    // The fifth of the cut ones may take what follows for its end; nothing after it is lost.
    expect(frames.length - mp3.length / 192).toBeGreaterThanOrEqual(3);
    expect(Buffer.concat(frames.slice(-5).map(({ bytes }) => bytes))).toEqual(mp3.subarray(-5 * 192));
  });

  it.each([
    ['nothing', ''],
    ['text', 'ÿû is no sync, nor is this '.repeat(100)],
    ['a header alone', '\xff\xfb\x90\x64'],
    ['a frame that breaks off', `\xff\xfb\x90\x64${'\0'.repeat(400)}`],
    ['a header and text', `\xff\xfb\x90\x64${'hello '.repeat(200)}`],
  ])('are none: %s', async (_, text) => {
    expect(await framesOf(Buffer.from(text, 'latin1'))).toEqual([]);
  });

  it('are none in noise', async () => {
    expect(await framesOf(noise(200_000, 1))).toEqual([]);
  });
});

describe('the frame of information', () => {
  it("is read as FFmpeg writes LAME's", async () => {
    const [first, second] = await framesOf(toneMp3);
    if (first === undefined || second === undefined) throw new Error('no frames');
    // 576 samples of the encoder and 529 of the decoder; at the end nothing of 48.
    expect(mp3Info(first)).toEqual({ leftOut: { start: 1105, end: 287 } });
    expect(mp3Info(second)).toBeUndefined();
  });

  it('is made so that an independent decoder leaves out what it says, and no more', async () => {
    const mp3 = await collect(encodeMp3(pieces(noise(20_000)), 24_000));
    const [like, ...rest] = await framesOf(mp3);
    if (like === undefined) throw new Error('no frames');
    const frames = rest.length + 1;
    const whole = await decodeMp3(mp3);
    for (const leftOut of [
      { start: 529, end: 0 },
      { start: 1152, end: 0 },
      { start: 1105, end: 1000 },
      { start: 2304, end: 1 },
    ]) {
      const made = makeMp3Info(like, { frames, bytes: mp3.length, leftOut });
      const header = mp3Header(made);
      if (header === undefined) throw new Error('no header');
      expect(mp3Info({ bytes: made, header })).toEqual({ leftOut });
      const told = await decodeMp3(Buffer.concat([made, mp3]), { gapless: true });
      expect(told.samples).toEqual(whole.samples.subarray(leftOut.start, whole.count - leftOut.end));
    }
  });
});
