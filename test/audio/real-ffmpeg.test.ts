/** What an FFmpeg that is installed makes of files that it made; nothing of it runs where there is none. */
import { execFile, execFileSync } from 'node:child_process';
import { copyFile, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type AudioPart, type AudioParts, convertAudio, splitAudio } from '../../src/audio/split.ts';
import { readAudioInfo } from '../../src/input/audio-kind.ts';
import { temporaryFolder } from '../support/folder.ts';
import { collect, noise, wav } from './sounds.ts';

const run = promisify(execFile);
const surroundings = { signal: new AbortController().signal, env: process.env };

const encoders = (() => {
  try {
    return execFileSync('ffmpeg', ['-hide_banner', '-encoders'], { encoding: 'utf8', stdio: 'pipe' });
  } catch {
    return undefined;
  }
})();

/** Seconds of the sound that is in all of the files. */
const SECONDS = 20;
const RATE = 24_000;
/** Hz that parts are decoded at, to be compared. */
const COMPARED = 4000;

/** Decoded by FFmpeg without regard to times: samples one after the other, as a server has them. */
async function decoded(path: string, words: readonly string[] = []): Promise<Float32Array> {
  const { stdout } = await run(
    'ffmpeg',
    ['-v', 'error', '-i', path, ...words, '-f', 'f32le', '-ac', '1', '-ar', String(COMPARED), '-'],
    { encoding: 'buffer', maxBuffer: 1e9 },
  );
  return new Float32Array(stdout.buffer.slice(stdout.byteOffset, stdout.byteOffset + stdout.length));
}

/** How much later, in seconds, the whole has what a part has at some place: between -0.25 and 0.25. */
function lag(whole: Float32Array, part: Float32Array, start: number, at: number): number {
  const window = part.subarray(at * COMPARED, at * COMPARED + COMPARED / 4);
  const expected = Math.round((start + at) * COMPARED);
  let [best, most] = [Number.NaN, 0];
  for (let shift = -COMPARED / 4; shift <= COMPARED / 4; shift++) {
    let sum = 0;
    for (let i = 0; i < window.length; i++) sum += (window[i] ?? 0) * (whole[expected + shift + i] ?? 0);
    if (sum > most) [best, most] = [shift / COMPARED, sum];
  }
  return best;
}

/** Each part holds, at each time, what the whole has there. */
async function expectRightTimes(whole: Float32Array, parts: readonly AudioPart[]): Promise<void> {
  const folder = await temporaryFolder();
  for (const part of parts) {
    const path = join(folder, part.name);
    await writeFile(path, part.open());
    const sound = await decoded(path);
    expect(sound.length / COMPARED, part.name).toBeGreaterThan(part.seconds - 0.06);
    expect(sound.length / COMPARED, part.name).toBeLessThan(part.seconds + 0.06);
    for (const at of [0.1, part.seconds / 2, part.seconds - 0.4]) {
      // Before the sound begins there is nothing to be compared.
      if (part.start + at < 0.75 && whole[0] === 0) continue;
      expect(Math.abs(lag(whole, sound, part.start, at)), `${part.name} at ${at} s`).toBeLessThan(0.03);
    }
  }
}

describe.skipIf(encoders === undefined)('FFmpeg', { timeout: 60_000 }, () => {
  const wavBytes = wav(noise(SECONDS * RATE));

  /** A file that FFmpeg makes of the sound. @param words `-i` and codecs */
  async function made(name: string, words: readonly string[]): Promise<string> {
    const folder = await temporaryFolder();
    const source = join(folder, 'noise.wav');
    await writeFile(source, wavBytes);
    const path = join(folder, name);
    const all = words.map((word) => (word === 'SOUND' ? source : word));
    await run('ffmpeg', ['-v', 'error', '-nostdin', ...all, path]);
    return path;
  }

  const sound = ['-i', 'SOUND'];
  const pictures = ['-f', 'lavfi', '-i', `testsrc=d=${SECONDS}:r=10:s=320x240`];
  const mpeg4 = ['-c:v', 'mpeg4', '-b:v', '500k'];

  async function partsOf(made: Promise<AudioParts>): Promise<readonly AudioPart[]> {
    const { parts, dispose } = await made;
    onTestFinished(dispose);
    return parts;
  }

  it.each<[string, string, string, readonly string[]]>([
    ['talk.m4a', 'm4a audio/mp4', 'aac', [...sound, '-c:a', 'aac', '-b:a', '64k']],
    ['talk.webm', 'webm audio/webm', 'libopus', [...sound, '-c:a', 'libopus', '-b:a', '64k']],
    ['opus.ogg', 'ogg audio/ogg', 'libopus', [...sound, '-c:a', 'libopus', '-b:a', '64k']],
    ['vorbis.ogg', 'ogg audio/ogg', 'libvorbis', [...sound, '-c:a', 'libvorbis']],
    ['opus.mp4', 'm4a audio/mp4', 'libopus', [...sound, '-c:a', 'libopus', '-b:a', '64k']],
    ['film.mp4', 'm4a audio/mp4', 'aac', [...pictures, ...sound, ...mpeg4, '-c:a', 'aac', '-b:a', '64k']],
  ])('splits %s without encoding anew', async (name, kind, encoder, words) => {
    if (encoders?.includes(` ${encoder} `) !== true) return;
    const path = await made(name, words);
    for (const limits of [{ bytes: 50_000 }, { bytes: 1_000_000, seconds: 6 }]) {
      const parts = await partsOf(splitAudio(path, name, limits, surroundings));
      expect(parts.length).toBeGreaterThan(2);
      expect(parts.length).toBeLessThan(8);
      for (const part of parts) {
        const bytes = await collect(part.open());
        expect(bytes.length).toBe(part.bytes);
        expect(bytes.length).toBeLessThan(limits.bytes);
        expect(part.seconds).toBeLessThanOrEqual(limits.seconds ?? SECONDS);
        // The last one is no mere rest.
        expect(part.seconds).toBeGreaterThan(1);
        expect(`${part.name.split('.').at(-1)} ${part.type}`).toBe(kind);
        expect(readAudioInfo(bytes)).toMatchObject({ problem: undefined });
      }
      expect((parts.at(-1)?.start ?? 0) + (parts.at(-1)?.seconds ?? 0)).toBeCloseTo(SECONDS, 1);
      await expectRightTimes(await decoded(path), parts);
    }
  });

  it('keeps the times of a film whose sound begins late', async () => {
    const late = ['-itsoffset', '0.7', ...sound, ...mpeg4, '-c:a', 'aac'];
    for (const name of ['film.mp4', 'film.mov']) {
      const path = await made(name, [...pictures, ...late]);
      const parts = await partsOf(splitAudio(path, name, { bytes: 5_000_000, seconds: 8 }, surroundings));
      expect(parts.length).toBeGreaterThan(2);
      // As players show it: silence up to the sound.
      const whole = await decoded(path, ['-af', 'aresample=async=1:first_pts=0']);
      expect(whole.length / COMPARED).toBeCloseTo(SECONDS + 0.7, 1);
      await expectRightTimes(whole, parts);
    }
  });

  it.each<[string, string, readonly string[]]>([
    ['ac3.mkv', 'ac3', [...pictures, ...sound, ...mpeg4, '-c:a', 'ac3']],
    ['film.mov', 'aac', [...pictures, ...sound, ...mpeg4, '-c:a', 'aac']],
    ['film.mpeg', 'mp2', [...pictures, ...sound, '-r', '25', '-c:v', 'mpeg1video', '-c:a', 'mp2']],
    ['talk.aac', 'aac', [...sound, '-c:a', 'aac']],
    ['talk.aiff', 'pcm_s16be', sound],
    ['talk.caf', 'pcm_s16le', sound],
    ['talk.au', 'pcm_s16be', sound],
    ['adpcm.wav', 'adpcm_ms', [...sound, '-c:a', 'adpcm_ms']],
  ])('makes FLAC of %s', async (name, encoder, words) => {
    if (encoders?.includes(` ${encoder} `) !== true) return;
    const path = await made(name, words);
    const limits = { bytes: 250_000, seconds: 9 };
    const parts = await partsOf(splitAudio(path, name, limits, surroundings));
    expect(parts.length).toBeGreaterThan(2);
    for (const part of parts) {
      const bytes = await collect(part.open());
      expect(bytes.length).toBe(part.bytes);
      expect(bytes.length).toBeLessThan(limits.bytes);
      expect(part.seconds).toBeLessThanOrEqual(limits.seconds);
      expect(readAudioInfo(bytes)?.kind).toBe('flac');
    }
    await expectRightTimes(await decoded(path), parts);
    const [one, ...others] = await partsOf(convertAudio(path, name, { bytes: 5_000_000 }, surroundings));
    expect(others).toEqual([]);
    expect(one?.seconds).toBeGreaterThan(SECONDS - 0.05);
    expect(one?.seconds).toBeLessThan(SECONDS + 0.15);
  });

  it('makes FLAC of WMA', async () => {
    if (encoders?.includes(' wmav2 ') !== true) return;
    const path = await made('talk.wma', [...sound, '-c:a', 'wmav2']);
    const parts = await partsOf(splitAudio(path, 'talk.wma', { bytes: 5_000_000, seconds: 8 }, surroundings));
    expect(parts).toHaveLength(3);
    // FFmpeg 5.1 has the first of it 0.17 s late, and the last.
    expect((parts.at(-1)?.start ?? 0) + (parts.at(-1)?.seconds ?? 0)).toBeCloseTo(SECONDS + 0.1, 1);
  });

  it('makes FLAC of AMR, and of 3GP', async () => {
    const folder = await temporaryFolder();
    const path = join(folder, 'talk.amr');
    // A frame of 12.2 kbit/s, of 20 ms: RFC 4867, section 5.3.
    const frame = Buffer.alloc(32);
    frame.writeUInt8(0x3c, 0);
    await writeFile(
      path,
      Buffer.concat([Buffer.from('#!AMR\n'), ...Array.from({ length: 500 }, () => frame)]),
    );
    const inside = join(folder, 'talk.3gp');
    await run('ffmpeg', ['-v', 'error', '-i', path, '-c', 'copy', inside]);
    for (const file of [path, inside]) {
      const [part, ...others] = await partsOf(convertAudio(file, 'talk', { bytes: 5_000_000 }, surroundings));
      expect(others).toEqual([]);
      expect(part?.seconds).toBeCloseTo(10, 1);
    }
  });

  it('is given names that look like something else', async () => {
    const folder = await temporaryFolder();
    const path = join(folder, "-i 100% it's:a %03d.m4a");
    const source = await made('talk.m4a', [...sound, '-c:a', 'aac']);
    await copyFile(source, path);
    const parts = await partsOf(splitAudio(path, 'talk.m4a', { bytes: 80_000 }, surroundings));
    await expectRightTimes(await decoded(path), parts);
  });

  it('cannot read what breaks off, and says why', async () => {
    const path = await made('talk.m4a', [...sound, '-c:a', 'aac']);
    const bytes = await readFile(path);
    await writeFile(path, bytes.subarray(0, 50_000));
    const before = (await readdir(tmpdir())).filter((name) => /^oai-(?!test)/.test(name));
    await expect(splitAudio(path, 'talk.m4a', { bytes: 20_000 }, surroundings)).rejects.toMatchObject({
      kind: 'usage',
      message: 'ffmpeg cannot read talk.m4a: moov atom not found',
    });
    expect((await readdir(tmpdir())).filter((name) => /^oai-(?!test)/.test(name))).toEqual(before);
  });
});
