import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { encodeMp3 } from '../../src/audio/mp3-encoder.ts';
import { type AudioKind, audioTypes, readAudioInfo, START_BYTES } from '../../src/input/audio-kind.ts';
import {
  filmMp4,
  filmWebm,
  toneAac,
  toneFlac,
  toneM4a,
  toneMp3,
  toneOpus,
  toneWebm,
} from '../audio/fixtures.ts';
import { makePage } from '../audio/ogg-pages.ts';
import { chunk, collect, noise, pieces, tone, wav } from '../audio/sounds.ts';
import { image, png } from '../support/images.ts';

const latin1 = (text: string) => Buffer.from(text, 'latin1');
const nothing = { seconds: undefined, problem: undefined };

/** A box of MP4. */
function box(type: string, ...contents: Buffer[]): Buffer {
  const content = Buffer.concat(contents);
  const head = Buffer.alloc(8);
  head.writeUInt32BE(content.length + 8, 0);
  head.write(type, 4, 'latin1');
  return Buffer.concat([head, content]);
}

/** The index of an MP4 with tracks of these handlers. */
function moov(...handlers: string[]): Buffer {
  return box(
    'moov',
    ...handlers.map((handler) => box('trak', box('hdlr', Buffer.alloc(8), latin1(handler)))),
  );
}

describe('the kind of audio', () => {
  it.each<[string, () => Promise<Buffer> | Buffer, object]>([
    ['WAV', () => wav(tone(0.5)), { kind: 'wav', seconds: 0.5 }],
    ['WAV of 24 bits', () => wav(noise(9000), { bits: 24, channels: 2 }), { kind: 'wav', seconds: 0.125 }],
    ['WAV from a pipe', () => wav(tone(0.5), { sizes: 0xffffffff }), { kind: 'wav', ...nothing }],
    ['MP3', async () => collect(encodeMp3(pieces(tone(0.5)), 24_000)), { kind: 'mp3', ...nothing }],
    ['MP3 with tags', () => toneMp3, { kind: 'mp3', ...nothing }],
    ['MP3 of one frame', () => toneMp3.subarray(-96), { kind: 'mp3', ...nothing }],
    ['FLAC', () => toneFlac, { kind: 'flac', seconds: 0.35, problem: undefined }],
    [
      'FLAC behind an ID3 tag',
      () => Buffer.concat([latin1('ID3\x03\0\0\0\0\0\x02hi'), toneFlac]),
      { kind: 'flac' },
    ],
    ['M4A', () => toneM4a, { kind: 'mp4', ...nothing }],
    [
      'MP4 with pictures and sound',
      () => Buffer.concat([box('ftyp', latin1('isom')), moov('vide', 'soun')]),
      { kind: 'mp4' },
    ],
    ['WebM', () => toneWebm, { kind: 'webm', ...nothing }],
    ['Ogg Opus', () => toneOpus, { kind: 'ogg', ...nothing }],
    ['Ogg Vorbis', () => makePage([latin1('\x01vorbis\0\0\0\0\x01')], 2, 0, 0), { kind: 'ogg' }],
    [
      'Ogg with pictures and sound',
      () =>
        Buffer.concat([makePage([latin1('\x80theora')], 2, 0, 0), makePage([latin1('Speex   ')], 2, 0, 0)]),
      { kind: 'ogg' },
    ],
    ['AAC', () => toneAac, { kind: 'aac', ...nothing }],
    ['AIFF', () => latin1('FORM\0\0\0\x10AIFFCOMM'), { kind: 'aiff' }],
    ['AMR', () => latin1('#!AMR\n\x3c'), { kind: 'amr' }],
    ['AMR, wide band', () => latin1('#!AMR-WB\n\x3c'), { kind: 'amr' }],
    ['CAF', () => latin1('caff\0\x01\0\0desc'), { kind: 'caf' }],
    ['Sun audio', () => latin1('.snd\0\0\0\x18\xff\xff\xff\xff\0\0\0\x03\0\0\x1f\x40'), { kind: 'au' }],
    ['QuickTime', () => Buffer.concat([box('ftyp', latin1('qt  ')), moov('soun')]), { kind: 'mov' }],
    ['3GP', () => Buffer.concat([box('ftyp', latin1('3gp4')), moov('soun')]), { kind: '3gp' }],
    ['WMA', () => Buffer.from('3026b2758e66cf11a6d900aa0062ce6c', 'hex'), { kind: 'wma' }],
    ['MPEG', () => latin1('\0\0\x01\xba\x44\0\0\x01\xc0\0'), { kind: 'mpeg' }],
  ])('%s is known by its bytes', async (_, bytes, info) => {
    expect(readAudioInfo(await bytes())).toMatchObject(info);
  });

  it('is known by the first 64 KB', async () => {
    const mp3 = await collect(encodeMp3(pieces(noise(24_000 * 12)), 24_000));
    expect(mp3.length).toBeGreaterThan(START_BYTES);
    for (const bytes of [wav(tone(3)), mp3]) {
      const { seconds, ...info } = readAudioInfo(bytes) ?? {};
      expect(readAudioInfo(bytes.subarray(0, START_BYTES))).toEqual({ ...info, seconds });
    }
    // A picture that is longer than that, before the sound.
    const tag = Buffer.concat([latin1('ID3\x04\0\0\0\x08\0\0'), Buffer.alloc(START_BYTES)]);
    expect(readAudioInfo(tag)).toEqual({ kind: 'mp3', ...nothing });
    const long = wav(tone(0.5), { before: chunk('LIST', Buffer.alloc(START_BYTES)) });
    expect(readAudioInfo(long.subarray(0, START_BYTES))).toEqual({ kind: 'wav', ...nothing });
  });

  it.each<[string, () => Promise<Uint8Array> | Uint8Array]>([
    ['nothing', () => Buffer.alloc(0)],
    ['zeros', () => Buffer.alloc(1000)],
    ['text', () => Buffer.from('ID3 tags, RIFF files and OggS pages. fLaC is lossless; caff? FORM AIFF.\n')],
    ['text that begins like a FLAC', () => Buffer.from('fLaC is lossless')],
    ['text that begins like a tag', () => Buffer.from('ID3 is a tag')],
    ['text of Latin-1', () => latin1('ÿûÿûÿûÿû')],
    ['UTF-16 text', () => Buffer.from('\ufeffhello, hello, hello', 'utf16le')],
    ['JSON', () => Buffer.from('{"text":"hello"}')],
    ['PDF', () => Buffer.from('%PDF-1.7\n%âãÏÓ\n')],
    ['PNG', () => png(30, 20)],
    ['JPEG', () => image('jpeg', 30, 20)],
    ['WebP', () => image('webp', 30, 20)],
    [
      'AVIF',
      () =>
        sharp({ create: { width: 16, height: 16, channels: 3, background: 'red' } })
          .avif()
          .toBuffer(),
    ],
    ['HEIC', () => box('ftyp', latin1('heic\0\0\0\0mif1'))],
    ['AVI', () => latin1('RIFF\x10\0\0\0AVI LIST')],
    ['ZIP', () => latin1('PK\x03\x04\x14\0\0\0')],
    ['a header of MP3 and no frame', () => latin1('\xff\xfb\x90\x64 hello'.padEnd(900))],
    [
      'one frame of MP3 and no second',
      () => Buffer.concat([toneMp3.subarray(212, 308), latin1('hello'.repeat(9))]),
    ],
    ['MP4 without sound', () => filmMp4],
    ['WebM without sound', () => filmWebm],
    [
      'Ogg without sound',
      () => Buffer.concat([makePage([latin1('\x80theora')], 2, 0, 0), makePage([latin1('x')], 0, 0, 1)]),
    ],
    ['MPEG without sound', () => latin1('\0\0\x01\xba\x44\0\0\x01\xe0\0')],
  ])('%s is none', async (_, bytes) => {
    expect(readAudioInfo(await bytes())).toBeUndefined();
  });

  it('is none for noise', () => {
    const bytes = noise(200_000, 1);
    for (let at = 0; at < bytes.length; at += 97) expect(readAudioInfo(bytes.subarray(at))).toBeUndefined();
  });

  it('looks only at its own part of a larger buffer', () => {
    for (const bytes of [wav(tone(0.5)), toneFlac, toneMp3, toneM4a]) {
      const padded = Buffer.concat([Buffer.from('padding'), bytes, Buffer.from('more')]);
      const part = new Uint8Array(padded.buffer, padded.byteOffset + 7, bytes.length);
      expect(readAudioInfo(part)).toEqual(readAudioInfo(bytes));
    }
  });
});

describe('the problem of audio', () => {
  it.each<[string, Buffer, string]>([
    ['WAV', wav(tone(0.5)).subarray(0, 30), 'a WAV whose header breaks off'],
    ['WAV', wav(tone(0.5), { channels: 0 }), 'a WAV whose header makes no sense'],
    ['WAV', wav(Buffer.alloc(0)).subarray(0, 12), 'a WAV whose header breaks off'],
    ['FLAC', toneFlac.subarray(0, 30), 'a FLAC whose header breaks off'],
    [
      'FLAC',
      Buffer.concat([toneFlac.subarray(0, 18), Buffer.alloc(60)]),
      'a FLAC whose header makes no sense',
    ],
    ['MP3', latin1('ID3\x04\0\0\0\0\0\x05hello'), 'an MP3 that has no sound after its ID3 tag'],
    ['MP3', latin1('ID3\x04\0\0\0\0\x10\x05hello'), 'an MP3 that has no sound after its ID3 tag'],
    ['MP4', box('ftyp', latin1('M4A ')), 'an MP4 without its index (moov)'],
    ['WebM', toneWebm.subarray(0, 60), 'a WebM whose header breaks off'],
    ['Ogg', toneOpus.subarray(0, 20), 'an Ogg whose header breaks off'],
  ])('%s is told', (_, bytes, problem) => {
    expect(readAudioInfo(bytes)).toMatchObject({ seconds: undefined, problem });
  });

  it('is told, or nothing is wrong, wherever a file breaks off', () => {
    const whole: readonly (readonly [AudioKind, Buffer])[] = [
      ['wav', wav(tone(0.01))],
      ['flac', toneFlac],
      ['mp3', toneMp3],
      ['mp4', toneM4a],
      ['webm', toneWebm],
      ['ogg', toneOpus],
      ['aac', toneAac],
    ];
    for (const [kind, bytes] of whole) {
      for (let length = 0; length < Math.min(bytes.length, 600); length++) {
        const info = readAudioInfo(bytes.subarray(0, length));
        if (info !== undefined) expect(info.kind).toBe(kind);
      }
    }
  });
});

describe('what the API takes', () => {
  it('is what its document lists', () => {
    const accepted = Object.entries(audioTypes).filter(([, type]) => type.accepted);
    expect(accepted.map(([kind]) => kind).sort()).toEqual([
      'flac',
      'mp3',
      'mp4',
      'mpeg',
      'ogg',
      'wav',
      'webm',
    ]);
    const listed = ['flac', 'mp3', 'mp4', 'mpeg', 'mpga', 'm4a', 'ogg', 'wav', 'webm'];
    for (const [, { extension }] of accepted) expect(listed).toContain(extension);
  });
});
