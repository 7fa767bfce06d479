import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { chatChunks, errorAnswer, eventStream, jsonAnswer, stubApi } from '../support/api.ts';
import { FakeClock, type FakeContextOptions } from '../support/context.ts';
import { temporaryFolder } from '../support/folder.ts';
import { formOf } from '../support/forms.ts';
import { spoken } from '../support/heard.ts';
import { oai } from '../support/oai.ts';
import { checkForm, checkRequest } from '../support/openapi.ts';

let english: Buffer<ArrayBuffer>;
let korean: Buffer<ArrayBuffer>;

beforeAll(async () => {
  english = await spoken('Good morning. How are you?');
  korean = await spoken('안녕하세요 여러분. 반갑습니다.');
});

const SUBTITLES =
  '1\n00:00:01,000 --> 00:00:02,500\nGood morning.\n\n2\n00:00:03,000 --> 00:00:04,000\nHow are you?\n';

async function desk(): Promise<string> {
  const cwd = await temporaryFolder();
  await writeFile(join(cwd, 'talk.mp3'), english);
  await writeFile(join(cwd, 'ko.mp3'), korean);
  await writeFile(join(cwd, 'movie.srt'), SUBTITLES);
  await writeFile(join(cwd, 'notes.txt'), 'Good morning.\n\nHow are you?\n');
  return cwd;
}

async function translate(
  argv: readonly string[],
  answers: Parameters<typeof stubApi> = [],
  { cwd: given, ...options }: FakeContextOptions = {},
) {
  const cwd = given ?? (await desk());
  const api = stubApi(...answers);
  const run = await oai(['translate', ...argv], { cwd, fetch: api.fetch, ...options });
  return { ...run, cwd, requests: api.requests, left: (await readdir(cwd)).sort() };
}

async function sandboxed(argv: readonly string[], { cwd: given, ...options }: FakeContextOptions = {}) {
  const cwd = given ?? (await desk());
  const run = await oai(['translate', '--sandbox', ...argv], { cwd, ...options });
  return { ...run, cwd, left: (await readdir(cwd)).sort() };
}

interface ChatBody {
  readonly messages: readonly { readonly role: string; readonly content: string }[];
}

async function bodyOf(request: Request | undefined): Promise<ChatBody> {
  return (await request?.json()) as ChatBody;
}

const streamed = (text: string) => eventStream(chatChunks(text));
const message = (content: string, finish_reason = 'stop') =>
  jsonAnswer({
    id: 'chatcmpl-stub',
    object: 'chat.completion',
    created: 1,
    model: 'stub',
    choices: [
      { index: 0, message: { role: 'assistant', content, refusal: null }, finish_reason, logprobs: null },
    ],
  });
/** An answer to a request for several texts. */
const each = (mark: string) => async (request: Request) => {
  const { messages } = (await request.json()) as { messages: { content: string }[] };
  const texts: Record<string, string> = JSON.parse(messages.at(-1)?.content ?? '{}');
  return message(
    JSON.stringify(Object.fromEntries(Object.entries(texts).map(([key, text]) => [key, mark + text]))),
  );
};
const segments = [
  { id: 0, seek: 0, start: 0.5, end: 2, text: ' 안녕하세요.' },
  { id: 1, seek: 0, start: 2.5, end: 4, text: ' 반갑습니다.' },
];

describe('speech into English', () => {
  it('goes to the endpoint for translations', async () => {
    const { code, stdout, stderr, requests } = await translate(
      ['ko.mp3', '--prompt', 'a greeting', '-t', '0.1'],
      [jsonAnswer({ text: 'Hello everybody.' })],
    );
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: 'Hello everybody.\n', stderr: '' });
    expect(requests[0]?.url).toBe('https://api.openai.com/v1/audio/translations');
    checkForm('POST', '/audio/translations', (await requests[0]?.clone().formData()) ?? new FormData());
    expect(await formOf(requests[0])).toEqual({
      file: { name: 'ko.mp3', type: 'audio/mpeg', bytes: korean },
      model: 'whisper-1',
      response_format: 'json',
      prompt: 'a greeting',
      temperature: '0.1',
    });
  });

  it('says which way it goes with --verbose', async () => {
    const first = await translate(['ko.mp3', '--verbose'], [jsonAnswer({ text: 'Hello.' })]);
    expect(first.stderr).toContain('oai: speech is translated by /audio/translations\n');
    const second = await sandboxed(['ko.mp3', '--verbose', '--via', 'chat']);
    expect(second.stderr).toContain('oai: speech is written down, then translated by chat\n');
  });

  it('is subtitles with their times', async () => {
    const answer = {
      task: 'translate',
      language: 'english',
      duration: 4,
      text: 'Hello.',
      segments: [{ ...segments[0], text: ' Hello.' }],
    };
    const { stdout, requests } = await translate(['ko.mp3', '-f', 'srt'], [jsonAnswer(answer)]);
    expect(stdout).toBe('1\n00:00:00,500 --> 00:00:02,000\nHello.\n');
    expect(await formOf(requests[0])).toMatchObject({ response_format: 'verbose_json' });
  });

  it("is the API's own answer with --json", async () => {
    const { stdout } = await translate(['ko.mp3', '--json'], [jsonAnswer({ text: 'Hello.' })]);
    expect(JSON.parse(stdout)).toEqual({ text: 'Hello.' });
  });

  it('goes through chat where it comes back as it was spoken', async () => {
    const { code, stdout, stderr, requests } = await translate(
      ['ko.mp3'],
      [jsonAnswer({ text: '안녕하세요 여러분.' }), streamed('Hello everybody.')],
    );
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'Hello everybody.\n' });
    expect(stderr).toBe('oai: ko.mp3: the translation is not in English; it goes through chat as well\n');
    const body = await bodyOf(requests[1]);
    checkRequest('POST', '/chat/completions', body);
    expect(body).toMatchObject({ model: 'gpt-6-luna', stream: true });
    expect(body.messages[0]?.content).toContain('into English');
    expect(body.messages[1]?.content).toBe('안녕하세요 여러분.');
  });

  it('and so do its subtitles, segment by segment', async () => {
    const answer = {
      task: 'translate',
      language: 'english',
      duration: 4,
      text: '안녕하세요. 반갑습니다.',
      segments,
    };
    const { stdout } = await translate(['ko.mp3', '-f', 'vtt', '-q'], [jsonAnswer(answer), each('EN ')]);
    expect(stdout).toBe(
      'WEBVTT\n\n00:00:00.500 --> 00:00:02.000\nEN 안녕하세요.\n\n00:00:02.500 --> 00:00:04.000\nEN 반갑습니다.\n',
    );
  });

  it('is left alone where a few names are foreign', async () => {
    const text = 'She said 안녕 to everybody in the room and went on with her work.';
    expect(await translate(['ko.mp3'], [jsonAnswer({ text })])).toMatchObject({
      stdout: `${text}\n`,
      stderr: '',
    });
  });

  it.each<[string, string[], string[]]>([
    [
      'the model is one that converses',
      ['-m', 'gpt-6.1-sol'],
      ['/audio/transcriptions', '/chat/completions'],
    ],
    ['it is said what is spoken', ['--language', 'ko'], ['/audio/transcriptions', '/chat/completions']],
    ['it is asked for', ['--via', 'chat'], ['/audio/transcriptions', '/chat/completions']],
    [
      'the model is a whisper',
      ['-m', 'whisper-large-v3', '--base-url', 'http://localhost:9/v1'],
      ['/audio/translations'],
    ],
  ])('takes the way that fits where %s', async (_, flags, paths) => {
    const answers = paths.map((path) =>
      path === '/chat/completions' ? streamed('Hello.') : jsonAnswer({ text: 'hi there' }),
    );
    const { code, requests } = await translate(['ko.mp3', ...flags], answers);
    expect(code).toBe(0);
    expect(requests.map(({ url }) => url.replace(/^.*\/v1/, ''))).toEqual(paths);
  });
});

describe('speech into another language', () => {
  it('is written down, then translated', async () => {
    const { code, stdout, requests } = await translate(
      ['talk.mp3', '--to', 'ko', '--transcribe-model', 'gpt-4o-transcribe', '-m', 'gpt-6.1-sol', '-q'],
      [jsonAnswer({ text: 'Good morning.' }), streamed('좋은 아침입니다.')],
    );
    expect({ code, stdout }).toEqual({ code: 0, stdout: '좋은 아침입니다.\n' });
    expect(await formOf(requests[0])).toMatchObject({ model: 'gpt-4o-transcribe', response_format: 'json' });
    expect(await requests[1]?.json()).toMatchObject({ model: 'gpt-6.1-sol' });
  });

  it('is subtitles whose times stay', async () => {
    const { code, stdout } = await sandboxed(['talk.mp3', '--to', 'ko', '-f', 'srt']);
    expect(code).toBe(0);
    const transcript = await oai(['transcribe', '--sandbox', 'talk.mp3', '-f', 'srt'], { cwd: await desk() });
    expect(stdout).toBe(transcript.stdout.replace(/^(?=[A-Z])/gm, '[Korean] '));
  });

  it('is told as JSON with the transcript that it was made of', async () => {
    const { stdout } = await sandboxed(['talk.mp3', '--to', 'Korean', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({
      task: 'translate',
      language: 'korean',
      model: 'gpt-6-luna',
      text: '[Korean] Good morning. How are you?',
      transcript: { text: 'Good morning. How are you?', languages: [{ code: 'en' }] },
    });
    const verbose = await sandboxed(['talk.mp3', '--to', 'ko', '-f', 'verbose_json']);
    expect(JSON.parse(verbose.stdout).segments.map(({ text }: { text: string }) => text)).toEqual([
      '[Korean] Good morning.',
      '[Korean] How are you?',
    ]);
  });

  it('may be nothing, which is said', async () => {
    const { code, stdout, stderr } = await translate(['talk.mp3', '--to', 'ko'], [jsonAnswer({ text: ' ' })]);
    expect({ code, stdout, stderr }).toEqual({
      code: 0,
      stdout: '',
      stderr: 'oai: talk.mp3: nothing is said in it\n',
    });
  });
});

describe('text', () => {
  it('is told by its bytes, and streams', async () => {
    const { code, stdout, requests } = await translate([], [streamed('Hello')], { stdin: '안녕\n' });
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'Hello\n' });
    const { messages } = await bodyOf(requests[0]);
    expect(messages[1]).toEqual({ role: 'user', content: '안녕' });
  });

  it('keeps the white space around it, and what it is about', async () => {
    const cwd = await desk();
    await writeFile(join(cwd, 'x.txt'), '\n  Hi.\n\n');
    const argv = ['x.txt', '--to', 'de', '-o', 'y.txt', '--prompt', 'a note to a friend'];
    const { requests } = await translate(argv, [streamed('Hallo.')], { cwd });
    expect(await readFile(join(cwd, 'y.txt'), 'utf8')).toBe('\n  Hallo.\n\n');
    const { messages } = await bodyOf(requests[0]);
    expect(messages[0]?.content).toContain('About the text: a note to a friend');
    expect(messages[0]?.content).toContain('into German');
  });

  it('of any length goes in parts, which are put together in order', async () => {
    const cwd = await desk();
    const paragraphs = Array.from(
      { length: 300 },
      (_, index) => `This is paragraph number ${index} of a long text.`,
    );
    const text = `${paragraphs.join('\n\n')}\n`;
    await writeFile(join(cwd, 'long.txt'), text);
    const { code, stdout } = await sandboxed(['long.txt', '--to', 'ko'], { cwd });
    expect(code).toBe(0);
    expect(stdout.match(/\[Korean\] /g)?.length).toBeGreaterThan(1);
    expect(stdout.replaceAll('[Korean] ', '')).toBe(text);
  });

  it('may be subtitles, whose times stay, in their own format or another', async () => {
    const own = await sandboxed(['movie.srt', '--to', 'French']);
    expect(own.stdout).toBe(SUBTITLES.replace(/^(?=[A-Z])/gm, '[French] '));
    const other = await sandboxed(['movie.srt', '--to', 'French', '-f', 'vtt']);
    expect(other.stdout).toBe(
      'WEBVTT\n\n00:00:01.000 --> 00:00:02.500\n[French] Good morning.\n\n00:00:03.000 --> 00:00:04.000\n[French] How are you?\n',
    );
    const text = await sandboxed(['movie.srt', '--to', 'French', '-f', 'text']);
    expect(text.stdout).toBe('[French] Good morning.\n[French] How are you?\n');
    const json = await sandboxed(['movie.srt', '--to', 'French', '--json']);
    expect(JSON.parse(json.stdout)).toMatchObject({ segments: [{ id: 0, start: 1, end: 2.5 }, { id: 1 }] });
  });

  it('of subtitles is asked for again where a line is missing, and then is exit 8', async () => {
    const partial = () => message('{"1":"Bonjour."}');
    const again = await translate(['movie.srt', '--to', 'fr'], [partial(), each('FR ')]);
    expect(again).toMatchObject({ code: 0, stdout: expect.stringContaining('FR How are you?') });
    const { code, stdout, stderr } = await translate(['movie.srt', '--to', 'fr'], [partial(), message('[]')]);
    expect({ code, stdout }).toEqual({ code: 8, stdout: '' });
    expect(stderr).toBe(
      'oai: gpt-6-luna left out a part of what it was to translate\n     another model may do better: -m\n',
    );
  });

  it('asks for lines of subtitles by a schema that the API takes', async () => {
    const { requests } = await translate(['movie.srt', '--to', 'fr'], [each('')]);
    const body = (await requests[0]?.json()) as object;
    checkRequest('POST', '/chat/completions', body);
    expect(body).toMatchObject({ response_format: { type: 'json_schema', json_schema: { strict: true } } });
  });

  it.each<[string, Response, number]>([
    [
      'refused',
      jsonAnswer({
        id: 'x',
        object: 'chat.completion',
        created: 1,
        model: 'm',
        choices: [
          { index: 0, finish_reason: 'stop', message: { role: 'assistant', content: null, refusal: 'No.' } },
        ],
      }),
      7,
    ],
    ['cut by its length', message('Bon', 'length'), 8],
    ['empty', message(''), 8],
  ])('that is %s is an exit code', async (_, answer, exitCode) => {
    expect((await translate(['notes.txt', '--to', 'fr', '--json'], [answer])).code).toBe(exitCode);
    void answer;
  });

  it('that is cut is printed as far as it came', async () => {
    const cut = eventStream(chatChunks('Bonjour').slice(0, 1), { done: false });
    const { code, stdout } = await translate(['notes.txt', '--to', 'fr'], [cut]);
    expect({ code, stdout }).toEqual({ code: 6, stdout: 'Bonjour\n' });
  });
});

describe('many inputs', () => {
  it('become a file each, with the language in its name', async () => {
    const { code, stdout, cwd } = await sandboxed([
      'talk.mp3',
      'movie.srt',
      'notes.txt',
      '--to',
      'ko',
      '-o',
      'out/',
    ]);
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: 'out/talk.ko.txt\nout/movie.ko.srt\nout/notes.ko.txt\n',
    });
    expect(await readFile(join(cwd, 'out', 'talk.ko.txt'), 'utf8')).toBe(
      '[Korean] Good morning. How are you?\n',
    );
    expect(await readFile(join(cwd, 'out', 'notes.ko.txt'), 'utf8')).toBe(
      '[Korean] Good morning.\n\nHow are you?\n',
    );
  });

  it('of a directory are those with sound', async () => {
    const cwd = await desk();
    await mkdir(join(cwd, 'in'));
    await writeFile(join(cwd, 'in', 'talk.mp3'), english);
    await writeFile(join(cwd, 'in', 'notes.txt'), 'hello');
    expect(await sandboxed(['in', '--to', 'ko'], { cwd })).toMatchObject({
      code: 0,
      stdout: 'in/talk.ko.txt\n',
    });
  });
});

describe('the day after the endpoint ends', () => {
  const on = (day: string, argv: string[]) =>
    sandboxed(argv, { clock: new FakeClock({ now: Date.parse(day) }) });
  const SUCCESSION =
    'oai: whisper-1 and /audio/translations have ended; gpt-transcribe and chat take their place\n';

  it('speech goes through chat, and that is said once', async () => {
    expect(await on('2027-02-25T23:59:59Z', ['ko.mp3'])).toMatchObject({
      code: 0,
      stdout: '[2 words of Korean]. [1 word of Korean].\n',
      stderr: '',
    });
    expect(await on('2027-02-26', ['ko.mp3'])).toMatchObject({
      code: 0,
      stdout: '[English] 안녕하세요 여러분. 반갑습니다.\n',
      stderr: SUCCESSION,
    });
  });

  it('is met as well where the API says so', async () => {
    const env = { OAI_SANDBOX: 'gone=whisper-1' };
    expect(await sandboxed(['ko.mp3'], { env })).toMatchObject({
      code: 0,
      stdout: '[English] 안녕하세요 여러분. 반갑습니다.\n',
      stderr: SUCCESSION,
    });
  });

  it('is not gone round where the user named the way', async () => {
    const env = { OAI_SANDBOX: 'gone=whisper-1' };
    expect(await sandboxed(['ko.mp3', '--via', 'translations'], { env })).toMatchObject({
      code: 4,
      stdout: '',
    });
  });

  it('subtitles are an error that says why', async () => {
    const { code, stdout, stderr } = await on('2027-02-26', ['ko.mp3', '-f', 'srt']);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('whisper-1 has ended, and gpt-transcribe tells no times, which subtitles need');
  });
});

describe('the sandbox', () => {
  it.each([
    ['ko.mp3', [], '[2 words of Korean]. [1 word of Korean].\n'],
    ['talk.mp3', ['--to', 'ko'], '[Korean] Good morning. How are you?\n'],
  ])('translates %s', async (file, flags, expected) => {
    expect(await sandboxed([file, ...flags])).toMatchObject({ code: 0, stdout: expected, stderr: '' });
  });

  it('gives Korean back as Korean where that is asked for', async () => {
    const env = { OAI_SANDBOX: 'untranslated' };
    expect(await sandboxed(['ko.mp3'], { env })).toMatchObject({
      code: 0,
      stdout: '[English] 안녕하세요 여러분. 반갑습니다.\n',
    });
  });
});

describe('bad input', () => {
  it.each<[string, string[], RegExp]>([
    ['nothing', [], /^oai: nothing to translate/],
    ['a text in place of a file', ['안녕하세요'], /^oai: cannot read 안녕하세요: no such file/],
    ['an empty file', ['empty.txt'], /^oai: empty\.txt is empty/],
    ['only space', ['space.txt'], /^oai: space\.txt has no text in it/],
    ['an image', ['cat.png'], /^oai: cat\.png is no audio that is known here/],
    [
      'subtitles of a text',
      ['notes.txt', '--to', 'fr', '-f', 'srt'],
      /^oai: notes\.txt is a text without times/,
    ],
    [
      'the endpoint for Korean',
      ['talk.mp3', '--to', 'ko', '--via', 'translations'],
      /--via translations gives English, not Korean\n {5}--via chat/,
    ],
    [
      'the endpoint with a language',
      ['ko.mp3', '--language', 'ko', '--via', 'translations'],
      /--via translations takes no --language/,
    ],
    [
      'the endpoint with a model of chat',
      ['ko.mp3', '-m', 'gpt-6-luna', '--via', 'translations'],
      /has no model gpt-6-luna/,
    ],
    ['no language', ['ko.mp3', '--to', ''], /--to is empty/],
    ['speakers', ['ko.mp3', '--diarize'], /unknown option '--diarize'/],
    ['JSON and subtitles', ['ko.mp3', '--json', '-f', 'srt'], /contradict/],
  ])('%s is exit 2', async (_, argv, expected) => {
    const cwd = await desk();
    await writeFile(join(cwd, 'empty.txt'), '');
    await writeFile(join(cwd, 'space.txt'), ' \n');
    await writeFile(join(cwd, 'cat.png'), Buffer.from('\x89PNG\r\n\x1a\n\0\0\0\rIHDR', 'latin1'));
    const { code, stdout, stderr } = await translate(argv, [], { cwd });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(expected);
  });

  it('of the API is what the API says', async () => {
    const { code, stderr } = await translate(['ko.mp3'], [errorAnswer(400, { message: 'corrupted' })]);
    expect({ code, stderr }).toEqual({ code: 4, stderr: 'oai: corrupted (request req_stub)\n' });
  });
});
