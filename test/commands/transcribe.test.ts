import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { errorAnswer, eventStream, jsonAnswer, stubApi } from '../support/api.ts';
import { CapturedOutput, FakeClock, type FakeContextOptions } from '../support/context.ts';
import { temporaryFolder } from '../support/folder.ts';
import { type FormFile, formOf } from '../support/forms.ts';
import { spoken } from '../support/heard.ts';
import { oai, settle } from '../support/oai.ts';
import { checkForm } from '../support/openapi.ts';

const TEXT = 'Good morning, everyone. This is a test.';
let mp3: Buffer<ArrayBuffer>;
let wav: Buffer<ArrayBuffer>;

beforeAll(async () => {
  mp3 = await spoken(TEXT);
  wav = await spoken(TEXT, 'wav');
});

/** The words and some silence after them, in a WAV whose header tells its length, unlike one that is streamed. */
function long(seconds: number, words = wav): Buffer {
  const rate = words.readUInt32LE(28);
  const sound = Buffer.concat([words, Buffer.alloc(Math.round(seconds * rate))]);
  sound.writeUInt32LE(sound.length - 8, 4);
  sound.writeUInt32LE(sound.length - 44, 40);
  return sound;
}

/** A folder with some sound. */
async function desk(): Promise<string> {
  const cwd = await temporaryFolder();
  await writeFile(join(cwd, 'talk.mp3'), mp3);
  await writeFile(join(cwd, 'talk.wav'), wav);
  return cwd;
}

async function transcribe(
  argv: readonly string[],
  answers: Parameters<typeof stubApi> = [],
  { cwd: given, ...options }: FakeContextOptions = {},
) {
  const cwd = given ?? (await desk());
  const api = stubApi(...answers);
  const run = await oai(['transcribe', ...argv], { cwd, fetch: api.fetch, ...options });
  return { ...run, cwd, requests: api.requests, left: (await readdir(cwd)).sort() };
}

/** Runs a command line against the sandbox. */
async function sandboxed(argv: readonly string[], { cwd: given, ...options }: FakeContextOptions = {}) {
  const cwd = given ?? (await desk());
  const run = await oai(['transcribe', '--sandbox', ...argv], { cwd, ...options });
  return { ...run, cwd, left: (await readdir(cwd)).sort() };
}

const said = (text: string, type = 'transcript.text.done') => eventStream([{ type, text }], { done: false });
const verbose = {
  task: 'transcribe',
  language: 'english',
  duration: 3,
  text: 'Hello you.',
  segments: [{ id: 0, seek: 0, start: 0.5, end: 2, text: ' Hello you.' }],
  words: [
    { word: 'Hello', start: 0.5, end: 1 },
    { word: 'you', start: 1.1, end: 2 },
  ],
};
const diarized = {
  task: 'transcribe',
  duration: 3,
  text: 'Hi. Hello.',
  segments: [
    { type: 'transcript.text.segment', id: 'seg_001', start: 0, end: 1, text: 'Hi.', speaker: 'A' },
    { type: 'transcript.text.segment', id: 'seg_002', start: 1, end: 2, text: 'Hello.', speaker: 'B' },
  ],
};

describe('the request', () => {
  const text = { model: 'gpt-transcribe', response_format: 'json', stream: 'true' };
  const json = { model: 'gpt-transcribe', response_format: 'json' };
  const times = {
    model: 'whisper-1',
    response_format: 'verbose_json',
    'timestamp_granularities[]': ['segment'],
  };
  const speakers = {
    model: 'gpt-4o-transcribe-diarize',
    response_format: 'diarized_json',
    chunking_strategy: 'auto',
  };

  it.each<[string, string[], object, Response]>([
    ['nothing else', [], text, said('hi')],
    ['no stream', ['--no-stream'], json, jsonAnswer({ text: 'hi' })],
    ['a language', ['--language', 'ko', '--json'], { ...json, language: 'ko' }, jsonAnswer({ text: 'hi' })],
    [
      'a language by its name',
      ['--language', 'korean', '--json'],
      { ...json, language: 'ko' },
      jsonAnswer({ text: 'hi' }),
    ],
    [
      'several languages',
      ['--language', 'ko-KR', '--language', 'English', '--json'],
      { ...json, 'languages[]': ['ko', 'en'] },
      jsonAnswer({ text: 'hi' }),
    ],
    [
      'a prompt, keywords and a temperature',
      ['--prompt', 'a call', '--keyword', 'Siobhan', '--keyword', 'Nguyen', '-t', '0.2', '--json'],
      { ...json, prompt: 'a call', 'keywords[]': ['Siobhan', 'Nguyen'], temperature: '0.2' },
      jsonAnswer({ text: 'hi' }),
    ],
    ['subtitles', ['-f', 'srt'], times, jsonAnswer(verbose)],
    ['subtitles by the name of the output', ['-o', 'x.vtt'], times, jsonAnswer(verbose)],
    [
      'subtitles that are laid out, by words',
      ['-f', 'vtt', '--max-line', '20'],
      { ...times, 'timestamp_granularities[]': ['word', 'segment'] },
      jsonAnswer(verbose),
    ],
    [
      'times of words',
      ['--timestamps', 'word'],
      { ...times, 'timestamp_granularities[]': ['word'] },
      jsonAnswer(verbose),
    ],
    [
      'keywords for a model that has a prompt only',
      ['-f', 'srt', '--keyword', 'Siobhan', '--prompt', 'a call'],
      { ...times, prompt: 'a call\nSiobhan' },
      jsonAnswer(verbose),
    ],
    [
      'whisper told by its format',
      ['-f', 'verbose_json'],
      { model: 'whisper-1', response_format: 'verbose_json' },
      jsonAnswer(verbose),
    ],
    ['speakers', ['--diarize', '--no-stream'], speakers, jsonAnswer(diarized)],
    ['speakers in subtitles', ['--diarize', '-f', 'srt'], speakers, jsonAnswer(diarized)],
    ['speakers as JSON', ['--diarize', '--json'], speakers, jsonAnswer(diarized)],
    [
      'any other field',
      ['--json', '--param', 'chunking_strategy=auto'],
      { ...json, chunking_strategy: 'auto' },
      jsonAnswer({ text: 'hi' }),
    ],
  ])('holds %s', async (_, flags, fields, answer) => {
    const { code, stderr, requests } = await transcribe(['talk.mp3', ...flags], [answer]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(requests[0]?.url).toBe('https://api.openai.com/v1/audio/transcriptions');
    checkForm('POST', '/audio/transcriptions', (await requests[0]?.clone().formData()) ?? new FormData());
    const { file, ...rest } = await formOf(requests[0]);
    expect(rest).toEqual(fields);
    expect(file).toEqual({ name: 'talk.mp3', type: 'audio/mpeg', bytes: mp3 });
  });

  it('holds clips of speakers', async () => {
    const flags = ['--diarize', '--speaker', 'Ann=talk.wav', '--speaker', 'Bob=talk.mp3', '--json'];
    const { code, requests } = await transcribe(['talk.mp3', ...flags], [jsonAnswer(diarized)]);
    expect(code).toBe(0);
    expect(await formOf(requests[0])).toMatchObject({
      'known_speaker_names[]': ['Ann', 'Bob'],
      'known_speaker_references[]': [
        `data:audio/wav;base64,${wav.toString('base64')}`,
        `data:audio/mpeg;base64,${mp3.toString('base64')}`,
      ],
    });
  });

  it('names the file by what it is, whatever its name says', async () => {
    const cwd = await desk();
    await writeFile(join(cwd, 'notes.txt'), mp3);
    const { requests } = await transcribe(['notes.txt', '--json'], [jsonAnswer({ text: 'hi' })], { cwd });
    const { file } = (await formOf(requests[0])) as { file: FormFile };
    expect(file).toMatchObject({ name: 'notes.mp3', type: 'audio/mpeg' });
  });

  it('is made anew for each try, with the whole file', async () => {
    const answers: Parameters<typeof stubApi> = [
      errorAnswer(500, { message: 'oops' }),
      jsonAnswer({ text: 'hi' }),
    ];
    const { code, requests } = await transcribe(['talk.mp3', '--json'], answers, {
      clock: new FakeClock({ leap: true }),
    });
    expect(code).toBe(0);
    for (const request of requests) {
      expect(await formOf(request)).toMatchObject({ file: { bytes: mp3 } });
    }
  });

  it('takes a model of the settings where it can do what is asked, else the one that can', async () => {
    const home = await temporaryFolder();
    const env = { OPENAI_API_KEY: 'sk-test-0123456789', OAI_HOME: home };
    await writeFile(join(home, 'config.toml'), 'models.transcribe = "gpt-4o-transcribe"\n');
    const first = await transcribe(['talk.mp3', '--json', '-q'], [jsonAnswer({ text: 'hi' })], { env });
    expect(await formOf(first.requests[0])).toMatchObject({ model: 'gpt-4o-transcribe' });
    const second = await transcribe(['talk.mp3', '-f', 'srt', '-q'], [jsonAnswer(verbose)], { env });
    expect(await formOf(second.requests[0])).toMatchObject({ model: 'whisper-1' });
  });

  it('asks other servers for whisper', async () => {
    const argv = ['talk.mp3', '--base-url', 'http://localhost:9/v1', '--json'];
    const { requests } = await transcribe(argv, [jsonAnswer({ text: 'hi' })]);
    expect(await formOf(requests[0])).toMatchObject({ model: 'whisper-1', response_format: 'json' });
  });

  it('is shown with --dry-run, and not sent', async () => {
    const { code, stdout, left } = await transcribe(['talk.mp3', '-f', 'srt', '--dry-run']);
    expect({ code, left }).toEqual({ code: 0, left: ['talk.mp3', 'talk.wav'] });
    expect(stdout).toBe(
      [
        'curl -sSN https://api.openai.com/v1/audio/transcriptions',
        '-H "Authorization: Bearer $OPENAI_API_KEY"',
        `-F 'file=@"talk.mp3";type=audio/mpeg;filename="talk.mp3"'`,
        '--form-string model=whisper-1',
        '--form-string response_format=verbose_json',
        "--form-string 'timestamp_granularities[]=segment'",
      ]
        .join(' \\\n  ')
        .concat('\n'),
    );
  });

  it('is shown for a pipe, and for each of several', async () => {
    expect((await transcribe(['--dry-run'], [], { stdin: mp3 })).stdout).toContain(
      `file=@-;type=audio/mpeg;filename="stdin.mp3"`,
    );
    const { stdout } = await transcribe(['talk.mp3', 'talk.wav', '--dry-run']);
    expect(stdout.match(/^curl /gm)).toHaveLength(2);
  });
});

describe('the transcript', () => {
  it('streams as it is recognised', async () => {
    const events = [
      { type: 'transcript.text.delta', delta: ' Good' },
      { type: 'transcript.text.delta', delta: ' morning' },
      { type: 'transcript.text.delta', delta: '.\n' },
      { type: 'transcript.text.done', text: 'Good morning.' },
    ];
    const stdout = new CapturedOutput();
    const { code } = await transcribe(['talk.mp3'], [eventStream(events, { done: false })], { stdout });
    expect({ code, text: stdout.text }).toEqual({ code: 0, text: 'Good morning.\n' });
  });

  it('is printed by servers that do not stream, too', async () => {
    const { code, stdout } = await transcribe(['talk.mp3'], [jsonAnswer({ text: ' Good morning. ' })]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'Good morning.\n' });
  });

  it('is what came before a cut, and the exit code says so', async () => {
    const { code, stdout, stderr } = await transcribe(
      ['talk.mp3'],
      [eventStream([{ type: 'transcript.text.delta', delta: 'Good mor' }], { done: false })],
    );
    expect({ code, stdout }).toEqual({ code: 6, stdout: 'Good mor\n' });
    expect(stderr).toBe(
      'oai: the transcript was cut: the stream ended before it was complete\n     what arrived is kept\n',
    );
  });

  it("is the API's own object with --json", async () => {
    const answer = { text: 'hi', languages: [{ code: 'en' }], usage: { type: 'duration', seconds: 3 } };
    const { stdout } = await transcribe(['talk.mp3', '--json'], [jsonAnswer(answer)]);
    expect(JSON.parse(stdout)).toEqual(answer);
  });

  it('is events as JSON Lines with --stream', async () => {
    const events = [
      { type: 'transcript.text.delta', delta: 'hi' },
      { type: 'transcript.text.done', text: 'hi' },
    ];
    const { stdout } = await transcribe(
      ['talk.mp3', '--json', '--stream'],
      [eventStream(events, { done: false })],
    );
    expect(
      stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual(events);
  });

  it.each([
    ['srt', '1\n00:00:00,500 --> 00:00:02,000\nHello you.\n'],
    ['vtt', 'WEBVTT\n\n00:00:00.500 --> 00:00:02.000\nHello you.\n'],
  ])('is subtitles as %s', async (format, expected) => {
    const { code, stdout } = await transcribe(['talk.mp3', '-f', format], [jsonAnswer(verbose)]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: expected });
  });

  it.each([
    ['segment', '[00:00:00.500 --> 00:00:02.000] Hello you.\n'],
    ['word', '[00:00:00.500 --> 00:00:01.000] Hello\n[00:00:01.100 --> 00:00:02.000] you\n'],
  ])('has a line for each %s with its times', async (kind, expected) => {
    const { stdout } = await transcribe(['talk.mp3', '--timestamps', kind], [jsonAnswer(verbose)]);
    expect(stdout).toBe(expected);
  });

  it('is JSON where both kinds of times are asked for', async () => {
    const { stdout } = await transcribe(['talk.mp3', '--timestamps', 'word,segment'], [jsonAnswer(verbose)]);
    expect(JSON.parse(stdout)).toEqual(verbose);
  });

  it('has a line for each turn of a speaker, streamed or not', async () => {
    const whole = await transcribe(['talk.mp3', '--diarize', '--no-stream'], [jsonAnswer(diarized)]);
    expect(whole.stdout).toBe('A: Hi.\nB: Hello.\n');
    const events = [
      { type: 'transcript.text.delta', delta: 'Hi.', segment_id: 'seg_001' },
      diarized.segments[0] ?? {},
      diarized.segments[1] ?? {},
      { type: 'transcript.text.done', text: 'Hi. Hello.' },
    ];
    const streamed = await transcribe(['talk.mp3', '--diarize'], [eventStream(events, { done: false })]);
    expect(streamed.stdout).toBe('A: Hi.\nB: Hello.\n');
  });

  it('names speakers in subtitles', async () => {
    const { stdout } = await transcribe(['talk.mp3', '--diarize', '-f', 'vtt'], [jsonAnswer(diarized)]);
    expect(stdout).toContain('00:00:00.000 --> 00:00:01.000\n<v A>Hi.\n');
  });

  it('goes into a file whole, or stays beside it', async () => {
    const { stdout, cwd } = await transcribe(['talk.mp3', '-o', 'talk.txt'], [jsonAnswer({ text: 'hi' })]);
    expect(stdout).toBe('talk.txt\n');
    expect(await readFile(join(cwd, 'talk.txt'), 'utf8')).toBe('hi\n');
    const told = await transcribe(['talk.mp3', '-o', 'talk.srt', '--json'], [jsonAnswer(verbose)]);
    expect(JSON.parse(told.stdout)).toEqual({ input: 'talk.mp3', path: 'talk.srt', skipped: false });
  });

  it('is not asked for where its file exists', async () => {
    const cwd = await desk();
    await writeFile(join(cwd, 'talk.txt'), 'mine');
    const { code, stderr } = await transcribe(['talk.mp3', '-o', 'talk.txt'], [], { cwd });
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: `oai: ${cwd}/talk.txt exists\n     --force replaces it\n`,
    });
    expect(await readFile(join(cwd, 'talk.txt'), 'utf8')).toBe('mine');
    await transcribe(['talk.mp3', '-o', 'talk.txt', '--force'], [jsonAnswer({ text: 'new' })], { cwd });
    expect(await readFile(join(cwd, 'talk.txt'), 'utf8')).toBe('new\n');
  });

  it('shows control characters of a hostile server as text on a terminal', async () => {
    const stdout = new CapturedOutput({ isTTY: true });
    await transcribe(['talk.mp3'], [said('a\u001b[2Jb')], { stdout });
    expect(stdout.text).not.toContain('\u001b');
  });

  it('may be empty: nothing is said, and that is said', async () => {
    const silent = { ...verbose, text: '', segments: [], words: [] };
    const { code, stdout, stderr } = await transcribe(['talk.mp3', '-f', 'vtt'], [jsonAnswer(silent)]);
    expect({ code, stdout, stderr }).toEqual({
      code: 0,
      stdout: 'WEBVTT\n',
      stderr: 'oai: talk.mp3: nothing is said in it\n',
    });
    expect(await transcribe(['talk.mp3'], [said('')])).toMatchObject({ code: 0, stdout: '' });
  });

  it.each<[string, Response, string[], RegExp]>([
    ['a page', new Response('<html>', { headers: { 'content-type': 'text/html' } }), ['--json'], /not with/],
    ['no text', jsonAnswer({ hello: 1 }), ['--json'], /api\.openai\.com answered, but not with a transcript/],
    ['a list', jsonAnswer([1]), ['--no-stream'], /answered, but not with a transcript/],
    [
      'a text without times',
      jsonAnswer({ text: 'hi' }),
      ['-f', 'srt'],
      /the answer has a text, but no times/,
    ],
    ['no segment that is one', jsonAnswer({ text: 'hi', segments: [1, {}] }), ['-f', 'srt'], /no times/],
  ])('is nothing where a server answers with %s', async (_, answer, flags, message) => {
    const { code, stdout, stderr } = await transcribe(['talk.mp3', ...flags, '--retries', '0'], [answer]);
    expect(stdout).toBe('');
    expect(stderr).toMatch(message);
    expect([6, 8]).toContain(code);
  });
});

describe('bad input', () => {
  it.each<[string, string[], RegExp]>([
    ['no input', [], /^oai: no audio\n {5}name a file, or pipe one in/],
    ['a file that is not there', ['nope.mp3'], /^oai: cannot read nope\.mp3: no such file\n$/],
    ['a text', ['notes.txt'], /^oai: notes\.txt is text, not audio\n {5}what the API takes: flac/],
    ['an empty file', ['empty.wav'], /^oai: empty\.wav is empty \(0 bytes\)\n$/],
    ['a header that breaks off', ['cut.wav'], /^oai: cut\.wav is a WAV whose header breaks off\n$/],
    ['an image', ['cat.png'], /^oai: cat\.png is no audio that is known here/],
    ['an empty name', [''], /^oai: the name of a file is empty\n$/],
    ['an empty directory', ['empty'], /^oai: empty has no audio in it\n$/],
    ['a pattern that nothing matches', ['*.ogg'], /^oai: no file matches \*\.ogg\n$/],
    [
      'a model without times',
      ['talk.mp3', '-f', 'srt', '-m', 'gpt-transcribe'],
      /^oai: gpt-transcribe tells no times, which subtitles need\n {5}-m whisper-1 does\n$/,
    ],
    [
      'times of a model that has none',
      ['talk.mp3', '--timestamps', 'word', '-m', 'gpt-4o-transcribe', '-q'],
      /^oai: gpt-4o-transcribe tells no times.*\n {5}-m whisper-1 does\n$/,
    ],
    [
      'speakers of a model that has none',
      ['talk.mp3', '--diarize', '-m', 'whisper-1', '-q'],
      /whisper-1 tells no speakers\n {5}-m gpt-4o-transcribe-diarize does\n$/,
    ],
    [
      'a clip without --diarize',
      ['talk.mp3', '--speaker', 'A=talk.wav'],
      /^oai: --speaker names whom --diarize tells apart\n {5}add --diarize\n$/,
    ],
    [
      'a clip without a name',
      ['talk.mp3', '--diarize', '--speaker', 'talk.wav'],
      /^oai: --speaker talk\.wav is not of the form NAME=clip\.wav\n$/,
    ],
    [
      'a clip that is none',
      ['talk.mp3', '--diarize', '--speaker', 'A=notes.txt'],
      /notes\.txt is no audio that the API takes/,
    ],
    [
      'a clip that is too short',
      ['talk.mp3', '--diarize', '--speaker', 'A=short.wav'],
      /short\.wav is 0\.\d s long; the API takes 2 to 10 s/,
    ],
    [
      'a name twice',
      ['talk.mp3', '--diarize', '--speaker', 'A=talk.wav', '--speaker', 'A=talk.wav'],
      /two speakers the same name/,
    ],
    [
      'five clips',
      [
        'talk.mp3',
        '--diarize',
        ...['A', 'B', 'C', 'D', 'E'].flatMap((name) => ['--speaker', `${name}=talk.wav`]),
      ],
      /the API knows 4 at most/,
    ],
    ['words with speakers', ['talk.mp3', '--diarize', '--timestamps', 'word'], /no model tells both/],
    [
      'a prompt with speakers',
      ['talk.mp3', '--diarize', '--prompt', 'x'],
      /gpt-4o-transcribe-diarize takes no --prompt/,
    ],
    [
      'keywords with speakers',
      ['talk.mp3', '--diarize', '--keyword', 'x'],
      /gpt-4o-transcribe-diarize takes no --keyword/,
    ],
    [
      'two languages for whisper',
      ['talk.mp3', '-f', 'srt', '--language', 'ko', '--language', 'en'],
      /whisper-1 takes one --language/,
    ],
    [
      'a language that is none',
      ['talk.mp3', '--language', 'Klingon'],
      /^oai: --language Klingon is no language that is known here/,
    ],
    ['a temperature of 2', ['talk.mp3', '-t', '2'], /-t|--temperature 2 is not a number from 0 to 1/],
    [
      'times of letters',
      ['talk.mp3', '--timestamps', 'letter'],
      /--timestamps letter is not one of word, segment/,
    ],
    [
      'times in JSON that has no place for them',
      ['talk.mp3', '--timestamps', 'word', '-f', 'json'],
      /-f json has no place for --timestamps\n {5}-f verbose_json has/,
    ],
    [
      'streamed subtitles',
      ['talk.mp3', '-f', 'srt', '--stream'],
      /--stream is for text and JSON without times/,
    ],
    [
      'a format and a name that contradict',
      ['talk.mp3', '-f', 'srt', '-o', 'x.vtt'],
      /--format srt and -o x\.vtt contradict/,
    ],
    ['JSON and text', ['talk.mp3', '--json', '-f', 'text'], /--json and -f text contradict/],
    [
      'lines of a text',
      ['talk.mp3', '--max-line', '40'],
      /--max-line is for subtitles\n {5}add -f srt or -f vtt\n$/,
    ],
    [
      'two inputs and one file',
      ['talk.mp3', 'talk.wav', '-o', 'x.txt'],
      /-o x\.txt is one file, and there are several inputs\n {5}a directory takes them: -o x\.txt\/\n$/,
    ],
    [
      'subtitles of two inputs on stdout',
      ['talk.mp3', 'talk.wav', '-f', 'srt', '-o', '-'],
      /do not go into one stream/,
    ],
    [
      'a field that the command decides',
      ['talk.mp3', '--param', 'response_format=srt'],
      /--param response_format: --format is the flag for that/,
    ],
  ])('%s is exit 2', async (_, argv, message) => {
    const cwd = await desk();
    await writeFile(join(cwd, 'notes.txt'), 'hello\n');
    await writeFile(join(cwd, 'empty.wav'), '');
    await writeFile(join(cwd, 'cut.wav'), wav.subarray(0, 20));
    await writeFile(join(cwd, 'short.wav'), long(0, await spoken('ah', 'wav')));
    await writeFile(join(cwd, 'cat.png'), Buffer.from('\x89PNG\r\n\x1a\n\0\0\0\rIHDR', 'latin1'));
    await mkdir(join(cwd, 'empty'));
    const { code, stdout, stderr } = await transcribe(argv, [], { cwd });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(message);
  });

  it('says what the API says of it', async () => {
    const refusal = errorAnswer(400, { message: 'Audio file might be corrupted', code: 'invalid_value' });
    const { code, stderr } = await transcribe(['talk.mp3'], [refusal]);
    expect({ code, stderr }).toEqual({
      code: 4,
      stderr: 'oai: Audio file might be corrupted (request req_stub)\n',
    });
  });
});

describe('many inputs', () => {
  async function recordings(): Promise<string> {
    const cwd = await temporaryFolder();
    await mkdir(join(cwd, 'in'));
    for (const number of [1, 2, 10])
      await writeFile(join(cwd, 'in', `p${number}.mp3`), await spoken(`Number ${number}.`));
    await writeFile(join(cwd, 'in', 'notes.txt'), 'no sound');
    return cwd;
  }

  it('become a file each, beside them, in the order of their names', async () => {
    const cwd = await recordings();
    const { code, stdout, stderr } = await sandboxed(['in'], { cwd });
    expect({ code, stdout, stderr }).toEqual({
      code: 0,
      stdout: 'in/p1.txt\nin/p2.txt\nin/p10.txt\n',
      stderr: '',
    });
    expect(await readFile(join(cwd, 'in', 'p10.txt'), 'utf8')).toBe('Number 10.\n');
  });

  it('go into a folder, which is made; again, only what is missing is asked for', async () => {
    const cwd = await recordings();
    const argv = ['in/*.mp3', '-o', 'out/', '-f', 'srt'];
    expect(await sandboxed(argv, { cwd })).toMatchObject({
      code: 0,
      stdout: 'out/p1.srt\nout/p2.srt\nout/p10.srt\n',
    });
    await writeFile(join(cwd, 'out', 'p1.srt'), 'mine');
    const { code, stdout, stderr } = await transcribe(argv, [], { cwd });
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    expect(stderr).toContain('oai: out/p1.srt exists: in/p1.mp3 is left out (--force makes it anew)\n');
    await sandboxed([...argv, '--force'], { cwd });
    expect(await readFile(join(cwd, 'out', 'p1.srt'), 'utf8')).toContain('Number 1.');
  });

  it('are told as JSON Lines', async () => {
    const cwd = await recordings();
    await writeFile(join(cwd, 'in', 'p2.txt'), 'mine');
    const { stdout } = await sandboxed(['in/p1.mp3', 'in/p2.mp3', '--json', '-o', 'in'], { cwd });
    expect(
      stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual([
      { input: 'in/p1.mp3', path: 'in/p1.txt', skipped: false },
      { input: 'in/p2.mp3', path: 'in/p2.txt', skipped: true },
    ]);
  });

  it('go to stdout in order, as text or as JSON Lines', async () => {
    const cwd = await recordings();
    const text = await sandboxed(['in', '-o', '-'], { cwd });
    expect(text.stdout).toBe('Number 1.\nNumber 2.\nNumber 10.\n');
    const lines = (await sandboxed(['in', '--json'], { cwd })).stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.map(({ input, text }) => [input, text])).toEqual([
      ['in/p1.mp3', 'Number 1.'],
      ['in/p2.mp3', 'Number 2.'],
      ['in/p10.mp3', 'Number 10.'],
    ]);
  });

  it('are made as far as they can be: what failed is listed, exit 9', async () => {
    const cwd = await recordings();
    await writeFile(join(cwd, 'in', 'bad.mp3'), 'no sound');
    const { code, stdout, stderr } = await sandboxed(['in', 'nope.mp3', '-o', 'out'], { cwd, stdin: '' });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('-o out is one file');
    const again = await sandboxed(['in', 'nope.mp3', '-o', 'out/'], { cwd });
    expect({ code: again.code, stdout: again.stdout }).toEqual({
      code: 9,
      stdout: 'out/p1.txt\nout/p2.txt\nout/p10.txt\n',
    });
    expect(again.stderr).toBe(
      [
        'oai: in/bad.mp3 is text, not audio',
        'oai: cannot read nope.mp3: no such file',
        'oai: 2 of 5 failed',
        '',
      ].join('\n'),
    );
  });

  it('are not all tried with a key that is wrong', async () => {
    const cwd = await recordings();
    const denied = () => errorAnswer(401, { message: 'Incorrect API key', code: 'invalid_api_key' });
    const { code, stderr } = await transcribe(['in', '-j', '1'], [denied()], { cwd });
    expect(code).toBe(3);
    expect(stderr).toMatch(
      /^oai: in\/p1\.mp3: Incorrect API key \(request req_stub\)\noai: 1 of 3 failed, 2 not tried after that\n/,
    );
  });

  it('of the same name do not get into the way of each other', async () => {
    const { code, stdout } = await sandboxed(['talk.mp3', 'talk.wav']);
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'talk.mp3.txt\ntalk.wav.txt\n' });
  });

  it('are asked for no more at a time than -j says', async () => {
    const cwd = await recordings();
    let [now, most] = [0, 0];
    const slow = async () => {
      now += 1;
      most = Math.max(most, now);
      // As many as may be are under way by now.
      await settle(100);
      now -= 1;
      return jsonAnswer({ text: 'hi' });
    };
    await transcribe(['in', '-j', '2'], [slow, slow, slow], { cwd });
    expect(most).toBe(2);
  });
});

describe('a pipe', () => {
  it('is heard without a word, and as `-`', async () => {
    expect(await sandboxed([], { stdin: mp3 })).toMatchObject({ code: 0, stdout: `${TEXT}\n`, stderr: '' });
    expect(await sandboxed(['-'], { stdin: [mp3.subarray(0, 100), mp3.subarray(100)] })).toMatchObject({
      code: 0,
      stdout: `${TEXT}\n`,
    });
  });

  it.each<[string, FakeContextOptions, string[], RegExp]>([
    ['that is empty', { stdin: '' }, ['-'], /^oai: stdin is empty \(0 bytes\)\n$/],
    ['of text', { stdin: 'hello' }, [], /^oai: stdin is text, not audio/],
    ['that is not to be read', { stdin: 'hello' }, ['--no-stdin'], /^oai: no audio/],
    [
      'that is a terminal',
      { stdinTTY: true },
      ['-'],
      /^oai: the audio is to come from stdin, which is a terminal/,
    ],
  ])('%s is exit 2', async (_, options, argv, message) => {
    const { code, stderr } = await transcribe(argv, [], options);
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
  });
});

describe('a sound that is too large or too long for a request', () => {
  it('is sent in parts once the server says so, and put together again', async () => {
    const cwd = await desk();
    await writeFile(join(cwd, 'long.wav'), long(10));
    const tooLong = errorAnswer(400, {
      message: 'audio duration 13 seconds is longer than 5 seconds which is the maximum for this model',
    });
    const part = (text: string) => (request: Request) => {
      void request;
      return jsonAnswer({
        ...verbose,
        text,
        segments: [{ ...verbose.segments[0], text }],
        words: undefined,
        duration: 5,
      });
    };
    const argv = ['long.wav', '-f', 'verbose_json'];
    const { code, stdout, requests } = await transcribe(
      argv,
      [tooLong, part('One.'), part('Two.'), part('Three.')],
      { cwd },
    );
    expect(code).toBe(0);
    const { segments, text } = JSON.parse(stdout);
    expect(text).toBe('One. Two. Three.');
    expect(segments.map(({ id }: { id: number }) => id)).toEqual([0, 1, 2]);
    const starts = segments.map(({ start }: { start: number }) => start - 0.5);
    const sizes = await Promise.all(
      requests
        .slice(1)
        .map(async (request) => ((await formOf(request)) as { file: FormFile }).file.bytes.length - 44),
    );
    const rate = wav.readUInt32LE(28);
    // Each part starts where those before it end.
    expect(starts[1]).toBeCloseTo((sizes[0] ?? 0) / rate, 5);
    expect(starts[2]).toBeCloseTo(((sizes[0] ?? 0) + (sizes[1] ?? 0)) / rate, 5);
  });

  it('keeps the speakers of its parts apart, but for those who are known', async () => {
    const cwd = await desk();
    await writeFile(join(cwd, 'long.wav'), long(10));
    const tooLong = errorAnswer(400, {
      message: 'audio duration 13 seconds is longer than 7 seconds which is the maximum for this model',
    });
    const answer = () =>
      jsonAnswer({
        ...diarized,
        segments: [diarized.segments[0], { ...diarized.segments[1], speaker: 'Ann' }],
      });
    const argv = ['long.wav', '--diarize', '--no-stream', '--speaker', 'Ann=talk.wav'];
    const { code, stdout, stderr } = await transcribe(argv, [tooLong, answer(), answer()], { cwd });
    expect(code).toBe(0);
    expect(stdout).toBe('A-1: Hi.\nAnn: Hello.\nA-2: Hi.\nAnn: Hello.\n');
    expect(stderr).toBe(
      'oai: long.wav was heard in 2 parts: speakers are told apart within each, as A-1 and A-2\n',
    );
  });

  it('fails as a whole when a part does, and what came before is printed', async () => {
    const cwd = await desk();
    await writeFile(join(cwd, 'long.wav'), long(10));
    const tooLong = errorAnswer(400, { message: 'longer than 5 seconds' });
    const failing = async () => errorAnswer(400, { message: 'corrupted' });
    const argv = ['long.wav', '--no-stream', '-j', '1'];
    const { code, stdout, stderr } = await transcribe(
      argv,
      [tooLong, jsonAnswer({ text: 'One.' }), failing],
      { cwd },
    );
    expect({ code, stdout }).toEqual({ code: 4, stdout: 'One.\n' });
    expect(stderr).toBe('oai: part 2 of 3 of long.wav: corrupted (request req_stub)\n');
  });
});

describe('the day after', () => {
  const on = (day: string, argv: string[]) =>
    sandboxed(argv, { clock: new FakeClock({ now: Date.parse(day) }) });

  it('text is what it was', async () => {
    expect(await on('2027-03-01', ['talk.mp3'])).toMatchObject({ code: 0, stdout: `${TEXT}\n`, stderr: '' });
  });

  it.each([
    [['-f', 'srt'], 'whisper-1 has ended, and gpt-transcribe tells no times, which subtitles need'],
    [
      ['--timestamps', 'word'],
      'whisper-1 has ended, and gpt-transcribe tells no times, which subtitles need',
    ],
    [['--diarize'], 'gpt-4o-transcribe-diarize has ended, and gpt-transcribe tells no speakers'],
  ])('%j is an error that says so, with nothing sent', async (flags, message) => {
    expect(await on('2027-02-25T23:59:59Z', ['talk.mp3', ...flags])).toMatchObject({ code: 0 });
    const { code, stdout, stderr } = await on('2027-02-26', ['talk.mp3', ...flags]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr.split('\n')[0]).toBe(`oai: ${message}`);
  });

  it('is met as well where the API says that the model is gone', async () => {
    const env = { OAI_SANDBOX: 'gone=whisper-1' };
    const { code, stderr } = await sandboxed(['talk.mp3', '-f', 'srt'], { env });
    expect(code).toBe(4);
    expect(stderr).toMatch(/^oai: whisper-1 has ended, and gpt-transcribe tells no times/);
  });

  it('leaves a model that was named to the API, with a warning', async () => {
    const { stderr } = await on('2027-01-20', ['talk.mp3', '-m', 'whisper-1', '-f', 'srt']);
    expect(stderr).toBe('oai: whisper-1 ends on 2027-02-26, in 37 days; gpt-transcribe takes its place\n');
  });
});

describe('the sandbox', () => {
  it.each(['mp3', 'wav'])('gives the words of a %s back', async (kind) => {
    expect(await sandboxed([`talk.${kind}`])).toMatchObject({ code: 0, stdout: `${TEXT}\n` });
  });

  it('gives words and segments their times', async () => {
    const { stdout } = await sandboxed(['talk.wav', '--timestamps', 'word,segment']);
    const { words, segments, duration } = JSON.parse(stdout);
    expect(words.map(({ word }: { word: string }) => word)).toEqual([
      'Good',
      'morning',
      'everyone',
      'This',
      'is',
      'a',
      'test',
    ]);
    expect(segments.map(({ text }: { text: string }) => text.trim())).toEqual([
      'Good morning, everyone.',
      'This is a test.',
    ]);
    expect(segments[1].end).toBeLessThanOrEqual(duration);
    expect(words[3].start).toBe(segments[1].start);
  });

  it.each([
    ['refusal', 7],
    ['429', 5],
    ['500', 6],
    ['cut@2', 6],
    ['garbled@1', 6],
    ['html', 6],
  ])('can fail: %s is exit %i', async (fault, exitCode) => {
    const env = { OAI_SANDBOX: fault };
    const { code } = await sandboxed(['talk.mp3', '--retries', '0'], { env });
    expect(code).toBe(exitCode);
  });

  it('is given up when it goes silent', async () => {
    const clock = new FakeClock();
    const stdout = new CapturedOutput();
    const argv = ['talk.mp3', '--stall-timeout', '5s', '--retries', '0'];
    const running = sandboxed(argv, { env: { OAI_SANDBOX: 'stall@1' }, clock, stdout });
    await stdout.shows('Good');
    await settle();
    clock.advance(5000);
    const { code, stderr } = await running;
    expect(code).toBe(6);
    expect(stderr).toMatch(/^oai: the answer stalled: nothing came for 5s/);
  });
});
