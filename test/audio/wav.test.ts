import { describe, expect, it } from 'vitest';
import { makeWavHeader, pcmFormat, readWavHeader } from '../../src/audio/wav.ts';
import { chunk, noise, tone, type WavOptions, wav } from './sounds.ts';

const words = chunk('LIST', Buffer.from('INFOISFT\x05\0\0\0Lavf\0'));

describe('the header of a WAV', () => {
  it.each<[string, WavOptions, object]>([
    ['16 bits', {}, { encoding: 'pcm', channels: 1, sampleRate: 24_000, bitsPerSample: 16, blockAlign: 2 }],
    ['8 bits', { bits: 8, rate: 8000 }, { encoding: 'pcm', blockAlign: 1, bytesPerSecond: 8000 }],
    [
      '24 bits, 6 channels',
      { bits: 24, channels: 6 },
      { encoding: 'pcm', blockAlign: 18, bitsPerSample: 24 },
    ],
    ['32 bits', { bits: 32 }, { encoding: 'pcm', blockAlign: 4 }],
    ['float', { bits: 32, tag: 3 }, { encoding: 'float', blockAlign: 4 }],
    ['A-law', { bits: 8, tag: 6 }, { encoding: 'a-law' }],
    ['µ-law', { bits: 8, tag: 7 }, { encoding: 'mu-law' }],
    ['ADPCM', { bits: 4, tag: 2 }, { encoding: 'other' }],
  ])('is read: %s', (_, options, format) => {
    // 180 is a multiple of every block.
    const bytes = wav(noise(90), { channels: options.bits === 4 ? 2 : 1, ...options });
    expect(readWavHeader(bytes)).toMatchObject({ format, dataOffset: 44, dataLength: 180 });
  });

  it('is read whatever chunks come first', () => {
    const bytes = wav(tone(0.1), { before: Buffer.concat([words, chunk('bext', Buffer.alloc(603))]) });
    expect(readWavHeader(bytes)).toMatchObject({ dataOffset: 44 + words.length + 612, dataLength: 4800 });
  });

  it('is read with a format that is told by a GUID', () => {
    const plain = wav(tone(0.1), { channels: 2, bits: 24 });
    const extension = Buffer.from('1600180003000000' + '0100000000001000800000aa00389b71', 'hex');
    const format = Buffer.concat([plain.subarray(20, 36), extension]);
    format.writeUInt16LE(0xfffe, 0);
    const bytes = chunk(
      'RIFF',
      Buffer.concat([Buffer.from('WAVE'), chunk('fmt ', format), chunk('data', tone(0.1))]),
    );
    expect(readWavHeader(bytes)).toMatchObject({
      format: { encoding: 'pcm', channels: 2, bitsPerSample: 24, blockAlign: 6, chunk: format },
      dataOffset: 68,
    });
  });

  it('does not believe in a length of a WAV that was written into a pipe', () => {
    for (const sizes of [0, 0xffffffff]) {
      expect(readWavHeader(wav(tone(0.1), { sizes }))).toMatchObject({
        dataLength: undefined,
        dataOffset: 44,
      });
    }
  });

  it('is read of RF64, with a length of more than 32 bits', () => {
    const sizes = Buffer.alloc(28);
    sizes.writeBigUInt64LE(5_000_000_036n, 0);
    sizes.writeBigUInt64LE(5_000_000_000n, 8);
    const body = wav(tone(0.1), { sizes: 0xffffffff }).subarray(12);
    const bytes = Buffer.concat([
      Buffer.from('RF64\xff\xff\xff\xffWAVE', 'latin1'),
      chunk('ds64', sizes),
      body,
    ]);
    expect(readWavHeader(bytes)).toMatchObject({ dataLength: 5_000_000_000, dataOffset: 44 + 36 });
  });

  it('breaks off wherever it is cut', () => {
    const bytes = wav(tone(0.1), { before: words });
    const dataOffset = 44 + words.length;
    for (let length = 0; length < 12; length++)
      expect(readWavHeader(bytes.subarray(0, length))).toBeUndefined();
    for (let length = 12; length < dataOffset; length++) {
      expect(readWavHeader(bytes.subarray(0, length))).toEqual({
        problem: 'whose header breaks off',
        short: true,
      });
    }
    expect(readWavHeader(bytes.subarray(0, dataOffset))).toMatchObject({ dataOffset });
  });

  it.each<[string, Buffer, string]>([
    ['no channels', wav(tone(0.1), { channels: 0 }), 'whose header makes no sense'],
    ['no sample rate', wav(tone(0.1), { rate: 0 }), 'whose header makes no sense'],
    ['blocks that do not fit', withByte(wav(tone(0.1)), 32, 3), 'whose header makes no sense'],
    ['a format of two bytes', withByte(wav(tone(0.1)), 16, 2), 'whose header makes no sense'],
    ['names that are none', withByte(wav(tone(0.1)), 36, 1), 'whose header makes no sense'],
    ['no format', withByte(wav(tone(0.1)), 12, 0x46), 'that does not tell its format'],
  ])('makes no sense with %s', (_, bytes, problem) => {
    expect(readWavHeader(bytes)).toEqual({ problem, short: false });
  });

  it.each([
    ['text', 'hello'],
    ['AVI', 'RIFF\x10\0\0\0AVI LIST'],
    ['WebP', 'RIFF\x10\0\0\0WEBPVP8 '],
  ])('is none: %s', (_, text) => {
    expect(readWavHeader(Buffer.from(text.padEnd(40), 'latin1'))).toBeUndefined();
  });
});

function withByte(bytes: Buffer, at: number, value: number): Buffer {
  const other = Buffer.from(bytes);
  other.writeUInt8(value, at);
  return other;
}

describe('a header that is made', () => {
  it('is that of the book', () => {
    const pcm = tone(0.1);
    expect(makeWavHeader(pcmFormat(24_000), pcm.length)).toEqual(wav(pcm).subarray(0, 44));
    expect(makeWavHeader(pcmFormat(8000, 2, 24), 12)).toEqual(
      wav(Buffer.alloc(12), { rate: 8000, channels: 2, bits: 24 }).subarray(0, 44),
    );
    // An odd number of bytes has one more behind it, which counts for the whole.
    expect(makeWavHeader(pcmFormat(8000, 1, 8), 3)).toEqual(
      wav(Buffer.alloc(3), { rate: 8000, bits: 8 }).subarray(0, 44),
    );
  });

  it('says that the length is not known, or more than it can say', () => {
    const unknown = wav(tone(0.1), { sizes: 0xffffffff }).subarray(0, 44);
    expect(makeWavHeader(pcmFormat(24_000), undefined)).toEqual(unknown);
    expect(makeWavHeader(pcmFormat(24_000), 2 ** 32)).toEqual(unknown);
  });
});
