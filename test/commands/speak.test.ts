import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { errorAnswer, jsonAnswer, stubApi } from '../support/api.ts';
import { CapturedOutput, FakeClock, type FakeContextOptions } from '../support/context.ts';
import { decodeMp3 } from '../support/decode-audio.ts';
import { temporaryFolder } from '../support/folder.ts';
import { heard } from '../support/heard.ts';
import { oai, settle } from '../support/oai.ts';
import { checkRequest } from '../support/openapi.ts';

const sound = Buffer.from('ID3 sound');
const answer = (bytes: Uint8Array | string = sound) =>
  new Response(bytes, { headers: { 'content-type': 'audio/mpeg' } });
const plain = { model: 'gpt-4o-mini-tts', voice: 'coral', response_format: 'mp3', input: 'good morning' };

async function speak(
  argv: readonly string[],
  answers: Parameters<typeof stubApi> = [answer()],
  options: FakeContextOptions = {},
) {
  const cwd = await temporaryFolder();
  const api = stubApi(...answers);
  const run = await oai(['speak', ...argv], { cwd, fetch: api.fetch, ...options });
  return { ...run, cwd, requests: api.requests, left: (await readdir(cwd)).sort() };
}

describe('the request', () => {
  it.each<[string, string[], object]>([
    ['nothing else', [], plain],
    ['a voice', ['-v', 'marin'], { ...plain, voice: 'marin' }],
    ['a voice of your own', ['-v', 'voice_123'], { ...plain, voice: { id: 'voice_123' } }],
    ['instructions', ['--instructions', 'whisper'], { ...plain, instructions: 'whisper' }],
    ['a speed', ['--speed', '1.5'], { ...plain, speed: 1.5 }],
    ['a format', ['-f', 'wav'], { ...plain, response_format: 'wav' }],
    ['the format that a name asks for', ['-o', 'x.opus'], { ...plain, response_format: 'opus' }],
    ['any other field', ['--param', 'speed=2'], { ...plain, speed: 2 }],
  ])('holds %s', async (_, flags, body) => {
    const wav = Buffer.from(
      'RIFF\x24\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\xc0\x5d\0\0\x80\xbb\0\0\x02\0\x10\0data\x02\0\0\0\0\0',
      'latin1',
    );
    const { code, requests } = await speak(['good morning', ...flags], [answer(wav)]);
    expect(code).toBe(0);
    const sent: unknown = await requests[0]?.json();
    expect(sent).toEqual(body);
    checkRequest('POST', '/audio/speech', sent);
    expect(requests[0]?.url).toBe('https://api.openai.com/v1/audio/speech');
  });

  it('takes any voice at a server of another kind', async () => {
    const { requests } = await speak(['hi', '-v', 'af_heart', '--base-url', 'http://localhost:9/v1']);
    expect(await requests[0]?.json()).toMatchObject({ voice: 'af_heart' });
  });

  it('takes the text from a pipe, and keeps its line breaks', async () => {
    const { requests, stdout } = await speak([], undefined, { stdin: 'good\nmorning\n' });
    expect(await requests[0]?.json()).toEqual({ ...plain, input: 'good\nmorning' });
    expect(stdout).toBe('good-morning.mp3\n');
  });

  it('is shown part by part with --dry-run', async () => {
    const text = 'One sentence of forty characters, or so. '.repeat(150);
    const { code, stdout, left } = await speak([text, '--dry-run'], []);
    expect({ code, left }).toEqual({ code: 0, left: [] });
    expect(stdout.match(/^curl /gm)).toHaveLength(2);
  });

  it('is shown where nothing plays sound, too', async () => {
    const env = { OPENAI_API_KEY: 'sk-x', PATH: '/nowhere' };
    const { code, stdout } = await speak(['hi', '--play', '--dry-run'], [], { env });
    expect(code).toBe(0);
    expect(stdout).toContain('"response_format": "mp3"');
  });
});

describe('the sound', () => {
  it('is a file named after the text', async () => {
    const { code, stdout, stderr, cwd } = await speak(['Good morning!']);
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: 'good-morning.mp3\n', stderr: '' });
    expect(await readFile(join(cwd, 'good-morning.mp3'))).toEqual(sound);
  });

  it('goes to stdout as it comes, and nothing else does', async () => {
    const { code, context, left } = await speak(['hi', '-o', '-']);
    expect({ code, left }).toEqual({ code: 0, left: [] });
    expect(context.stdout.bytes).toEqual(sound);
  });

  it('is told as JSON', async () => {
    const { stdout } = await speak(['hi', '--json', '-o', 'x.mp3', '-v', 'ash']);
    expect(JSON.parse(stdout)).toEqual({
      path: 'x.mp3',
      format: 'mp3',
      model: 'gpt-4o-mini-tts',
      voice: 'ash',
      parts: 1,
      bytes: sound.length,
    });
  });

  it('is joined from parts in the order of the text, however they come', async () => {
    const text = 'One sentence of forty characters, or so. '.repeat(250);
    const inputs: string[] = [];
    const part = async (request: Request) => {
      const { input } = (await request.json()) as { input: string };
      inputs.push(input);
      return answer(`${input.length};`.padStart(6, '0'));
    };
    const { code, cwd } = await speak([text, '-f', 'pcm', '-o', 'x.pcm'], [part, part, part]);
    expect(code).toBe(0);
    expect(inputs.join('').length).toBe(text.length);
    const lengths = (await readFile(join(cwd, 'x.pcm'), 'utf8')).split(';').slice(0, -1).map(Number);
    const ordered = [...inputs].sort((a, b) => text.indexOf(a) - text.indexOf(b));
    expect(lengths.reduce((sum, length) => sum + length)).toBe(text.length);
    expect(lengths).toHaveLength(3);
    expect(lengths.at(-1)).toBe(ordered.map(({ length }) => length).sort((a, b) => a - b)[0]);
  });

  it('fails as a whole when one of its parts does, and what came is kept', async () => {
    const text = 'One sentence of forty characters, or so. '.repeat(150);
    const { code, stderr, left, cwd } = await speak(
      [text, '-f', 'pcm', '-o', 'x.pcm', '--retries', '0'],
      [answer('aa'), errorAnswer(500, { message: 'oops' })],
    );
    expect({ code, left }).toEqual({ code: 6, left: ['x.pcm.part'] });
    expect(stderr).toContain(`what arrived is in ${cwd}/x.pcm.part`);
  });
});

describe('bad input, answered before anything is sent', () => {
  it.each<[string, string[], string]>([
    ['no text', [], 'oai: no text\n     give it as words, or pipe it in; --help shows how\n'],
    ['a text of spaces', ['  \n '], 'oai: no text\n     give it as words, or pipe it in; --help shows how\n'],
    ['a speed', ['hi', '--speed', '9'], 'oai: --speed 9 is not a number from 0.25 to 4\n'],
    ['a format', ['hi', '-f', 'midi'], 'oai: --format midi is not one of mp3, opus, aac, flac, wav, pcm\n'],
    [
      'a name of another format',
      ['hi', '-o', 'x.m4a'],
      'oai: -o x.m4a: the API makes mp3, opus, aac, flac, wav, pcm\n',
    ],
    [
      'a format and a name that differ',
      ['hi', '-f', 'wav', '-o', 'x.mp3'],
      'oai: --format wav and -o x.mp3 contradict each other\n',
    ],
    [
      'an unknown voice',
      ['hi', '-v', 'corl'],
      'oai: --voice corl is none of alloy, ash, ballad, cedar, coral, echo, fable, marin, nova, onyx, sage, shimmer, verse\n     `oai speak --voices` says what they are like\n',
    ],
    [
      'instructions to a model that takes none',
      ['hi', '-m', 'tts-1', '--instructions', 'x', '-q'],
      'oai: tts-1 takes no --instructions\n     -m gpt-4o-mini-tts does\n',
    ],
    [
      'a format by the back door',
      ['hi', '--param', 'response_format=wav', '-o', 'x.mp3'],
      'oai: --param response_format is not for speak\n     -f is the format\n',
    ],
    [
      'an answer of events',
      ['hi', '--param', 'stream_format=sse'],
      'oai: --param stream_format is not for speak\n     the sound is always written as it comes\n',
    ],
    [
      'another text',
      ['hi', '--param', 'input=ho'],
      'oai: --param input is not for speak\n     give the text as words, or pipe it in\n',
    ],
    [
      'a missing player',
      ['hi', '--play'],
      'oai: nothing here plays sound: looked for mpv, ffplay, afplay, paplay, aplay, play\n     install one of them, or save it with -o\n',
    ],
  ])('%s', async (_, argv, message) => {
    const env = { OPENAI_API_KEY: 'sk-x', PATH: '/nowhere' };
    const { code, stdout, stderr, left } = await speak(argv, [], { env });
    expect({ code, stdout, stderr, left }).toEqual({ code: 2, stdout: '', stderr: message, left: [] });
  });

  it('sound to a terminal, and a file that exists', async () => {
    const stdout = new CapturedOutput({ isTTY: true });
    const { code, stderr } = await speak(['hi', '-o', '-'], [], { stdout });
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: 'oai: sound is no text for a terminal\n     pipe it on, or give a file: -o hello.mp3\n',
    });
    const cwd = await temporaryFolder();
    await writeFile(join(cwd, 'x.mp3'), 'old');
    const again = await oai(['speak', 'hi', '-o', 'x.mp3'], { cwd, fetch: stubApi().fetch });
    expect(again).toMatchObject({ code: 2, stderr: `oai: ${cwd}/x.mp3 exists\n     --force replaces it\n` });
  });
});

describe('an answer that is not as it should be', () => {
  it.each<[string, () => Response, number, string]>([
    ['no sound', () => answer(''), 8, 'api.openai.com answered with no sound'],
    ['JSON', () => jsonAnswer({ ok: true }), 6, 'api.openai.com answered, but not with speech'],
    [
      'text',
      () => new Response('hm', { headers: { 'content-type': 'text/plain' } }),
      6,
      'api.openai.com answered, but not with speech',
    ],
    ['a refusal', () => errorAnswer(400, { message: 'no' }), 4, 'no (request req_stub)'],
  ])('%s', async (_, response, exitCode, message) => {
    const { code, stdout, stderr, left } = await speak(['hi'], [response()]);
    expect({ code, stdout, left }).toEqual({ code: exitCode, stdout: '', left: [] });
    expect(stderr.split('\n')[0]).toBe(`oai: ${message}`);
  });
});

describe('--voices', () => {
  it('lists them with a word on each', async () => {
    const { code, stdout } = await speak(['--voices'], []);
    expect(code).toBe(0);
    const rows = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(rows).toHaveLength(13);
    const character = expect.stringMatching(/\w+/);
    expect(rows).toContainEqual({ voice: 'coral', character, via: ['speech', 'realtime'] });
    const onlySpeech = rows.filter(({ via }) => !via.includes('realtime'));
    expect(onlySpeech.map(({ voice }) => voice)).toEqual(['fable', 'nova', 'onyx']);
  });

  it('says on a terminal by which way each is to be had', async () => {
    const stdout = new CapturedOutput({ isTTY: true });
    await speak(['--voices'], [], { stdout });
    expect(stdout.text).toMatch(/^voice +via +like\n/);
    expect(stdout.text).toMatch(/^nova +speech +lively, high$/m);
    expect(stdout.text).toMatch(/^sage +speech, realtime +gentle$/m);
  });

  it('needs no key, and is one document with --json', async () => {
    const { code, stdout } = await speak(['--voices', '--json'], [], { env: {} });
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toHaveLength(13);
  });
});

/** Runs a command line against the sandbox. */
async function sandboxed(argv: readonly string[], options: FakeContextOptions = {}) {
  const cwd = await temporaryFolder();
  const run = await oai(['speak', '--sandbox', ...argv], { cwd, ...options });
  return { ...run, cwd, left: (await readdir(cwd)).sort() };
}

const SUCCESSION = 'oai: gpt-4o-mini-tts has ended; gpt-realtime-2.1-mini takes its place\n';

describe('the sandbox', () => {
  it.each(['wav', 'mp3'])('says words in %s that can be heard again', async (format) => {
    const { code, cwd } = await sandboxed(['Good morning, everyone.', '-o', `x.${format}`]);
    expect(code).toBe(0);
    expect(await heard(join(cwd, `x.${format}`))).toBe('Good morning, everyone.');
  });

  it('says a Korean text of 20,000 characters in one MP3, part after part', async () => {
    const text = '긴 문장을 소리 내어 읽어 봅시다. '.repeat(1060).trim();
    const { code, stdout, cwd } = await sandboxed(['-o', 'x.mp3', '--json', '--speed', '4'], { stdin: text });
    expect(code).toBe(0);
    const { parts } = JSON.parse(stdout);
    expect(parts).toBeGreaterThan(4);
    const bytes = await readFile(join(cwd, 'x.mp3'));
    const { seconds } = await decodeMp3(bytes);
    // About 15 characters a second, at four times the speed.
    expect(seconds).toBeGreaterThan(text.length / 15 / 4 / 1.5);
  }, 60_000);

  it.each([
    ['refusal', 7],
    ['empty', 8],
    ['429', 5],
    ['reset@1', 6],
  ])('can fail: %s is exit %i', async (fault, exitCode) => {
    const env = { OAI_SANDBOX: fault };
    const { code, stdout } = await sandboxed(['a longer sentence to be cut', '--retries', '0'], { env });
    expect({ code, stdout }).toEqual({ code: exitCode, stdout: '' });
  });
});

describe('the way by the Realtime API', () => {
  it.each(['wav', 'mp3', 'pcm'])('says a text word for word, as %s', async (format) => {
    const argv = ['--via', 'realtime', 'Good morning, everyone.', '-o', `x.${format}`];
    const { code, stdout, stderr, cwd } = await sandboxed(argv);
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: `x.${format}\n`, stderr: '' });
    if (format !== 'pcm') expect(await heard(join(cwd, `x.${format}`))).toBe('Good morning, everyone.');
  });

  it('is taken from the day on which the default model has ended', async () => {
    const on = (day: string) =>
      sandboxed(['hello there'], { clock: new FakeClock({ now: Date.parse(day) }) });
    expect(await on('2027-01-05T23:59:59Z')).toMatchObject({
      code: 0,
      stderr: '',
      left: ['hello-there.mp3'],
    });
    expect(await on('2027-01-06T00:00:00Z')).toMatchObject({
      code: 0,
      stderr: SUCCESSION,
      left: ['hello-there.mp3'],
    });
  });

  it('is taken when the API says that the default model is gone', async () => {
    const env = { OAI_SANDBOX: 'gone=gpt-4o-mini-tts' };
    const { code, stdout, stderr } = await sandboxed(['hello there', '--json'], { env });
    expect({ code, stderr }).toEqual({ code: 0, stderr: SUCCESSION });
    expect(JSON.parse(stdout)).toMatchObject({ path: 'hello-there.mp3', model: 'gpt-realtime-2.1-mini' });
  });

  it.each([
    ['fable', 'verse'],
    ['nova', 'coral'],
    ['onyx', 'cedar'],
  ])('has another voice in the place of %s, when it takes the place of the default', async (voice, other) => {
    const note = `oai: the voice ${voice} has ended with it; ${other} takes its place\n`;
    const clock = new FakeClock({ now: Date.parse('2027-01-06T00:00:00Z') });
    const ended = await sandboxed(['hello', '-v', voice, '--json', '-f', 'pcm'], { clock });
    expect(ended).toMatchObject({ code: 0, stderr: `${SUCCESSION}${note}` });
    expect(JSON.parse(ended.stdout)).toMatchObject({ voice: other, model: 'gpt-realtime-2.1-mini' });
    const env = { OAI_SANDBOX: 'gone=gpt-4o-mini-tts' };
    const gone = await sandboxed(['hello', '-v', voice, '--json', '-f', 'pcm'], { env });
    expect(gone).toMatchObject({ code: 0, stderr: `${SUCCESSION}${note}` });
    expect(JSON.parse(gone.stdout)).toMatchObject({ voice: other });
  });

  it('has no voice that nobody has, when it takes the place of the default', async () => {
    const clock = new FakeClock({ now: Date.parse('2027-01-06T00:00:00Z') });
    const { code, stderr } = await sandboxed(['hello', '-v', 'novae'], { clock });
    expect(code).toBe(2);
    expect(stderr).toContain('oai: --voice novae is none of alloy, ');
  });

  it('is not taken where the user named the model', async () => {
    const env = { OAI_SANDBOX: 'gone=gpt-4o-mini-tts' };
    expect(await sandboxed(['hi', '-m', 'gpt-4o-mini-tts', '-q'], { env })).toMatchObject({
      code: 4,
      left: [],
    });
  });

  it('warns in one line when what was said differs from the text', async () => {
    const env = { OAI_SANDBOX: 'misread' };
    const { code, stderr } = await sandboxed(['--via', 'realtime', 'good morning to all of you'], { env });
    expect(code).toBe(0);
    expect(stderr).toMatch(/^oai: what was said differs from the text: ".*" for ".*"\n$/);
  });

  it.each([
    ['refusal', 7, []],
    ['empty', 8, []],
    ['gone=gpt-realtime-2.1-mini', 4, []],
    ['cut@1', 6, ['hello.wav.part']],
    ['reset@1', 6, ['hello.wav.part']],
    ['garbled@1', 6, ['hello.wav.part']],
  ])('can fail: %s is exit %i', async (fault, exitCode, files) => {
    const env = { OAI_SANDBOX: fault };
    const argv = ['--via', 'realtime', 'hello to everybody who listens', '-o', 'hello.wav', '--retries', '0'];
    const { code, stdout, left } = await sandboxed(argv, { env });
    expect({ code, stdout, left }).toEqual({ code: exitCode, stdout: '', left: files });
  });

  it('gives up on a session that goes silent', async () => {
    const clock = new FakeClock();
    const cwd = await temporaryFolder();
    const env = { OAI_SANDBOX: 'stall@1' };
    const argv = ['speak', '--sandbox', '--via', 'realtime', 'hello to everybody', '-o', 'x.wav'];
    const running = oai([...argv, '--stall-timeout', '7s'], { cwd, env, clock });
    const written = () =>
      stat(join(cwd, 'x.wav.part')).then(
        ({ size }) => size,
        () => 0,
      );
    await expect.poll(written, { timeout: 5000 }).toBeGreaterThan(44);
    const isOver = running.then(() => true);
    // Each wait for an event has its own time.
    while (!(await Promise.race([isOver, settle(50).then(() => false)]))) clock.advance(7000);
    const { code, stderr } = await running;
    expect({ code, left: await readdir(cwd) }).toEqual({ code: 6, left: ['x.wav.part'] });
    expect(stderr).toMatch(/^oai: the conversation stalled: nothing came for 7s/);
  });

  it.each([
    [['-f', 'opus'], 'oai: opus is not to be had by the Realtime API\n     -f mp3, wav, pcm are\n'],
    [['--speed', '2'], 'oai: --speed 2 is too fast for the Realtime API: its most is 1.5\n'],
    [['--param', 'x=1'], 'oai: --param does not go with the Realtime API here\n'],
    [
      ['-v', 'onyx'],
      'oai: --voice onyx is not to be had by the Realtime API: alloy, ash, ballad, cedar, coral, echo, marin, sage, shimmer, verse are\n     `oai speak --voices` says what they are like\n',
    ],
  ])('does not take %j', async (flags, message) => {
    const { code, stderr, left } = await speak(['--via', 'realtime', 'hi', ...flags], []);
    expect({ code, stderr, left }).toEqual({ code: 2, stderr: message, left: [] });
  });

  it('is shown by its first event in a dry run, and no key is read', async () => {
    const { code, stdout, stderr, left } = await speak(['--via', 'realtime', 'hi', '--dry-run'], []);
    expect({ code, stderr, left }).toEqual({ code: 0, stderr: '', left: [] });
    const [head, header, event, end] = stdout.split('\n');
    expect([head, header, end]).toEqual([
      "websocat -n 'wss://api.openai.com/v1/realtime?model=gpt-realtime-2.1-mini' \\",
      '  -H "Authorization: Bearer $OPENAI_API_KEY" <<\'JSON\'',
      'JSON',
    ]);
    expect(JSON.parse(event ?? '')).toMatchObject({ type: 'session.update', session: { type: 'realtime' } });
  });
});
