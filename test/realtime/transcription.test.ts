import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { WebSocket } from 'ws';
import { makeWavHeader, pcmFormat } from '../../src/audio/wav.ts';
import { installFfmpeg } from '../audio/fake-ffmpeg.ts';
import { type FakeContextOptions, HurriedClock } from '../support/context.ts';
import { temporaryFolder } from '../support/folder.ts';
import { oai } from '../support/oai.ts';
import { checkSchema } from '../support/openapi.ts';
import { realtimeServer } from '../support/realtime-server.ts';
import { atRate, quietPcm, spokenPcm, wavOf } from '../support/speech-file.ts';

const heard = (argv: readonly string[], options: FakeContextOptions = {}) =>
  oai(['realtime', '--sandbox', '--transcribe', ...argv], { env: {}, ...options });

/** A server that says what it is told to when sound has been committed. */
async function told(
  answers: readonly (readonly object[] | ((socket: WebSocket) => void))[],
  argv: readonly string[],
) {
  const left = [...answers];
  const server = await realtimeServer([], {
    onEvent(event, socket) {
      const { type } = event as { type: string };
      if (type === 'session.update') socket.send('{"type":"session.updated"}');
      if (type !== 'input_audio_buffer.commit') return;
      const answer = left.shift();
      if (typeof answer === 'function') answer(socket);
      else for (const one of answer ?? []) socket.send(JSON.stringify(one));
    },
  });
  const stdin = spokenPcm('hello');
  const run = await oai(['realtime', '--transcribe', '-', '--base-url', server.baseUrl, ...argv], {
    stdin,
    clock: new HurriedClock(),
  });
  await server.allClosed();
  for (const event of server.events) checkSchema('RealtimeClientEvent', event);
  return { ...run, server, stderr: run.stderr.replaceAll(new URL(server.baseUrl).host, 'HOST') };
}

/** A WAV that says to be of µ-law (RFC 2361). */
function muLaw(pcm: Buffer): Buffer {
  const wav = wavOf(pcm);
  wav.writeUInt16LE(7, 20);
  wav.writeUInt16LE(1, 32);
  wav.writeUInt16LE(8, 34);
  return wav;
}

const committed = (item_id: string) => ({ type: 'input_audio_buffer.committed', item_id });
const delta = (item_id: string, text: string) => ({
  type: 'conversation.item.input_audio_transcription.delta',
  item_id,
  delta: text,
});
const completed = (item_id: string, transcript: string) => ({
  type: 'conversation.item.input_audio_transcription.completed',
  item_id,
  transcript,
});

describe('speech on stdin', () => {
  it('is written down, a line for each turn', async () => {
    const stdin = Buffer.concat([spokenPcm('one and two'), quietPcm(1), spokenPcm('three')]);
    expect(await heard(['-'], { stdin })).toMatchObject({
      code: 0,
      stdout: 'one and two\nthree\n',
      stderr: '',
    });
  });

  it('appears while it is said', async () => {
    const { context } = await heard(['-'], { stdin: spokenPcm('hello out there, dear listeners') });
    expect(context.stdout.writes.length).toBeGreaterThan(2);
    expect(context.stdout.text).toBe('hello out there, dear listeners\n');
  });

  it('comes in pieces of any size', async () => {
    const pcm = spokenPcm('hello there');
    const stdin = Array.from({ length: Math.ceil(pcm.length / 777) }, (_, index) =>
      pcm.subarray(index * 777, (index + 1) * 777),
    );
    expect(await heard(['-'], { stdin })).toMatchObject({ code: 0, stdout: 'hello there\n' });
  });

  it.each([8000 * 2, 22_050, 44_100, 48_000])('has another rate: %i', async (rate) => {
    const stdin = atRate(spokenPcm('hello there'), rate);
    expect(await heard(['-', '--rate', String(rate)], { stdin })).toMatchObject({ stdout: 'hello there\n' });
  });

  it('is a WAV, as arecord writes it, without an end', async () => {
    const pcm = atRate(spokenPcm('hello there'), 16_000);
    for (const length of [0x7fffff00, undefined]) {
      expect(await heard(['-'], { stdin: wavOf(pcm, 16_000, 1, length) })).toMatchObject({
        stdout: 'hello there\n',
      });
    }
  });

  it('is a WAV of two channels', async () => {
    const mono = spokenPcm('hello there');
    const stereo = Buffer.alloc(mono.length * 2);
    for (let at = 0; at < mono.length; at += 2) {
      mono.copy(stereo, at * 2, at, at + 2);
      mono.copy(stereo, at * 2 + 2, at, at + 2);
    }
    expect(await heard(['-'], { stdin: wavOf(stereo, 24_000, 2) })).toMatchObject({
      stdout: 'hello there\n',
    });
  });

  it('is a WAV of two channels of 8 bits, whose samples are as long as one of 16', async () => {
    const mono = spokenPcm('hello there');
    const stereo = Buffer.alloc(mono.length);
    for (let at = 0; at < mono.length; at += 2) stereo.fill((mono.readInt16LE(at) >> 8) + 0x80, at, at + 2);
    const stdin = Buffer.concat([makeWavHeader(pcmFormat(24_000, 2, 8), stereo.length), stereo]);
    expect(await heard(['-'], { stdin })).toMatchObject({ stdout: 'hello there\n' });
  });

  it('loses the half of a sample at its end, and says so', async () => {
    const stdin = Buffer.concat([spokenPcm('hello there'), Buffer.from('x')]);
    expect(await heard(['-'], { stdin })).toMatchObject({
      code: 0,
      stdout: 'hello there\n',
      stderr: 'oai: stdin ends in the middle of a sample: the rest of it is left out\n',
    });
  });

  it.each<[string, Buffer | string, number, RegExp]>([
    ['nothing', '', 2, /^oai: stdin has no sound in it\n$/],
    ['the header of a WAV alone', wavOf(Buffer.alloc(0)), 2, /^oai: stdin has no sound in it\n$/],
    [
      'half a header',
      wavOf(Buffer.alloc(0)).subarray(0, 30),
      2,
      /^oai: stdin is a WAV whose header breaks off\n$/,
    ],
    ...[1, 2_000_000_000].map((rate): [string, Buffer, number, RegExp] => [
      `a WAV of ${rate} Hz`,
      wavOf(Buffer.alloc(65_536, 1), rate),
      2,
      new RegExp(`^oai: stdin is a WAV of ${rate} Hz: 4000 to 384000 are read`),
    ]),
    ['text', 'what is this, a text?\n', 2, /^oai: stdin is text, and not sound\n.*arecord/],
    [
      'Ogg',
      Buffer.from(`OggS\0\u0002${'\0'.repeat(60)}`),
      2,
      /^oai: stdin is OGG, and not PCM, WAV or MP3\n.*ffmpeg/,
    ],
    ['FLAC', Buffer.from(`fLaC\0\0\0\x22${'\0'.repeat(60)}`, 'latin1'), 2, /ffmpeg/],
    ['µ-law', muLaw(Buffer.alloc(4000)), 2, /^oai: stdin is a WAV of a codec .*\n.*ffmpeg -i - -f s16le/],
    ['silence', quietPcm(2), 8, /^oai: nothing was recognised in stdin\n$/],
  ])('is %s', async (_, stdin, code, stderr) => {
    const run = await heard(['-'], { stdin });
    expect(run).toMatchObject({ code, stdout: '' });
    expect(run.stderr).toMatch(stderr);
  });

  it('is not typed', async () => {
    expect(await heard(['-'], { stdinTTY: true })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('terminal'),
    });
  });
});

describe('speech in a file', () => {
  it('is a WAV or an MP3, or PCM by its name or by --rate', async () => {
    const cwd = await temporaryFolder();
    await oai(['speak', '--sandbox', 'hello there', '-o', 'a.mp3'], { cwd, env: {} });
    await oai(['speak', '--sandbox', 'hello there', '-o', 'a.wav'], { cwd, env: {} });
    await writeFile(join(cwd, 'a.pcm'), spokenPcm('hello there'));
    await writeFile(join(cwd, 'a.bin'), atRate(spokenPcm('hello there'), 16_000));
    for (const argv of [['a.mp3'], ['a.wav'], ['a.pcm'], ['a.bin', '--rate', '16000']]) {
      expect(await heard(argv, { cwd })).toMatchObject({ code: 0, stdout: 'hello there\n' });
    }
    expect(await heard(['a.bin'], { cwd })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--transcribe a.bin is no sound that is known here'),
    });
  });

  it('is a WAV of a codec that only ffmpeg reads, where that is installed', async () => {
    const cwd = await temporaryFolder();
    await writeFile(join(cwd, 'call.wav'), muLaw(spokenPcm('hello there')));
    const wav = wavOf(spokenPcm('hello there')).toString('base64');
    const { PATH } = await installFfmpeg(`fs.writeFileSync(output, Buffer.from('${wav}', 'base64'));`);
    expect(await heard(['call.wav'], { cwd, env: { PATH } })).toMatchObject({
      code: 0,
      stdout: 'hello there\n',
    });
    const none = await heard(['call.wav'], { cwd, env: { PATH: cwd } });
    expect(none).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('oai: call.wav is a WAV of a codec that is not read here'),
    });
    expect(none.stderr).toContain('ffmpeg -i call.wav call.mp3\n');
  });

  it.each([1, 1_000_000])('has no rate at which sound is recorded: %i Hz', async (rate) => {
    const cwd = await temporaryFolder();
    await writeFile(join(cwd, 'odd.wav'), wavOf(spokenPcm('hello'), rate));
    expect(await heard(['odd.wav'], { cwd })).toMatchObject({
      code: 2,
      stderr: `oai: odd.wav is a WAV of ${rate} Hz: 4000 to 384000 are read\n`,
    });
  });

  it.each([
    ['missing.wav', 'cannot read missing.wav: no such file'],
    ['.', 'cannot read .: it is a directory'],
    ['empty.wav', 'empty.wav is empty'],
  ])('cannot be read: %s', async (name, message) => {
    const cwd = await temporaryFolder();
    await writeFile(join(cwd, 'empty.wav'), '');
    expect(await heard([name], { cwd })).toMatchObject({ code: 2, stderr: `oai: ${message}\n` });
  });
});

describe('the session', () => {
  it('is one that only listens, of the live model, without detection of turns', async () => {
    const { code, stdout, server } = await told(
      [[committed('a'), completed('a', 'hello')]],
      ['--language', 'English', '--language', 'ko'],
    );
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'hello\n' });
    expect(server.handshakes[0]?.url).toBe('/v1/realtime?intent=transcription');
    expect(server.events[0]).toEqual({
      type: 'session.update',
      session: {
        type: 'transcription',
        audio: {
          input: {
            format: { type: 'audio/pcm', rate: 24_000 },
            transcription: { model: 'gpt-live-transcribe', languages: ['en', 'ko'] },
            turn_detection: null,
          },
        },
      },
    });
  });

  it('has the server find the turns, of a model that can', async () => {
    const stdin = Buffer.concat([spokenPcm('one'), quietPcm(1), spokenPcm('two')]);
    expect(await heard(['-', '-m', 'gpt-4o-transcribe'], { stdin })).toMatchObject({
      code: 0,
      stdout: 'one\ntwo\n',
    });
    expect(await heard(['-', '--turn-detection', 'server_vad'], { stdin })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('is not to be had of gpt-live-transcribe'),
    });
  });

  it('prints turns in the order in which they were spoken', async () => {
    const answer = [
      committed('a'),
      { type: 'input_audio_buffer.speech_stopped', item_id: 'b' },
      committed('b'),
      delta('b', 'second'),
      completed('b', 'second turn'),
      delta('a', 'first'),
      completed('a', 'first turn'),
    ];
    expect(await told([answer], [])).toMatchObject({ code: 0, stdout: 'first turn\nsecond turn\n' });
  });

  it('says again what was heard otherwise at the end', async () => {
    const answer = [committed('a'), delta('a', 'wreck a nice beach'), completed('a', 'recognise speech')];
    expect(await told([answer], [])).toMatchObject({ stdout: 'wreck a nice beach\nrecognise speech\n' });
  });

  it('prints its events as JSON', async () => {
    const { stdout } = await heard(['-', '--json'], { stdin: spokenPcm('hello') });
    const events = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    for (const event of events) checkSchema('RealtimeServerEvent', event);
    expect(events.at(-1)).toMatchObject({ transcript: 'hello' });
  });

  it('tells of a part that could not be written down, and exit 9', async () => {
    const failed = {
      type: 'conversation.item.input_audio_transcription.failed',
      item_id: 'a',
      error: { message: 'too noisy' },
    };
    const answer = [
      committed('a'),
      { type: 'input_audio_buffer.speech_stopped', item_id: 'b' },
      committed('b'),
      failed,
      completed('b', 'well'),
    ];
    expect(await told([answer], [])).toMatchObject({
      code: 9,
      stdout: 'well\n',
      stderr: expect.stringContaining('a part could not be written down: too noisy'),
    });
  });

  it.each<[string, (socket: WebSocket) => void, number]>([
    ['ends', (socket) => socket.close(), 6],
    ['is lost', (socket) => socket.terminate(), 6],
    ['sends garbage', (socket) => socket.send('{'), 6],
    ['sends bytes', (socket) => socket.send(Buffer.from('{}')), 6],
    [
      'tells of an error',
      (socket) => socket.send('{"type":"error","error":{"type":"invalid_request_error","message":"No."}}'),
      4,
    ],
  ])('prints what came before it %s', async (_, end, code) => {
    const answer = (socket: WebSocket) => {
      socket.send(JSON.stringify(delta('a', 'so far')));
      end(socket);
    };
    expect(await told([answer], [])).toMatchObject({ code, stdout: 'so far\n' });
  });

  it('gives up on a server that says nothing to what was committed', async () => {
    expect(await told([[]], ['--stall-timeout', '7s'])).toMatchObject({
      code: 6,
      stderr: expect.stringContaining('the conversation stalled: nothing came for 7s'),
    });
  });

  it('ends while stdin is still open', async () => {
    const server = await realtimeServer([], { onEvent: (_, socket) => socket.close() });
    const run = await oai(['realtime', '--transcribe', '-', '--base-url', server.baseUrl, '--retries', '0'], {
      stdin: {
        kind: 'pipe',
        async *read(signal) {
          yield spokenPcm('hello');
          await new Promise((_, reject) => {
            signal.addEventListener('abort', () => reject(signal.reason));
          });
        },
      },
    });
    expect(run).toMatchObject({ code: 6 });
  });

  it('is recorded, and replayed', async () => {
    const cwd = await temporaryFolder();
    const stdin = spokenPcm('hello there');
    await heard(['-', '--record', 'tapes'], { cwd, stdin });
    expect(
      await oai(['realtime', '--transcribe', '-', '--replay', 'tapes'], { cwd, stdin, env: {} }),
    ).toMatchObject({
      code: 0,
      stdout: 'hello there\n',
    });
  });
});
