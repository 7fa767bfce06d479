import { open, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BufferSource, EncodedPacketSink, FLAC, Input } from 'mediabunny';
import { describe, expect, it } from 'vitest';
import { encodeMp3 } from '../../src/audio/mp3-encoder.ts';
import { type AudioPart, type PartLimits, splitAudio } from '../../src/audio/split.ts';
import { Stopped } from '../../src/errors.ts';
import { readAudioInfo } from '../../src/input/audio-kind.ts';
import { decodeMp3 } from '../support/decode-audio.ts';
import { temporaryFolder } from '../support/folder.ts';
import { toneAac, toneFlac, toneM4a, toneMp3, toneOpus, toneWebm } from './fixtures.ts';
import { chunk, collect, digest, noise, pieces, tone, type WavOptions, wav } from './sounds.ts';

const never = new AbortController().signal;

/** Splits a file where there is no FFmpeg. @param limits bytes, or more of them */
async function splitFile(path: string, name: string, limits: number | PartLimits, signal = never) {
  const all = typeof limits === 'number' ? { bytes: limits } : limits;
  const { parts, dispose } = await splitAudio(path, name, all, { signal, env: {} });
  await dispose();
  return parts;
}

/** Writes a file and splits it. */
async function split(
  bytes: Uint8Array,
  limits: number | PartLimits,
  name = 'talk.bin',
): Promise<readonly AudioPart[]> {
  const path = join(await temporaryFolder(), 'talk');
  await writeFile(path, bytes);
  return splitFile(path, name, limits);
}

/** The files that the parts are; each is read twice, as for a second try. */
async function files(parts: readonly AudioPart[], limit: number): Promise<Buffer[]> {
  const all: Buffer[] = [];
  for (const part of parts) {
    const file = await collect(part.open());
    expect(digest(await collect(part.open()))).toBe(digest(file));
    expect(file.length).toBe(part.bytes);
    expect(file.length).toBeLessThan(limit);
    all.push(file);
  }
  return all;
}

/** Each part begins where the one before ends, to a tenth of a millisecond. */
function expectSeamless(parts: readonly AudioPart[], seconds: number): void {
  let start = 0;
  for (const part of parts) {
    expect(part.start).toBeCloseTo(start, 4);
    start += part.seconds;
  }
  expect(start).toBeCloseTo(seconds, 4);
}

describe('a WAV', () => {
  /** The samples of a file that is nothing but a header of 44 bytes and them. */
  function samplesOf(file: Buffer, options: WavOptions): Buffer {
    const padding = file.readUInt32LE(40) % 2;
    const samples = file.subarray(44, file.length - padding);
    expect(digest(file)).toBe(digest(wav(samples, options)));
    return samples;
  }

  it.each<[string, WavOptions]>([
    ['16 bits', {}],
    ['8 bits', { bits: 8, rate: 8000 }],
    ['24 bits, two channels', { bits: 24, channels: 2 }],
    ['32 bits', { bits: 32 }],
    ['float', { bits: 32, tag: 3 }],
    ['16 bits, six channels', { channels: 6 }],
    ['A-law', { bits: 8, tag: 6 }],
  ])('is split between samples: %s', async (_, options) => {
    const { channels = 1, bits = 16, rate = 24_000 } = options;
    const block = (channels * bits) / 8;
    const samples = noise(60_000).subarray(0, 120_000 - (120_000 % block));
    const parts = await split(wav(samples, options), 30_000);
    const found = (await files(parts, 30_000)).map((file) => samplesOf(file, options));
    expect(digest(Buffer.concat(found))).toBe(digest(samples));
    expect(parts.length).toBeGreaterThan(4);
    expectSeamless(parts, samples.length / block / rate);
    for (const [i, part] of parts.entries())
      expect(found[i]?.length).toBeCloseTo(part.seconds * rate * block, 6);
  });

  it('has a byte after an odd number of them', async () => {
    const options = { bits: 8, tag: 6, rate: 8000 };
    const samples = noise(5000).subarray(0, 9999);
    const parts = await split(wav(samples, options), 4001);
    const found = await files(parts, 4001);
    expect(found[0]?.readUInt32LE(40)).toBe(3955);
    expect(found[0]?.length).toBe(44 + 3955 + 1);
    expect(digest(Buffer.concat(found.map((file) => samplesOf(file, options))))).toBe(digest(samples));
  });

  it('is split where it is quiet', async () => {
    // Words of 0.4 s, each at another loudness, and pauses of 0.1 s: every half second, from 0.4 s on.
    const talk = Array.from({ length: 40 }, (_, i) => [
      tone(0.4, { level: 0.2 + (i % 7) / 10 }),
      tone(0.1, { level: 0.001 }),
    ]);
    const bytes = wav(Buffer.concat(talk.flat()));
    for (const limit of [100_000, 150_001, 333_333]) {
      const parts = await split(bytes, limit);
      await files(parts, limit);
      expect(parts.length).toBeGreaterThan(2);
      for (const { start } of parts.slice(1)) {
        const place = start % 0.5;
        expect(place).toBeGreaterThan(0.41);
        expect(place).toBeLessThan(0.49);
      }
      // And not much earlier than it must: a part is half as long as can be, at least.
      for (const part of parts.slice(0, -1)) expect(part.bytes).toBeGreaterThan(limit / 2 - 1000);
      expectSeamless(parts, 20);
    }
  });

  it('is split at the only pause there is, of other depths as well', async () => {
    const loud = tone(2, { rate: 8000 });
    const quiet = tone(0.08, { rate: 8000, level: 0.01 });
    const pcm = Buffer.concat([loud, quiet, loud]);
    const widened = Array.from({ length: pcm.length / 2 }, (_, i) => pcm.readInt16LE(i * 2));
    const at24 = Buffer.concat(
      widened.map((sample) => {
        const bytes = Buffer.alloc(3);
        bytes.writeIntLE(sample * 256, 0, 3);
        return bytes;
      }),
    );
    const at32 = Buffer.from(Int32Array.from(widened, (sample) => sample * 65_536).buffer);
    const floats = Buffer.from(Float32Array.from(widened, (sample) => sample / 32_768).buffer);
    for (const [samples, options] of [
      [pcm, {}],
      [at24, { bits: 24 }],
      [at32, { bits: 32 }],
      [floats, { bits: 32, tag: 3 }],
    ] as const) {
      const parts = await split(wav(samples, { rate: 8000, ...options }), samples.length * 0.7);
      expect(parts).toHaveLength(2);
      // The middle of 50 ms that lie in the pause.
      expect(parts[1]?.start).toBeGreaterThan(2.02);
      expect(parts[1]?.start).toBeLessThan(2.06);
    }
  });

  it('has parts named after it, with the type of a WAV', async () => {
    const parts = await split(wav(tone(1)), 20_000, 'talks/on air.wav');
    expect(parts.map(({ name }) => name)).toEqual(['on air-001.wav', 'on air-002.wav', 'on air-003.wav']);
    expect(parts.map(({ type }) => type)).toEqual(['audio/wav', 'audio/wav', 'audio/wav']);
  });

  it.each<[string, WavOptions]>([
    ['that was written into a pipe', { sizes: 0xffffffff }],
    ['that was written into a pipe by another program', { sizes: 0 }],
    ['that says it were longer', { sizes: 0x7fffffff }],
    [
      'with chunks before and after the samples',
      { before: chunk('LIST', Buffer.alloc(70_001)), after: chunk('id3 ', Buffer.alloc(999)) },
    ],
  ])('%s is split as well', async (_, options) => {
    const samples = noise(40_000);
    const parts = await split(wav(samples, options), 30_000);
    const found = await files(parts, 30_000);
    expect(digest(Buffer.concat(found.map((file) => samplesOf(file, {}))))).toBe(digest(samples));
    expectSeamless(parts, 40_000 / 24_000);
  });

  it('that ends in the middle of a sample loses half of it', async () => {
    const parts = await split(wav(noise(40_000)).subarray(0, -1), 30_000);
    expectSeamless(parts, 39_999 / 24_000);
  });

  it('of 200 MB takes little memory', async () => {
    const rate = 48_000;
    const seconds = 1092;
    const path = join(await temporaryFolder(), 'long.wav');
    const file = await open(path, 'w');
    const size = seconds * rate * 4;
    const header = wav(Buffer.alloc(0), { rate, channels: 2 });
    header.writeUInt32LE(size + 36, 4);
    header.writeUInt32LE(size, 40);
    await file.write(header, 0, 44, 0);
    // A tone every two minutes, at a time that the parts have to keep.
    const beep = tone(0.5, { rate: rate * 2 });
    for (let at = 60; at < seconds; at += 120) await file.write(beep, 0, beep.length, 44 + at * rate * 4);
    await file.truncate(44 + size);
    await file.close();

    const before = process.memoryUsage().rss;
    let most = 0;
    let sent = 0;
    const limit = 25 * 1024 * 1024;
    const beeps: number[] = [];
    for (const part of await splitFile(path, 'long.wav', limit)) {
      let at = -44;
      for await (const piece of part.open()) {
        most = Math.max(most, process.memoryUsage().rss - before);
        const buffer = Buffer.from(piece.buffer, piece.byteOffset, piece.length);
        const first = buffer.findIndex((byte, i) => at + i > 0 && byte !== 0);
        if (at >= 0 && first !== -1) {
          const time = part.start + (at + first) / (rate * 4);
          if (time - (beeps.at(-1) ?? 0) > 1) beeps.push(time);
        }
        at += piece.length;
      }
      sent += at;
      expect(at + 44).toBe(part.bytes);
      expect(part.bytes).toBeLessThan(limit);
    }
    expect(sent).toBe(size);
    expect(most / 1024 / 1024).toBeLessThan(60);
    expect(beeps).toHaveLength(9);
    for (const [i, time] of beeps.entries()) expect(time).toBeCloseTo(60 + i * 120, 2);
  });
});

describe('an MP3', () => {
  const limit = 12_000;

  it('is split into parts that decode, one after the other, to the samples of the whole', async () => {
    for (const rate of [24_000, 44_100]) {
      const mp3 = await collect(encodeMp3(pieces(noise(rate * 4)), rate));
      const parts = await split(mp3, limit, 'talk.mp3');
      expect(parts.length).toBeGreaterThan(2);
      const whole = await decodeMp3(mp3, { gapless: true });
      const decoded = await Promise.all(
        (await files(parts, limit)).map((file) => decodeMp3(file, { gapless: true })),
      );
      expectSameSound(
        decoded.flatMap(({ samples }) => [...samples]),
        [...whole.samples],
      );
      for (const [i, { count }] of decoded.entries()) expect(parts[i]?.seconds).toBeCloseTo(count / rate, 6);
      expectSeamless(parts, whole.count / rate);
    }
  });

  it('keeps the times that players count, who leave out what the encoder added', async () => {
    const tagged = Buffer.concat([toneMp3, Buffer.concat([Buffer.from('TAG'), Buffer.alloc(125)])]);
    const parts = await split(tagged, 1400, 'talk.mp3');
    const decoded = await Promise.all(
      (await files(parts, 1400)).map((file) => decodeMp3(file, { gapless: true })),
    );
    const whole = await decodeMp3(toneMp3, { gapless: true });
    expect(whole.count).toBe(8400);
    expect(parts.length).toBeGreaterThan(1);
    expectSameSound(
      decoded.flatMap(({ samples }) => [...samples]),
      [...whole.samples],
    );
    expectSeamless(parts, 0.35);
    expect(Buffer.concat(await files(parts, 1400)).toString('latin1')).not.toMatch(/ID3|TAG/);
  });

  it('has parts named after it, of a kind that is told by their bytes', async () => {
    const mp3 = await collect(encodeMp3(pieces(noise(48_000)), 24_000));
    const parts = await split(mp3, 10_000, 'talk.mpga');
    expect(parts.map(({ name, type }) => `${name} ${type}`)).toEqual([
      'talk-001.mp3 audio/mpeg',
      'talk-002.mp3 audio/mpeg',
    ]);
    for (const file of await files(parts, 10_000)) expect(readAudioInfo(file)?.kind).toBe('mp3');
  });

  it('of layer II is cut between frames', async () => {
    const frame = Buffer.alloc(576, 0x11);
    frame.writeUInt32BE(0xfff588c4, 0);
    const parts = await split(Buffer.concat(Array.from({ length: 20 }, () => frame)), 3000);
    expect(parts.map(({ bytes }) => bytes)).toEqual([2880, 2880, 2880, 2880]);
    expectSeamless(parts, (20 * 1152) / 16_000);
  });
});

/** Samples between -1 and 1 that differ by no more than the rounding of a decoder. */
function expectSameSound(found: readonly number[], expected: readonly number[]): void {
  expect(found.length).toBe(expected.length);
  const difference = found.reduce(
    (most, sample, i) => Math.max(most, Math.abs(sample - (expected[i] ?? 9))),
    0,
  );
  expect(difference).toBeLessThan(1e-6);
}

/** The frames of a FLAC as mediabunny finds them. */
async function flacFrames(bytes: Buffer) {
  const input = new Input({ formats: [FLAC], source: new BufferSource(bytes) });
  const track = await input.getPrimaryAudioTrack();
  if (track === null) throw new Error('no track');
  const frames: { samples: number; number: number; sound: Buffer }[] = [];
  for await (const { data, duration } of new EncodedPacketSink(track).packets()) {
    const frame = Buffer.from(data);
    // The header ends with the number (below 128), the size of the block where it is none of the common ones, and a
    // checksum; the frame with a checksum.
    const size = frame.readUInt8(2) >> 4;
    const headerBytes = 6 + (size === 6 ? 1 : size === 7 ? 2 : 0);
    const sound = frame.subarray(headerBytes, -2);
    frames.push({ samples: Math.round(duration * 8000), number: frame.readUInt8(4), sound });
  }
  return frames;
}

describe('a FLAC', () => {
  it('is split into streams of their own, of the frames of the whole', async () => {
    const parts = await split(toneFlac, 1000, 'talk.flac');
    const found = await files(parts, 1000);
    const whole = await flacFrames(toneFlac);
    const all = await Promise.all(found.map(flacFrames));
    expect(parts.length).toBeGreaterThan(3);
    expect(all.flat().map(({ sound }) => sound)).toEqual(whole.map(({ sound }) => sound));
    for (const [i, frames] of all.entries()) {
      expect(frames.map(({ number }) => number)).toEqual(frames.map((_, number) => number));
      const seconds = frames.reduce((sum, { samples }) => sum + samples, 0) / 8000;
      expect(parts[i]?.seconds).toBeCloseTo(seconds, 6);
      expect(readAudioInfo(found[i] ?? Buffer.alloc(0))).toEqual({
        kind: 'flac',
        seconds,
        problem: undefined,
      });
    }
    expectSeamless(parts, 0.35);
    expect(parts[1]).toMatchObject({ name: 'talk-002.flac', type: 'audio/flac' });
  });

  it('is split a second time', async () => {
    const [, second] = await split(toneFlac, 1500);
    if (second === undefined) throw new Error('one part');
    const again = await split(await collect(second.open()), 800);
    expectSeamless(again, second.seconds);
  });

  it('that was put together from two is split as one', async () => {
    // Metadata of 86 bytes, then the frames.
    const parts = await split(Buffer.concat([toneFlac, toneFlac.subarray(86)]), 1000);
    expectSeamless(parts, 0.7);
  });

  it('that is damaged is refused, wherever it is', async () => {
    const whole = await flacFrames(toneFlac);
    expect(toneFlac.readUInt16BE(86)).toBe(0xfff8);
    // The last one may be taken for one that breaks off.
    const lastAt = toneFlac.length - ((whole.at(-1)?.sound.length ?? 0) + 10);
    for (let at = 86; at < lastAt; at += 5) {
      const damaged = Buffer.from(toneFlac);
      damaged.writeUInt8(damaged.readUInt8(at) ^ 0x10, at);
      await expect(split(damaged, 1000), `byte ${at}`).rejects.toMatchObject({
        kind: 'usage',
        message: expect.stringMatching(/^talk\.bin is a FLAC that is damaged at byte \d+$/),
      });
    }
  });

  it('that breaks off is split up to there', async () => {
    const parts = await split(toneFlac.subarray(0, -1), 1000);
    expectSeamless(parts, (9 * 288) / 8000);
  });
});

describe('a limit of seconds', () => {
  const roomy = 10_000_000;

  it('is kept by the parts of a WAV', async () => {
    const bytes = wav(noise(24_000 * 4, 0.2), { rate: 24_000 });
    const parts = await split(bytes, { bytes: roomy, seconds: 1.5 });
    await files(parts, roomy);
    expect(parts.length).toBeGreaterThan(2);
    for (const { seconds } of parts) expect(seconds).toBeLessThanOrEqual(1.5);
    expectSeamless(parts, 4);
  });

  it('is kept by the parts of an MP3, as they are when nothing is left out of them', async () => {
    const mp3 = await collect(encodeMp3(pieces(noise(24_000 * 4)), 24_000));
    const parts = await split(mp3, { bytes: roomy, seconds: 1.5 });
    expect(parts).toHaveLength(3);
    for (const file of await files(parts, roomy)) {
      expect((await decodeMp3(file)).seconds).toBeLessThanOrEqual(1.5);
    }
    const { seconds } = await decodeMp3(mp3, { gapless: true });
    expectSeamless(parts, seconds);
  });

  it('is kept by the parts of a FLAC', async () => {
    const parts = await split(toneFlac, { bytes: roomy, seconds: 0.1 });
    // Frames of 0.036 s.
    expect(parts.map(({ seconds }) => seconds.toFixed(3))).toEqual([
      '0.072',
      '0.072',
      '0.072',
      '0.072',
      '0.062',
    ]);
    expectSeamless(parts, 0.35);
  });

  it('stands beside that in bytes', async () => {
    const parts = await split(wav(noise(40_000)), { bytes: 30_000, seconds: 1000 });
    for (const { bytes } of parts) expect(bytes).toBeLessThan(30_000);
    expect(parts.length).toBeGreaterThan(2);
  });

  it('may be as long as the whole', async () => {
    const whole = await split(toneFlac, { bytes: roomy, seconds: 0.35 });
    expect(whole).toHaveLength(1);
    expect(await split(wav(tone(1.5)), { bytes: roomy, seconds: 1.5 })).toHaveLength(1);
  });

  it.each<[string, () => Uint8Array]>([
    ['MP3', () => toneMp3],
    ['FLAC', () => toneFlac],
    ['WAV', () => wav(tone(1))],
  ])('is refused where it is below what can be cut: %s', async (_, made) => {
    await expect(split(made(), { bytes: roomy, seconds: 0.000_001 })).rejects.toMatchObject({
      kind: 'usage',
      message: 'talk.bin cannot be split into parts below 9.6 MB and of at most 0.000001 s',
    });
  });
});

describe('what cannot be split here', () => {
  it.each<[string, Uint8Array, string]>([
    ['talk.m4a', toneM4a, 'ffmpeg -i talk.m4a -map 0:a:0 -c copy -f segment -segment_time 600 talk-%03d.m4a'],
    ['film.mp4', toneM4a, 'ffmpeg -i film.mp4 -map 0:a:0 -c copy -f segment -segment_time 600 film-%03d.m4a'],
    [
      'my talk.ogg',
      toneOpus,
      "ffmpeg -i 'my talk.ogg' -map 0:a:0 -c copy -f segment -segment_time 600 'my talk-%03d.ogg'",
    ],
    [
      "it's.webm",
      toneWebm,
      "ffmpeg -i 'it'\\''s.webm' -map 0:a:0 -c copy -f segment -segment_time 600 'it'\\''s-%03d.webm'",
    ],
    ['in/talk', toneM4a, 'ffmpeg -i in/talk -map 0:a:0 -c copy -f segment -segment_time 600 talk-%03d.m4a'],
    [
      '100%.m4a',
      toneM4a,
      'ffmpeg -i 100%.m4a -map 0:a:0 -c copy -f segment -segment_time 600 100%%-%03d.m4a',
    ],
    ['-i.aac', toneAac, 'ffmpeg -i ./-i.aac -map 0:a:0 -ac 1 -ar 16000 ./-i.flac'],
    ['a:b.aac', toneAac, 'ffmpeg -i ./a:b.aac -map 0:a:0 -ac 1 -ar 16000 ./a:b.flac'],
    [
      '강연.m4a',
      toneM4a,
      "ffmpeg -i '강연.m4a' -map 0:a:0 -c copy -f segment -segment_time 600 '강연-%03d.m4a'",
    ],
    [
      'adpcm.wav',
      wav(noise(700), { tag: 2, bits: 4, channels: 2 }),
      'ffmpeg -i adpcm.wav -map 0:a:0 -ac 1 -ar 16000 adpcm.flac',
    ],
  ])('%s is refused with the command that does it', async (name, bytes, hint) => {
    await expect(split(bytes, 1024, name)).rejects.toMatchObject({ kind: 'usage', hint });
  });

  it('is told by its size', async () => {
    const path = join(await temporaryFolder(), 'talk.m4a');
    await writeFile(path, toneM4a);
    await truncate(path, 31 * 1024 * 1024);
    await expect(splitFile(path, 'talk.m4a', 25 * 1024 * 1024)).rejects.toThrow(
      'talk.m4a is 31 MB; the API takes 25 MB, and without ffmpeg only WAV, MP3 and FLAC are split here',
    );
  });

  it.each<[string, Uint8Array, string]>([
    ['no file of audio', Buffer.from('hello '.repeat(100)), 'talk.bin is no audio that is known here'],
    ['an empty file', Buffer.alloc(0), 'talk.bin is no audio that is known here'],
    [
      'a WAV whose header breaks off',
      wav(tone(1)).subarray(0, 20),
      'talk.bin is a WAV whose header breaks off',
    ],
    ['a WAV without samples', wav(Buffer.alloc(0)), 'talk.bin has no sound in it'],
    ['an MP3 that is a tag', Buffer.from('ID3\x04\0\0\0\0\0\x05hello'), 'talk.bin has no sound in it'],
    [
      'a FLAC whose header breaks off',
      toneFlac.subarray(0, 41),
      'talk.bin is a FLAC whose header makes no sense',
    ],
    ['a FLAC without frames', toneFlac.subarray(0, 90), 'talk.bin has no sound in it'],
    ['a limit below one frame', toneFlac, 'talk.bin cannot be split into parts below 100 bytes'],
  ])('is refused: %s', async (_, bytes, message) => {
    await expect(split(bytes, 100)).rejects.toMatchObject({ kind: 'usage', message });
  });

  it('is refused: a file that is not there', async () => {
    const path = join(await temporaryFolder(), 'gone.wav');
    await expect(splitFile(path, 'gone.wav', 1000)).rejects.toMatchObject({
      kind: 'usage',
      message: 'cannot read gone.wav: no such file',
    });
  });
});

describe('a file that changes', () => {
  it.each<[string, () => Promise<Uint8Array>, number]>([
    ['WAV', async () => wav(noise(40_000)), 30_000],
    ['MP3', () => collect(encodeMp3(pieces(noise(48_000)), 24_000)), 10_000],
    ['FLAC', async () => toneFlac, 1000],
  ])('%s: a part that is no longer there fails', async (_, made, limit) => {
    const path = join(await temporaryFolder(), 'talk');
    const bytes = await made();
    await writeFile(path, bytes);
    const parts = await splitFile(path, 'talk', limit);
    await truncate(path, bytes.length / 2);
    const last = parts.at(-1);
    if (last === undefined) throw new Error('no part');
    await expect(collect(last.open())).rejects.toMatchObject({
      kind: 'usage',
      message: 'talk became shorter while it was read',
    });
    await rm(path);
    await expect(collect(last.open())).rejects.toThrow('cannot read talk: no such file');
  });

  it('FLAC: a part that is another one fails', async () => {
    const path = join(await temporaryFolder(), 'talk');
    await writeFile(path, toneFlac);
    const [first] = await splitFile(path, 'talk', 1000);
    await writeFile(path, noise(4000));
    if (first === undefined) throw new Error('no part');
    await expect(collect(first.open())).rejects.toThrow('talk changed while it was read');
  });
});

describe('a run that is stopped', () => {
  it('reads no further', async () => {
    const path = join(await temporaryFolder(), 'talk');
    await writeFile(path, wav(noise(400_000)));
    const stop = new AbortController();
    const [first] = await splitFile(path, 'talk', 700_000, stop.signal);
    const bytes = first?.open()[Symbol.asyncIterator]();
    await bytes?.next();
    await bytes?.next();
    stop.abort(new Stopped('SIGINT'));
    await expect(bytes?.next()).rejects.toBe(stop.signal.reason);
    await expect(splitFile(path, 'talk', 700_000, stop.signal)).rejects.toBe(stop.signal.reason);
  });
});
