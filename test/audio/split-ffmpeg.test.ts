import { watch } from 'node:fs';
import { chmod, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { type AudioParts, convertAudio, type PartLimits, splitAudio } from '../../src/audio/split.ts';
import { Stopped } from '../../src/errors.ts';
import { temporaryFolder } from '../support/folder.ts';
import { type FakeFfmpeg, installFfmpeg } from './fake-ffmpeg.ts';
import { toneAac, toneFlac, toneM4a, toneOpus, toneWebm } from './fixtures.ts';
import { collect, noise, wav } from './sounds.ts';

const never = new AbortController().signal;

/** A folder of this test's own that temporary folders are made in. */
async function temporaryPlace(name = 'tmp'): Promise<string> {
  const place = join(await temporaryFolder(), name);
  await mkdir(place);
  vi.stubEnv('TMPDIR', place);
  onTestFinished(() => void vi.unstubAllEnvs());
  return place;
}

/** What is in there, but for the folders of the test itself. */
async function leftIn(place: string): Promise<string[]> {
  return (await readdir(place)).filter((name) => !name.startsWith('oai-test-'));
}

async function file(bytes: Uint8Array, name = 'talk'): Promise<string> {
  const path = join(await temporaryFolder(), name);
  await writeFile(path, bytes);
  return path;
}

async function split(
  ffmpeg: Pick<FakeFfmpeg, 'PATH'>,
  {
    bytes = toneM4a as Uint8Array,
    limits = { bytes: 1000 } as PartLimits,
    name = 'talk.m4a',
    signal = never,
  },
  make: typeof splitAudio = splitAudio,
): Promise<AudioParts> {
  const made = await make(await file(bytes), name, limits, { signal, env: { PATH: ffmpeg.PATH } });
  onTestFinished(() => made.dispose());
  return made;
}

function openFirst([first]: AudioParts['parts']): AsyncIterable<Uint8Array> {
  if (first === undefined) throw new Error('no part');
  return first.open();
}

/** The value after a flag. */
function flagValue(words: readonly string[] | undefined, flag: string): string | undefined {
  return words?.[words.indexOf(flag) + 1];
}

const splits = `task === 'start' ? tellStart() : writeSegments(60, 100)`;

describe('a file that FFmpeg splits', () => {
  it('is in parts that are read from a private folder until they are disposed of', async () => {
    const place = await temporaryPlace();
    const ffmpeg = await installFfmpeg(splits);
    const { parts, dispose } = await split(ffmpeg, { limits: { bytes: 5000, seconds: 22 } });
    expect(parts.map(({ open, ...facts }) => facts)).toEqual(
      [
        { start: 0, seconds: 20.9, bytes: 2190, type: 'audio/mp4', name: 'talk-001.m4a' },
        { start: 20.9, seconds: 20.9, bytes: 2190, type: 'audio/mp4', name: 'talk-002.m4a' },
        { start: 41.8, seconds: 18.2, bytes: 1920, type: 'audio/mp4', name: 'talk-003.m4a' },
      ].map((facts) => ({
        ...facts,
        start: expect.closeTo(facts.start, 6),
        seconds: expect.closeTo(facts.seconds, 6),
      })),
    );
    for (const [i, part] of parts.entries()) {
      expect(await collect(part.open())).toEqual(Buffer.alloc(part.bytes, i + 1));
      expect(await collect(part.open())).toEqual(Buffer.alloc(part.bytes, i + 1));
    }
    const [folder = ''] = await leftIn(place);
    expect((await stat(join(place, folder))).mode & 0o777).toBe(0o700);
    await dispose();
    await dispose();
    expect(await leftIn(place)).toEqual([]);
    await expect(collect(openFirst(parts))).rejects.toMatchObject({
      kind: 'usage',
      message: 'cannot read talk-001.m4a: no such file',
    });
  });

  it.each<[string, Uint8Array, string, string]>([
    ['MP4', toneM4a, 'mp4', 'm4a'],
    ['WebM', toneWebm, 'webm', 'webm'],
    ['Ogg', toneOpus, 'ogg', 'ogg'],
  ])('%s keeps its sound alone, as it is', async (_, bytes, muxer, extension) => {
    const ffmpeg = await installFfmpeg(splits);
    const path = await file(bytes, "-it's: 100%");
    const { parts, dispose } = await splitAudio(
      path,
      'talk',
      { bytes: 5000, seconds: 30 },
      { signal: never, env: { PATH: ffmpeg.PATH } },
    );
    await dispose();
    expect(parts[0]?.name).toBe(`talk-001.${extension}`);
    const [start, words, ...others] = await ffmpeg.runs();
    expect(others).toEqual([]);
    for (const run of [start, words]) {
      expect(run?.slice(0, 4)).toEqual(['-nostdin', '-hide_banner', '-loglevel', 'error']);
      expect(flagValue(run, '-i')).toBe(`file:${path}`);
      expect(flagValue(run, '-protocol_whitelist')).toBe('file');
      expect(flagValue(run, '-map')).toBe('0:a:0');
      expect(flagValue(run, '-c')).toBe('copy');
      expect(run).toContain('-vn');
    }
    expect(flagValue(words, '-segment_format')).toBe(muxer);
    expect(flagValue(words, '-reset_timestamps')).toBe('1');
    expect(flagValue(words, '-avoid_negative_ts')).toBe('disabled');
    expect(flagValue(words, '-segment_list_type')).toBe('csv');
    expect(words?.at(-1)).toMatch(new RegExp(`^file:/.*/%03d\\.${extension}$`));
    expect(flagValue(words, '-segment_list')).toMatch(/^file:\//);
  });

  it('may be split in a folder whose name has a percent sign', async () => {
    await temporaryPlace('50%d of it');
    const ffmpeg = await installFfmpeg(splits);
    const { parts } = await split(ffmpeg, { limits: { bytes: 5000, seconds: 30 } });
    expect((await ffmpeg.runs()).at(-1)?.at(-1)).toContain('/50%%d of it/oai-');
    expect(parts).toHaveLength(3);
  });

  it('is split again, evenly, by what the first parts took', async () => {
    const place = await temporaryPlace();
    const ffmpeg = await installFfmpeg(splits);
    const { parts } = await split(ffmpeg, { limits: { bytes: 2500 } });
    // 6100 bytes for 60 s, less a margin of 5 %: 23.3 s at most, so 20 s.
    const lengths = (await ffmpeg.runs()).slice(1).map((words) => flagValue(words, '-segment_time'));
    expect(lengths).toEqual(['1000000.000', '20.000']);
    expect(parts.map(({ bytes }) => bytes)).toEqual([2100, 2100, 2100]);
    // The first ones are gone.
    expect(await readdir(join(place, (await leftIn(place))[0] ?? ''))).toEqual(['2']);
  });

  it('is split again when its last part is too short to be heard', async () => {
    const ffmpeg = await installFfmpeg(`task === 'start' ? tellStart() : writeSegments(38.05, 100)`);
    const { parts } = await split(ffmpeg, { limits: { bytes: 50_000, seconds: 20 } });
    expect(parts.map(({ seconds }) => seconds.toFixed(2))).toEqual(['12.68', '12.68', '12.68']);
  });

  it('is split into halves of that where a part is too large still', async () => {
    const ffmpeg = await installFfmpeg(`
      if (task === 'start') tellStart();
      else writeSegments(60, length === 30 ? 332 : 300);
    `);
    const { parts } = await split(ffmpeg, { limits: { bytes: 10_000 } });
    const lengths = (await ffmpeg.runs()).slice(1).map((words) => Number(flagValue(words, '-segment_time')));
    expect(lengths).toEqual([1_000_000, 30, 15]);
    expect(parts.map(({ bytes }) => bytes)).toEqual([4600, 4600, 4600, 4600]);
  });

  it('cannot be split without end', async () => {
    const place = await temporaryPlace();
    const ffmpeg = await installFfmpeg(`task === 'start' ? tellStart() : writeSegments(6, 5000 / length)`);
    await expect(split(ffmpeg, { limits: { bytes: 3000, seconds: 5 } })).rejects.toMatchObject({
      kind: 'usage',
      message: 'talk.m4a cannot be split into parts below 3 KB and of at most 5 s',
    });
    expect((await ffmpeg.runs()).length).toBeLessThan(8);
    expect(await leftIn(place)).toEqual([]);
  });

  it('has the times of the whole where its sound begins late', async () => {
    const ffmpeg = await installFfmpeg(`task === 'start' ? tellStart(700) : writeSegments(60, 100)`);
    const { parts } = await split(ffmpeg, { limits: { bytes: 5000, seconds: 40 } });
    expect(parts.map(({ start }) => start)).toEqual([0.7, expect.closeTo(38.7, 6)]);
    expect(flagValue((await ffmpeg.runs())[1], '-itsoffset')).toBe('-0.700000');
  });

  it('begins at zero where its encoder added something before', async () => {
    const ffmpeg = await installFfmpeg(`task === 'start' ? tellStart(-43) : writeSegments(60, 100)`);
    const { parts } = await split(ffmpeg, { limits: { bytes: 5000, seconds: 40 } });
    expect(parts[0]?.start).toBe(0);
    expect((await ffmpeg.runs())[1]).not.toContain('-itsoffset');
  });
});

/** Writes a FLAC, whatever it is given. */
const converts = `fs.writeFileSync(output, Buffer.from('${toneFlac.toString('base64')}', 'base64'))`;

describe('a file that FFmpeg converts', () => {
  it.each<[string, Uint8Array]>([
    ['talk.aac', toneAac],
    ['talk.amr', Buffer.from('#!AMR\n<'.padEnd(40, '\0'))],
    ['film.mpeg', Buffer.from('\0\0\x01\xba\x44\0\0\x01\xc0\0', 'latin1')],
    ['adpcm.wav', wav(noise(700), { tag: 2, bits: 4, channels: 2 })],
  ])('%s becomes FLAC, in parts', async (name, bytes) => {
    const place = await temporaryPlace();
    const ffmpeg = await installFfmpeg(converts);
    const { parts, dispose } = await split(ffmpeg, { bytes, name, limits: { bytes: 1500 } });
    expect(parts.length).toBeGreaterThan(2);
    expect(parts[1]).toMatchObject({
      name: `${name.slice(0, name.indexOf('.'))}-002.flac`,
      type: 'audio/flac',
    });
    expect(parts.at(-1)?.start).toBeGreaterThan(0.2);
    for (const part of parts) expect(await collect(part.open())).toHaveLength(part.bytes);
    const [words, ...others] = await ffmpeg.runs();
    expect(others).toEqual([]);
    expect([flagValue(words, '-ac'), flagValue(words, '-ar'), flagValue(words, '-f')]).toEqual([
      '1',
      '16000',
      'flac',
    ]);
    expect(flagValue(words, '-map')).toBe('0:a:0');
    expect(words?.at(-1)).toMatch(/^file:\//);
    await dispose();
    expect(await leftIn(place)).toEqual([]);
  });

  it('is of one part where it is small', async () => {
    const ffmpeg = await installFfmpeg(converts);
    const limits = { bytes: 100_000, seconds: 1400 };
    const { parts } = await split(ffmpeg, { bytes: toneAac, name: 'talk.aac', limits }, convertAudio);
    expect(parts).toMatchObject([{ name: 'talk-001.flac', start: 0, seconds: 0.35 }]);
  });

  it('keeps to a limit of seconds', async () => {
    const ffmpeg = await installFfmpeg(converts);
    const limits = { bytes: 100_000, seconds: 0.1 };
    const { parts } = await split(ffmpeg, { bytes: toneAac, name: 'talk.aac', limits }, convertAudio);
    expect(parts).toHaveLength(5);
  });

  it('may be one whose sound cannot be had as it is', async () => {
    const ffmpeg = await installFfmpeg(`
      if (task === 'start') tellStart();
      else if (task === 'segments') fail('[webm @ 0x5] Only Vorbis or Opus audio are supported for WebM.\\n');
      else ${converts};
    `);
    const { parts } = await split(ffmpeg, { bytes: toneWebm, name: 'film.mkv' });
    expect(parts[0]).toMatchObject({ name: 'film-001.flac' });
  });
});

describe('an FFmpeg that fails', () => {
  it.each<[string, string, string]>([
    [
      'with words',
      `fail('[mov,mp4 @ 0x55d0c8c2] moov atom not found\\n' + words[words.indexOf('-i') + 1] + ': Invalid data\\n')`,
      'ffmpeg cannot read talk.m4a: moov atom not found',
    ],
    [
      'with the name of the file',
      `fail('file:' + input + ': Invalid data\\n')`,
      'ffmpeg cannot read talk.m4a: talk.m4a: Invalid data',
    ],
    ['without words', `fail('', 3)`, 'ffmpeg cannot read talk.m4a: it ended with exit code 3'],
    [
      'with a crash',
      `process.kill(process.pid, 'SIGSEGV')`,
      'ffmpeg cannot read talk.m4a: it was ended by SIGSEGV',
    ],
    [
      'with endless words',
      `fail('no, '.repeat(100_000) + '\\n')`,
      `ffmpeg cannot read talk.m4a: ${'no, '.repeat(4096).trim()}`,
    ],
    ['by making nothing', `fail('', 0)`, 'talk.m4a has no sound in it'],
    [
      'by making an empty list',
      `if (task === 'segments') fs.writeFileSync(list, ''); else tellStart()`,
      'talk.m4a has no sound in it',
    ],
    [
      'by making an empty file',
      `task === 'flac' ? fs.writeFileSync(output, '') : fail('no')`,
      'talk.m4a has no sound in it',
    ],
    [
      'by making no FLAC',
      `task === 'flac' ? fs.writeFileSync(output, 'hello') : fail('no')`,
      'talk.m4a is a FLAC whose header makes no sense',
    ],
    [
      'by listing what is not there',
      `task === 'segments' ? fs.writeFileSync(list, '000.m4a,0.0,1.0\\n') : task === 'flac' ? fail('really not') : tellStart()`,
      'ffmpeg cannot read talk.m4a: really not',
    ],
    [
      'by listing what is elsewhere',
      `task === 'segments' ? fs.writeFileSync(list, '../../../../../../../../etc/passwd,0.0,1.0\\n') : task === 'flac' ? fail('really not') : tellStart()`,
      'ffmpeg cannot read talk.m4a: really not',
    ],
  ])('%s leaves nothing behind', async (_, script, message) => {
    const place = await temporaryPlace();
    await expect(split(await installFfmpeg(script), {})).rejects.toMatchObject({ kind: 'usage', message });
    expect(await leftIn(place)).toEqual([]);
  });

  it('because it cannot be run', async () => {
    const place = await temporaryPlace();
    const ffmpeg = await installFfmpeg('');
    const program = join(ffmpeg.PATH, 'ffmpeg');
    await writeFile(program, '#!/no/such/interpreter\n');
    await chmod(program, 0o755);
    await expect(split(ffmpeg, {})).rejects.toMatchObject({
      kind: 'usage',
      message: `cannot run ${program}: no such file`,
    });
    expect(await leftIn(place)).toEqual([]);
  });

  it('because there is no room for it', async () => {
    const path = await file(toneM4a);
    const { PATH } = await installFfmpeg(splits);
    const place = await temporaryPlace();
    await rm(place, { recursive: true });
    const splitting = splitAudio(path, 'talk.m4a', { bytes: 1000 }, { signal: never, env: { PATH } });
    await expect(splitting).rejects.toMatchObject({
      kind: 'usage',
      message: `cannot make a temporary folder in ${place}: no such file`,
    });
  });
});

describe('a run that is stopped', () => {
  it.each(['start', 'segments', 'flac'])('ends FFmpeg, and leaves nothing behind: %s', async (task) => {
    const place = await temporaryPlace();
    const stop = new AbortController();
    const ready = join(await temporaryFolder(), 'ready');
    const ffmpeg = await installFfmpeg(`
      if (task === '${task}') {
        process.on('SIGTERM', () => {});
        setInterval(() => {}, 1000);
        fs.writeFileSync('${ready}', String(process.pid));
      } else if (task === 'start') tellStart();
    `);
    const bytes = task === 'flac' ? toneAac : toneM4a;
    const splitting = split(ffmpeg, { bytes, signal: stop.signal });
    splitting.catch(() => {});
    const pid = await written(ready);
    stop.abort(new Stopped('SIGINT'));
    await expect(splitting).rejects.toBe(stop.signal.reason);
    expect(await leftIn(place)).toEqual([]);
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  });

  it('starts none', async () => {
    const stop = new AbortController();
    stop.abort(new Stopped('SIGINT'));
    const ffmpeg = await installFfmpeg(splits);
    await expect(split(ffmpeg, { signal: stop.signal })).rejects.toBe(stop.signal.reason);
    expect(await ffmpeg.runs()).toEqual([]);
  });

  it('reads no part', async () => {
    const stop = new AbortController();
    const ffmpeg = await installFfmpeg(splits);
    const { parts } = await split(ffmpeg, { limits: { bytes: 5000, seconds: 30 }, signal: stop.signal });
    stop.abort(new Stopped('SIGINT'));
    await expect(collect(openFirst(parts))).rejects.toBe(stop.signal.reason);
  });
});

/** The number in a file, once it is there. */
async function written(path: string): Promise<number> {
  const changes = watch(dirname(path));
  try {
    for (;;) {
      const text = await readFile(path, 'utf8').catch(() => '');
      if (text !== '') return Number(text);
      await new Promise((resolve) => changes.once('change', resolve));
    }
  } finally {
    changes.close();
  }
}

describe('without FFmpeg', () => {
  it.each<[string, Uint8Array, string, string]>([
    [
      'talk.aac',
      toneAac,
      'talk.aac: the API takes no AAC, and ffmpeg, which converts it, is not installed',
      'ffmpeg -i talk.aac -map 0:a:0 -ac 1 -ar 16000 talk.flac',
    ],
    [
      "it's.m4a",
      toneM4a,
      "it's.m4a: it is to be converted, and ffmpeg, which converts it, is not installed",
      "ffmpeg -i 'it'\\''s.m4a' -map 0:a:0 -ac 1 -ar 16000 'it'\\''s.flac'",
    ],
  ])('%s is not converted, and the command is told that does it', async (name, bytes, message, hint) => {
    const place = await temporaryPlace();
    await expect(split({ PATH: '' }, { bytes, name }, convertAudio)).rejects.toMatchObject({
      kind: 'usage',
      message,
      hint,
    });
    expect(await leftIn(place)).toEqual([]);
  });

  it('is not split for its length either', async () => {
    const limits = { bytes: 5000, seconds: 450 };
    await expect(split({ PATH: '' }, { limits })).rejects.toMatchObject({
      kind: 'usage',
      message:
        'talk.m4a may be longer than the 450 s that the API takes, and without ffmpeg only WAV, MP3 and FLAC are split here',
      hint: 'ffmpeg -i talk.m4a -map 0:a:0 -c copy -f segment -segment_time 450 talk-%03d.m4a',
    });
  });

  it('text is not converted', async () => {
    const path = await file(Buffer.from('hello'));
    const made = convertAudio(path, 'talk.txt', { bytes: 1000 }, { signal: never, env: {} });
    await expect(made).rejects.toThrow('talk.txt is no audio that is known here');
  });
});
