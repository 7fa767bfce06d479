import { BufferSource, EncodedPacketSink, FLAC, Input } from 'mediabunny';
import { beforeAll, describe, expect, it } from 'vitest';
import { joinableFormats, joinSpeech, type SpeechFormat } from '../../src/audio/join.ts';
import { encodeMp3 } from '../../src/audio/mp3-encoder.ts';
import { Failure } from '../../src/errors.ts';
import { decodeMp3 } from '../support/decode-audio.ts';
import { toneAac, toneFlac, toneMp3, toneOpus } from './fixtures.ts';
import { makeOpus, type OggPage, readPages } from './ogg-pages.ts';
import { answers, chunk, collect, noise, pieces, tone, wav } from './sounds.ts';

/** What a file holds that is written and then patched. */
async function joined(format: SpeechFormat, parts: readonly Uint8Array[], size?: number): Promise<Buffer> {
  const { bytes, patch } = joinSpeech(format, answers(parts, size));
  const file = await collect(bytes);
  const over = patch();
  if (over !== undefined) file.set(over.bytes, over.offset);
  return file;
}

let mp3: Buffer;
let parts: Readonly<Record<SpeechFormat, Buffer>>;

beforeAll(async () => {
  mp3 = await collect(encodeMp3(pieces(noise(12_000)), 24_000));
  parts = {
    mp3,
    opus: toneOpus,
    aac: toneAac,
    flac: toneFlac,
    wav: wav(tone(0.2)),
    pcm: tone(0.2),
  };
});

/** An ID3v2 tag of so many bytes, in which there is what looks like a frame. */
function id3(length = 300): Buffer {
  const tag = Buffer.alloc(10 + length, Buffer.from([0xff, 0xfb, 0x90, 0x64]));
  tag.write('ID3\x04\0\0\0\0', 'latin1');
  tag.writeUInt8(length >> 7, 8);
  tag.writeUInt8(length & 0x7f, 9);
  return tag;
}

const id3v1 = Buffer.concat([Buffer.from('TAGa title'), Buffer.alloc(118)]);

describe('one answer', () => {
  it.each(joinableFormats)('of %s is handed on as it is', async (format) => {
    const part = parts[format];
    expect(await joined(format, [part])).toEqual(part);
  });

  it('is handed on although it is not what was asked for', async () => {
    expect(await joined('mp3', [Buffer.from('<html>')])).toEqual(Buffer.from('<html>'));
  });

  it('that does not know its length is a WAV that tells it, once it is patched', async () => {
    for (const sizes of [0xffffffff, 0, 0x7fffff00]) {
      expect(await joined('wav', [wav(tone(0.2), { sizes })])).toEqual(wav(tone(0.2)));
    }
  });

  it.each([
    [
      'samples',
      wav(tone(1), { sizes: 48_000 }).subarray(0, 1044),
      'its header tells of 48000 bytes of samples, 1000 came',
    ],
    ['a header', wav(tone(1)).subarray(0, 30), 'is a WAV whose header breaks off'],
    ['no samples', wav(Buffer.alloc(0)), 'has no sound'],
    ['no samples of unknown length', wav(Buffer.alloc(0), { sizes: 0xffffffff }), 'has no sound'],
  ])('that is a WAV of %s which breaks off fails, after what came', async (_, cut, reason) => {
    for (const size of [7, 1e6]) {
      const got: Uint8Array[] = [];
      const reading = (async () => {
        for await (const piece of joinSpeech('wav', answers([cut], size)).bytes) got.push(piece);
      })();
      await expect(reading).rejects.toMatchObject({
        kind: 'network',
        message: expect.stringContaining(reason),
      });
      expect(Buffer.concat(got)).toEqual(cut);
    }
  });

  it('with chunks after its samples is not patched', async () => {
    const bytes = wav(tone(0.2), { after: chunk('LIST', Buffer.from('INFO')) });
    const { bytes: out, patch } = joinSpeech('wav', answers([bytes]));
    expect(await collect(out)).toEqual(bytes);
    expect(patch()).toBeUndefined();
  });
});

describe('no answer', () => {
  it.each(joinableFormats)('gives no %s', async (format) => {
    expect(await joined(format, [])).toEqual(Buffer.alloc(0));
  });
});

describe('an answer without sound among several', () => {
  it.each<[SpeechFormat, string, () => Buffer]>([
    ['pcm', 'nothing at all', () => Buffer.alloc(0)],
    ['wav', 'a header alone', () => wav(Buffer.alloc(0))],
    ['wav', 'a header alone, of unknown length', () => wav(Buffer.alloc(0), { sizes: 0xffffffff })],
    ['flac', 'metadata alone', () => withTotal(toneFlac, 0).subarray(0, 4 + 4 + 34 + 0)],
    ['mp3', 'a frame of information alone', () => toneMp3.subarray(0, 45 + 192 - 25)],
    ['opus', 'headers alone', () => makeOpus([])],
  ])('fails: %s, %s', async (format, _, silent) => {
    const [part, none] = [parts[format], silent()];
    await expect(joined(format, [part, none])).rejects.toThrow(
      new Failure('network', 'part 2 of the speech has no sound'),
    );
    await expect(joined(format, [none, part])).rejects.toThrow('part 1 of the speech has no sound');
  });
});

/** A FLAC whose header, the only metadata that is left, tells of so many samples. */
function withTotal(flac: Buffer, samples: number): Buffer {
  const other = Buffer.from(flac);
  other.writeUInt8(0x80, 4);
  other.writeUInt32BE(samples, 22);
  return other;
}

describe('answers that are not of the format', () => {
  it.each([
    ['mp3', 'is no MP3'],
    ['opus', 'is no Ogg Opus'],
    ['aac', 'is no AAC'],
    ['flac', 'is no FLAC'],
    ['wav', 'is no WAV'],
  ] as const)('fail: %s', async (format, what) => {
    for (const wrong of ['', 'R', '{"error": {"message": "no"}}'.repeat(20), 'OggS', 'fLaC\0\0\0\x22']) {
      const bad = joined(format, [parts[format], Buffer.from(wrong, 'latin1')]);
      await expect(bad).rejects.toThrow(new Failure('network', `part 2 of the speech ${what}`));
      await expect(bad).rejects.toMatchObject({ kind: 'network' });
      await expect(joined(format, [Buffer.from(wrong, 'latin1'), parts[format]])).rejects.toThrow(
        `part 1 of the speech ${what}`,
      );
    }
  });

  it('fail: one that is another kind of audio', async () => {
    const formats = joinableFormats.filter((format) => format !== 'pcm');
    for (const format of formats) {
      for (const other of formats.filter((name) => name !== format)) {
        await expect(joined(format, [parts[format], parts[other]])).rejects.toThrow(
          /part 2 of the speech is no/,
        );
      }
    }
  });

  it.each<[SpeechFormat, () => Promise<Buffer>, string]>([
    ['wav', async () => wav(tone(0.1), { rate: 8000 }), 'Hz 8000'],
    ['wav', async () => wav(tone(0.1), { channels: 2 }), 'channels 2'],
    ['wav', async () => wav(tone(0.1), { bits: 8 }), 'bits 8'],
    ['mp3', () => collect(encodeMp3(pieces(tone(1)), 16_000)), 'Hz 16000'],
    ['opus', async () => makeOpus(opusPackets(5, 50), { channels: 2 }), 'channels 2'],
    ['flac', async () => withRate(toneFlac, 16_000), 'Hz 16000'],
  ])('fail: %s with other samples than the first', async (format, other, what) => {
    const bad = joined(format, [parts[format], await other()]);
    await expect(bad).rejects.toThrow(/^part 2 of the speech does not fit the first one/);
    await expect(bad).rejects.toThrow(what);
  });
});

/** A FLAC whose header says another sample rate; its frames look there for it. */
function withRate(flac: Buffer, rate: number): Buffer {
  const other = Buffer.from(flac);
  other.writeUIntBE((rate << 4) | (other.readUIntBE(18, 3) & 15), 18, 3);
  return other;
}

describe('PCM', () => {
  it('is one part after the other', async () => {
    expect(await joined('pcm', [tone(0.1), noise(100), tone(0.2)])).toEqual(
      Buffer.concat([tone(0.1), noise(100), tone(0.2)]),
    );
  });

  it('fails where a part ends in the middle of a sample, after it', async () => {
    const { bytes } = joinSpeech('pcm', answers([tone(0.1).subarray(1), tone(0.1)]));
    const got: Uint8Array[] = [];
    const reading = (async () => {
      for await (const piece of bytes) got.push(piece);
    })();
    await expect(reading).rejects.toThrow('part 1 of the speech ends in the middle of a sample');
    expect(Buffer.concat(got)).toEqual(tone(0.1).subarray(1));
  });
});

describe('WAV', () => {
  const samples = [tone(0.1), noise(333), tone(0.2, { hertz: 600 })];

  it('is the samples of all parts behind one header, which is true once it is patched', async () => {
    const files = samples.map((pcm) => wav(pcm));
    const { bytes, patch } = joinSpeech('wav', answers(files));
    const streamed = await collect(bytes);
    const all = Buffer.concat(samples);
    expect(streamed).toEqual(wav(all, { sizes: 0xffffffff }));
    expect(patch()).toEqual({ offset: 0, bytes: wav(all).subarray(0, 44) });
  });

  it.each([
    ['of unknown length', { sizes: 0xffffffff }],
    ['of length 0, as some write it', { sizes: 0 }],
    ['with chunks before the samples', { before: chunk('LIST', Buffer.from('INFO!')) }],
    ['with chunks after the samples', { after: chunk('LIST', Buffer.from('INFO!')) }],
  ])('takes parts %s', async (_, options) => {
    const files = samples.map((pcm) => wav(pcm, options));
    for (const size of [1, 7, 44, 5000]) {
      expect(await joined('wav', files, size)).toEqual(wav(Buffer.concat(samples)));
    }
  });

  it.each([
    ['24 bits, two channels', { channels: 2, bits: 24 }, 600, 36],
    ['float', { bits: 32, tag: 3 }, 600, 36],
    ['8 bits, in odd numbers', { bits: 8 }, 601, 36],
  ])('keeps the format of the first: %s', async (_, options, first, second) => {
    const [a, b] = [noise(400).subarray(0, first), noise(400).subarray(0, second)];
    expect(await joined('wav', [wav(a, options), wav(b, options)])).toEqual(
      wav(Buffer.concat([a, b]), options),
    );
  });

  it('fails where a part ends in the middle of a sample', async () => {
    for (const sizes of [0xffffffff, 0]) {
      const cut = wav(tone(0.1), { sizes }).subarray(0, -1);
      await expect(joined('wav', [cut, wav(tone(0.1))])).rejects.toThrow(
        'part 1 of the speech ends in the middle of a sample',
      );
    }
  });

  it('fails where a part has fewer samples than its header says', async () => {
    const cut = wav(tone(0.1)).subarray(0, -2);
    await expect(joined('wav', [wav(tone(0.1)), cut])).rejects.toThrow(
      'part 2 of the speech breaks off: its header tells of 4800 bytes of samples, 4798 came',
    );
  });

  it('takes the numbers that writers put there who do not know the length', async () => {
    for (const sizes of [0x7ffff000, 0x7fffffff, 0x80000000, 0xffffff00]) {
      const files = samples.map((pcm) => wav(pcm, { sizes }));
      expect(await joined('wav', files)).toEqual(wav(Buffer.concat(samples)));
    }
  });

  it('fails for a header that breaks off or makes no sense', async () => {
    const good = wav(tone(0.1));
    await expect(joined('wav', [good, good.subarray(0, 30)])).rejects.toThrow(
      'part 2 of the speech is a WAV whose header breaks off',
    );
    await expect(joined('wav', [good, wav(tone(0.1), { channels: 0 })])).rejects.toThrow(
      'part 2 of the speech is a WAV whose header makes no sense',
    );
  });
});

describe('MP3', () => {
  /** Samples of all frames, by an independent decoder. */
  const count = async (bytes: Uint8Array) => (await decodeMp3(bytes)).count;

  it('is the frames of all parts, which another program decodes to the sum of their lengths', async () => {
    const files = await Promise.all(
      [5000, 24_000, 100].map((samples) => collect(encodeMp3(pieces(noise(samples)), 24_000))),
    );
    const file = await joined('mp3', files);
    expect(file).toEqual(Buffer.concat(files));
    const counts = await Promise.all(files.map(count));
    expect(await count(file)).toBe(counts.reduce((sum, samples) => sum + samples));
  });

  it('has no tags, and no frames in which an encoder tells of one part', async () => {
    const tagged = Buffer.concat([id3(), id3(20_000), toneMp3, id3v1]);
    const file = await joined('mp3', [tagged, tagged]);
    expect(file.toString('latin1')).not.toMatch(/ID3|TAG|Info|Xing/);
    // 17 frames of 576 samples in each.
    expect(await count(file)).toBe(2 * 17 * 576);
    // Behind the tag of 45 bytes come a frame of information, of 192 bytes, and the sound.
    expect(file).toEqual(Buffer.concat([toneMp3.subarray(212), toneMp3.subarray(212)]));
  });

  it.each([
    ['Xing', 13],
    ['VBRI', 36],
  ])('has no frame of %s', async (name, at) => {
    const information = Buffer.alloc(192);
    mp3.copy(information, 0, 0, 4);
    information.write(name, at, 'latin1');
    expect(await joined('mp3', [Buffer.concat([information, mp3]), mp3])).toEqual(Buffer.concat([mp3, mp3]));
  });

  it.each([1, 50, 189, 190, 191])(
    'fails where a part ends %i bytes before the end of a frame',
    async (missing) => {
      const cut = mp3.subarray(0, -missing);
      for (const size of [1, 1000]) {
        await expect(joined('mp3', [cut, mp3], size)).rejects.toThrow(
          new Failure('network', 'part 1 of the speech ends in the middle of a frame'),
        );
        await expect(joined('mp3', [mp3, cut], size)).rejects.toThrow('part 2 of the speech ends in');
      }
    },
  );

  it('leaves out what is no frame', async () => {
    const junk = Buffer.from([0xff, 0xfb, 0x90, 0x64, 1, 2, 3, 0xff, 0xff]);
    expect(await joined('mp3', [Buffer.concat([junk, mp3]), Buffer.concat([junk, mp3, junk])])).toEqual(
      Buffer.concat([mp3, mp3]),
    );
  });

  it('is the same wherever the pieces end', async () => {
    const tagged = Buffer.concat([id3(40), toneMp3, id3v1]);
    const whole = await joined('mp3', [tagged, tagged], 1e6);
    for (let size = 1; size < 240; size++) expect(await joined('mp3', [tagged, tagged], size)).toEqual(whole);
  });

  it('gives frames before the part has ended', async () => {
    async function* endless() {
      for (;;) yield mp3;
    }
    async function* two() {
      yield endless();
      yield endless();
    }
    const frames = joinSpeech('mp3', two()).bytes[Symbol.asyncIterator]();
    for (let i = 0; i < 500; i++) expect((await frames.next()).value).toHaveLength(192);
    await frames.return?.();
  });
});

describe('AAC', () => {
  /** Frames of ADTS by the book: MPEG-4, AAC-LC, 24 kHz, one channel, no checksum. */
  function adts(payloads: readonly number[], channels = 1): Buffer[] {
    return payloads.map((length, i) => {
      const head = Buffer.from([0xff, 0xf1, 0x58, channels << 6, 0, 0x1f, 0xfc]);
      head.writeUInt16BE(((length + 7) << 5) | 0x1f, 4);
      return Buffer.concat([head, Buffer.alloc(length, i + 1)]);
    });
  }

  it('is the frames of all parts without tags', async () => {
    const a = Buffer.concat(adts([20, 300, 1]));
    const b = Buffer.concat(adts([500, 8]));
    const tagged = Buffer.concat([id3(), b, id3v1]);
    expect(await joined('aac', [a, tagged, a])).toEqual(Buffer.concat([a, b, a]));
  });

  it('joins what FFmpeg makes, wherever the pieces end', async () => {
    const whole = Buffer.concat([toneAac, toneAac]);
    for (let size = 1; size < 160; size++)
      expect(await joined('aac', [toneAac, toneAac], size)).toEqual(whole);
  });

  it('fails for other channels', async () => {
    const [mono, stereo] = [adts([20, 30]), adts([20, 30], 2)].map((frames) => Buffer.concat(frames));
    const bad = joined('aac', [mono ?? Buffer.alloc(0), stereo ?? Buffer.alloc(0)]);
    await expect(bad).rejects.toThrow(
      'does not fit the first one (channels 2, Hz 24000; the first: channels 1',
    );
  });

  it('fails where a part ends in the middle of a frame', async () => {
    const whole = Buffer.concat(adts([20, 30, 40]));
    await expect(joined('aac', [whole, whole.subarray(0, -1)])).rejects.toThrow(
      'part 2 of the speech ends in the middle of a frame',
    );
  });
});

/** Opus packets of 20 ms (configuration 1: SILK, narrow band), each with bytes of its own. */
function opusPackets(count: number, length: number): Buffer[] {
  return Array.from({ length: count }, (_, i) => {
    const packet = Buffer.alloc(length, i);
    packet.writeUInt8(0x08, 0);
    return packet;
  });
}

/** The sound of a stream: all packets but the two of headers. */
function packetsOf(pages: readonly OggPage[]): readonly Buffer[] {
  return pages.flatMap(({ packets }) => packets).slice(2);
}

/** Positions at 48 kHz that pages of packets of 20 ms should have. */
function positionsOf(pages: readonly OggPage[]): number[] {
  let packets = -2;
  return pages.map((page) => {
    packets += page.packets.length;
    return Math.max(packets, 0) * 960;
  });
}

describe('Opus', () => {
  it('is one stream of the packets of all parts, with positions that go on', async () => {
    const first = opusPackets(130, 40);
    const second = opusPackets(75, 300);
    const pages = readPages(
      await joined('opus', [makeOpus(first), makeOpus(second, { preSkip: 3840, trimmed: 500 })]),
    );
    expect(packetsOf(pages)).toEqual([...first, ...second]);
    // The positions that packets have, and at the end what is left out there; the start is left out by the header.
    expect(pages.map(({ granule }) => granule)).toEqual(
      positionsOf(pages).map((position, i) => (i === pages.length - 1 ? position - 500 : position)),
    );
    expect(pages[0]?.packets[0]?.readUInt16LE(10)).toBe(312);
    expect(pages.map(({ sequence }) => sequence)).toEqual(pages.map((_, i) => i));
    expect(new Set(pages.map(({ serial }) => serial)).size).toBe(1);
    expect(pages.map(({ flags }) => flags)).toEqual(
      pages.map((_, i) => (i === 0 ? 2 : i === pages.length - 1 ? 4 : 0)),
    );
  });

  it('has positions that are right for silence, of which hundreds of packets fit a page', async () => {
    const silence = opusPackets(1000, 3);
    const pages = readPages(await joined('opus', [makeOpus(silence), makeOpus(silence)]));
    expect(packetsOf(pages)).toHaveLength(2000);
    expect(pages.map(({ granule }) => granule)).toEqual(positionsOf(pages));
  });

  it('counts no end of a part that is left out there when it is in the middle', async () => {
    const pages = readPages(await joined('opus', [makeOpus(opusPackets(10, 9), { trimmed: 900 }), toneOpus]));
    expect(pages.map(({ granule }) => granule).slice(0, -1)).toEqual(positionsOf(pages).slice(0, -1));
  });

  it('joins what FFmpeg makes, wherever the pieces end', async () => {
    const packets = packetsOf(readPages(toneOpus));
    for (const size of [1, 2, 3, 27, 28, 50, 255, 256, 900, 5000]) {
      const pages = readPages(await joined('opus', [toneOpus, toneOpus, toneOpus], size));
      expect(packetsOf(pages)).toEqual([...packets, ...packets, ...packets]);
      const trimmed = readPages(toneOpus).at(-1)?.granule ?? 0;
      expect(pages.at(-1)?.granule).toBe(2 * packets.length * 960 + trimmed);
    }
  });

  it('gives pages before the part has ended', async () => {
    const long = makeOpus(opusPackets(500, 50));
    let sent = 0;
    async function* slowly() {
      for await (const piece of pieces(long, 1000)) {
        sent += piece.length;
        yield piece;
      }
    }
    async function* two() {
      yield slowly();
      yield slowly();
    }
    const pages = joinSpeech('opus', two()).bytes[Symbol.asyncIterator]();
    for (let i = 0; i < 4; i++) expect((await pages.next()).done).toBe(false);
    expect(sent).toBeLessThan(long.length / 2);
    await pages.return?.();
  });
});

/** Times and sound of the frames of a FLAC, as mediabunny reads them, which knows nothing of their numbers. */
async function flacPackets(bytes: Buffer) {
  const input = new Input({ formats: [FLAC], source: new BufferSource(bytes) });
  const track = await input.getPrimaryAudioTrack();
  if (track === null) throw new Error('no track');
  const packets: { at: number; length: number; data: Buffer }[] = [];
  for await (const packet of new EncodedPacketSink(track).packets()) {
    const at = Math.round(packet.timestamp * 8000);
    packets.push({ at, length: Math.round(packet.duration * 8000), data: Buffer.from(packet.data) });
  }
  return packets;
}

/** RFC 9639, by the book: a sum of 0 over bytes that end with their own checksum. */
function checksum(bytes: Buffer, width: 8 | 16, polynomial: number): number {
  let crc = 0;
  for (const byte of bytes) {
    crc ^= byte << (width - 8);
    for (let bit = 0; bit < 8; bit++) {
      crc = (crc >> (width - 1)) & 1 ? ((crc << 1) ^ polynomial) & (2 ** width - 1) : crc << 1;
    }
  }
  return crc;
}

describe('FLAC', () => {
  /** Bytes of block size and sample rate, which come after the number. */
  function sizeAndRateBytes(frame: Buffer): number {
    const [size, rate] = [frame.readUInt8(2) >> 4, frame.readUInt8(2) & 15];
    return (size === 6 ? 1 : size === 7 ? 2 : 0) + (rate === 12 ? 1 : rate === 13 || rate === 14 ? 2 : 0);
  }

  it('is one stream of the frames of all parts, numbered by their samples', async () => {
    const frames = await flacPackets(await joined('flac', [toneFlac, toneFlac, toneFlac]));
    const own = await flacPackets(toneFlac);
    expect(own).toHaveLength(10);
    expect(frames).toHaveLength(30);
    let sample = 0;
    for (const [i, { at, length, data }] of frames.entries()) {
      const original = own[i % 10];
      if (original === undefined) throw new Error('no frame');
      expect({ at, length }).toEqual({ at: sample, length: original.length });
      // The number is that of a sample, and coded like a character.
      const number = Buffer.from(String.fromCodePoint(sample), 'utf8');
      expect(data.readUInt16BE(0)).toBe(0xfff9);
      expect(data.subarray(2, 4)).toEqual(original.data.subarray(2, 4));
      expect(data.subarray(4, 4 + number.length)).toEqual(number);
      const headerEnd = 4 + number.length + sizeAndRateBytes(data) + 1;
      expect(checksum(data.subarray(0, headerEnd), 8, 0x07)).toBe(0);
      expect(checksum(data, 16, 0x8005)).toBe(0);
      // The sound: from the header, whose number took one byte, up to the checksum.
      const soundAt = 4 + 1 + sizeAndRateBytes(original.data) + 1;
      expect(data.subarray(headerEnd, -2)).toEqual(original.data.subarray(soundAt, -2));
      sample += length;
    }
    expect(sample).toBe(3 * 2800);
  });

  it('does not tell its length before it is patched, then it does', async () => {
    const { bytes, patch } = joinSpeech('flac', answers([toneFlac, toneFlac]));
    const streamed = await collect(bytes);
    const total = (file: Uint8Array) => Buffer.from(file).readUIntBE(21, 5) % 2 ** 36;
    expect(total(streamed)).toBe(0);
    const over = patch();
    expect(over?.offset).toBe(0);
    expect(over?.bytes).toHaveLength(42);
    expect(total(over?.bytes ?? Buffer.alloc(42))).toBe(5600);
    // The largest block; no fixed size of blocks.
    expect(Buffer.from(over?.bytes ?? []).readUInt16BE(10)).toBe(288);
    expect(Buffer.from(over?.bytes ?? []).readUInt16BE(8)).toBe(16);
  });

  it('is the same wherever the pieces end', async () => {
    const tagged = Buffer.concat([id3(), toneFlac, id3v1]);
    const whole = await joined('flac', [toneFlac, toneFlac]);
    for (const size of [1, 2, 3, 41, 42, 43, 100, 181, 1000, 1e6]) {
      expect(await joined('flac', [toneFlac, toneFlac], size)).toEqual(whole);
      expect(await joined('flac', [tagged, tagged], size)).toEqual(whole);
    }
  });

  it('fails where a part ends before it should', async () => {
    for (const cut of [toneFlac.subarray(0, -1), toneFlac.subarray(0, -100)]) {
      await expect(joined('flac', [toneFlac, cut])).rejects.toThrow(
        'part 2 of the speech ends in the middle of a frame',
      );
    }
    const frames = await collect(joinSpeech('flac', answers([toneFlac, toneFlac])).bytes);
    const short = withTotal(frames, 1_000_000);
    await expect(joined('flac', [toneFlac, short])).rejects.toThrow(
      /^part 2 of the speech breaks off: its header tells of 1000000 samples, \d+ came$/,
    );
  });

  it('fails for a frame that is damaged', async () => {
    const damaged = Buffer.from(toneFlac);
    damaged.writeUInt8(damaged.readUInt8(1000) ^ 1, 1000);
    await expect(joined('flac', [toneFlac, damaged])).rejects.toThrow(
      'part 2 of the speech is a damaged FLAC',
    );
  });
});

describe('the answers', () => {
  it.each(joinableFormats)('are read no further when nobody wants more of the %s', async (format) => {
    const ended: string[] = [];
    async function* part(name: string) {
      try {
        yield* pieces(parts[format], 50);
      } finally {
        ended.push(name);
      }
    }
    async function* two() {
      try {
        yield part('first');
        yield part('second');
      } finally {
        ended.push('all');
      }
    }
    const { bytes } = joinSpeech(format, two());
    for await (const _ of bytes) break;
    expect(ended).toEqual(['first', 'all']);
  });

  it.each(joinableFormats)('fail as they do, after what came before: %s', async (format) => {
    const cut = new Failure('network', 'the connection broke');
    async function* broken() {
      yield parts[format].subarray(0, parts[format].length / 2);
      throw cut;
    }
    async function* three() {
      yield pieces(parts[format]);
      yield broken();
    }
    async function* refused() {
      yield pieces(parts[format]);
      throw cut;
    }
    for (const failing of [three, refused]) {
      const got: Uint8Array[] = [];
      const reading = (async () => {
        for await (const piece of joinSpeech(format, failing()).bytes) got.push(piece);
      })();
      await expect(reading).rejects.toBe(cut);
      expect(Buffer.concat(got).length).toBeGreaterThan(parts[format].length / 3);
    }
  });
});
