import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readWavHeader } from '../../src/audio/wav.ts';
import { wav } from '../audio/sounds.ts';
import { chatChunk, errorAnswer, eventStream, jsonAnswer, stubApi } from '../support/api.ts';
import { CapturedOutput, FakeClock } from '../support/context.ts';
import { temporaryFolder } from '../support/folder.ts';
import { heard } from '../support/heard.ts';
import { oai } from '../support/oai.ts';

const asking = 'oai: asking gpt-audio-mini: gpt-6-luna neither hears nor speaks\n';

/** A command line of chat, asked of the sandbox in a folder of its own. */
async function say(argv: readonly string[], { cwd, ...options }: Parameters<typeof oai>[1] = {}) {
  const folder = cwd ?? (await temporaryFolder());
  const run = await oai(['chat', '--sandbox', ...argv], { cwd: folder, ...options });
  return { ...run, cwd: folder, files: (await readdir(folder)).sort() };
}

/** A whole answer that is said. */
const answered = (audio: object | null, message: object = {}) => ({
  id: 'chatcmpl-1',
  object: 'chat.completion',
  created: 1,
  model: 'gpt-audio-mini',
  choices: [
    {
      index: 0,
      message: { role: 'assistant', content: null, refusal: null, ...(audio && { audio }), ...message },
      logprobs: null,
      finish_reason: 'stop',
    },
  ],
});

describe('an answer that is said', () => {
  it('is a file, and its words are on stdout', async () => {
    const { code, stdout, stderr, cwd, files } = await say(['--audio', 'coral', '-o', 'reply.wav', 'hello']);
    expect({ code, stdout, stderr, files }).toEqual({
      code: 0,
      stdout: 'You said: hello\n',
      stderr: `${asking}oai: saved as reply.wav\n`,
      files: ['reply.wav'],
    });
    expect(await heard(join(cwd, 'reply.wav'))).toBe('You said: hello');
  });

  it('has a WAV that tells its length', async () => {
    const { cwd } = await say(['--audio', 'coral', '-o', 'reply.wav', 'hello']);
    const bytes = await readFile(join(cwd, 'reply.wav'));
    expect(readWavHeader(bytes)).toMatchObject({ dataLength: bytes.length - 44 });
    expect(bytes.readUInt32LE(4)).toBe(bytes.length - 8);
  });

  it('is named after the question without -o, and replaces nothing', async () => {
    const first = await say(['-q', '--audio', 'coral', 'good day']);
    expect(first).toMatchObject({ code: 0, stderr: '', files: ['good-day.wav'] });
    const second = await say(['--audio', 'coral', '--audio-format', 'mp3', 'good day'], { cwd: first.cwd });
    expect(second.files).toEqual(['good-day.mp3', 'good-day.wav']);
    const third = await say(['--audio', 'coral', 'good day'], { cwd: first.cwd });
    expect(third.stderr).toContain('saved as good-day-2.wav');
    const fourth = await say(['--audio', 'coral', '-o', 'good-day.wav', 'x'], { cwd: first.cwd });
    expect(fourth).toMatchObject({ code: 2, stdout: '' });
    expect(fourth.stderr).toContain('good-day.wav exists');
    const forced = await say(['--audio', 'coral', '--force', '-o', 'good-day.wav', 'x'], { cwd: first.cwd });
    expect(forced.code).toBe(0);
    expect(await heard(join(first.cwd, 'good-day.wav'))).toBe('You said: x');
  });

  it('has the format that -o says', async () => {
    const { cwd } = await say(['--audio', 'coral', '-o', 'a.mp3', 'hello']);
    expect(await heard(join(cwd, 'a.mp3'))).toBe('You said: hello');
  });

  it('streams as pcm16', async () => {
    const { code, stdout, cwd } = await say(['--audio', 'coral', '-o', 'a.pcm', 'hello']);
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'You said: hello\n' });
    await writeFile(join(cwd, 'a.wav'), wav(await readFile(join(cwd, 'a.pcm'))));
    expect(await heard(join(cwd, 'a.wav'))).toBe('You said: hello');
  });

  it.each(['wav', 'pcm16'])('goes to stdout with -o -, its words to stderr: %s', async (format) => {
    const { code, stderr, files, context } = await say([
      '--audio',
      'coral',
      '--audio-format',
      format,
      '-o',
      '-',
      'hello',
    ]);
    expect({ code, stderr, files }).toEqual({ code: 0, stderr: `${asking}You said: hello\n`, files: [] });
    const cwd = await temporaryFolder();
    const bytes = Buffer.from(context.stdout.bytes);
    await writeFile(join(cwd, 'a.wav'), format === 'wav' ? bytes : wav(bytes));
    expect(await heard(join(cwd, 'a.wav'))).toBe('You said: hello');
    const quiet = await say(['-q', '--audio', 'coral', '--audio-format', format, '-o', '-', 'hello']);
    expect(quiet.stderr).toBe('');
  });

  it('appears as its path in --json', async () => {
    const { stdout } = await say(['-q', '--json', '--audio', 'coral', '-o', 'a.wav', 'hello']);
    const { audio } = JSON.parse(stdout).choices[0].message;
    expect(audio).toEqual({
      id: expect.stringMatching(/^audio_/),
      expires_at: expect.any(Number),
      transcript: 'You said: hello',
      path: 'a.wav',
    });
  });

  it('is one file for each of several', async () => {
    const { stdout, files } = await say(['-q', '--audio', 'coral', '-n', '2', '-o', 'a.wav', 'hello']);
    expect(files).toEqual(['a-1.wav', 'a-2.wav']);
    expect(stdout).toBe('You said: hello\nAnswer 1 of 2.\nYou said: hello\nAnswer 2 of 2.\n');
  });

  it('asks the model that the user chose, in the voice that is asked for', async () => {
    const { stdout } = await oai([
      'chat',
      '--dry-run',
      '-m',
      'gpt-audio-mini-2025-12-15',
      '--audio',
      'voice_x',
      'x',
    ]);
    expect(stdout).toContain('"model": "gpt-audio-mini-2025-12-15"');
    expect(stdout).toContain('"id": "voice_x"');
    expect(stdout).not.toContain('"stream"');
    const elsewhere = await oai([
      'chat',
      '--dry-run',
      '--base-url',
      'http://localhost:9/v1',
      '--audio',
      'bob',
      'x',
    ]);
    expect(elsewhere.stdout).toContain('"voice": "bob"');
  });

  it('may answer sound', async () => {
    const cwd = await temporaryFolder();
    await say(['-q', '--audio', 'coral', '-o', 'q.wav', 'one'], { cwd });
    const { stdout } = await say(['-q', '--audio', 'coral', '-o', 'a.wav', '-a', 'q.wav', 'two'], { cwd });
    expect(stdout).toMatch(/^You said: two\nAttached: a sound, \d s of WAV: “You said: one”\n$/);
  });
});

describe('a bad end of an answer that is said', () => {
  it('keeps what came of a cut one', async () => {
    const { code, stdout, stderr, files } = await say(
      ['-q', '--audio', 'coral', '-o', 'a.pcm', 'hello to you all'],
      {
        env: { OAI_SANDBOX: 'cut@4' },
      },
    );
    expect({ code, files }).toEqual({ code: 6, files: ['a.pcm.part'] });
    expect(stdout).toMatch(/^You said/);
    expect(stderr).toContain('the answer was cut');
    expect(stderr).toContain('what arrived is in');
  });

  it.each<[string, number, string]>([
    ['length', 8, 'the answer is cut: it reached the longest that the model can give'],
    ['content_filter', 7, 'the content filter stopped the answer'],
  ])('keeps what came of one that ended by %s', async (finish_reason, exit, problem) => {
    const audio = {
      id: 'a',
      data: Buffer.from(wav(Buffer.alloc(8000))).toString('base64'),
      transcript: 'Hel',
      expires_at: 9,
    };
    const whole = answered(audio);
    const [choice] = whole.choices;
    const ends = (...reasons: readonly string[]) => ({
      ...whole,
      choices: reasons.map((reason, index) => ({ ...choice, index, finish_reason: reason })),
    });
    const ask = async (answer: object, ...flags: readonly string[]) => {
      const cwd = await temporaryFolder();
      const { fetch } = stubApi(jsonAnswer(answer));
      const run = await oai(['chat', '--audio', 'coral', '-o', 'a.wav', ...flags, 'x'], { cwd, fetch });
      return { ...run, files: (await readdir(cwd)).sort() };
    };
    const one = await ask(ends(finish_reason));
    expect({ code: one.code, files: one.files }).toEqual({ code: exit, files: ['a.wav.part'] });
    expect(one.stderr).toContain(`oai: ${problem}`);
    expect(one.stderr).not.toContain('saved as');
    // The one that is whole has its name.
    const two = await ask(ends('stop', finish_reason), '-n', '2');
    expect({ code: two.code, files: two.files }).toEqual({ code: exit, files: ['a-1.wav', 'a-2.wav.part'] });
  });

  it('has its name where it was to be cut', async () => {
    const audio = {
      id: 'a',
      data: Buffer.from(wav(Buffer.alloc(8000))).toString('base64'),
      transcript: 'Hel',
      expires_at: 9,
    };
    const whole = answered(audio);
    const answer = {
      ...whole,
      choices: whole.choices.map((choice) => ({ ...choice, finish_reason: 'length' })),
    };
    const cwd = await temporaryFolder();
    const { fetch } = stubApi(jsonAnswer(answer));
    const line = ['chat', '-q', '--audio', 'coral', '-o', 'a.wav', '--max-tokens', '9', 'x'];
    expect(await oai(line, { cwd, fetch })).toMatchObject({ code: 0 });
    expect(await readdir(cwd)).toEqual(['a.wav']);
  });

  it('says where what came of each of several is', async () => {
    const { stderr, files } = await say(
      ['-q', '-n', '2', '--audio', 'coral', '-o', 'a.pcm', 'hello to you all'],
      {
        env: { OAI_SANDBOX: 'cut@12' },
      },
    );
    expect(files).toEqual(['a-1.pcm.part', 'a-2.pcm.part']);
    expect(stderr).toContain('a-2.pcm.part');
    const loud = await say(['-n', '2', '--audio', 'coral', '-o', 'a.pcm', 'hello to you all'], {
      env: { OAI_SANDBOX: 'cut@12' },
    });
    expect(loud.stderr).toContain('a-1.pcm.part');
  });

  it('has a way out for servers that only stream it', async () => {
    const api = stubApi(errorAnswer(400, { message: 'Audio output requires stream: true' }));
    const cwd = await temporaryFolder();
    const words = ['chat', '--base-url', 'https://gateway.test/v1', '-m', 'x', '--audio', 'coral', 'x'];
    const { stderr } = await oai(words, { cwd, fetch: api.fetch });
    expect(stderr).toContain('--audio-format pcm16 is streamed');
  });

  it('makes no file of a refusal', async () => {
    const { code, files } = await say(['-q', '--audio', 'coral', '-o', 'a.wav', 'x'], {
      env: { OAI_SANDBOX: 'refusal' },
    });
    expect({ code, files }).toEqual({ code: 7, files: [] });
  });

  it('says so where there is no sound', async () => {
    const api = stubApi(jsonAnswer(answered(null, { content: 'only words' })));
    const cwd = await temporaryFolder();
    const { code, stdout, stderr } = await oai(['chat', '-q', '--audio', 'coral', 'x'], {
      cwd,
      fetch: api.fetch,
    });
    expect({ code, stdout, stderr }).toEqual({
      code: 8,
      stdout: 'only words\n',
      stderr: 'oai: the answer came without sound\n',
    });
  });

  it('does not mind a song without words', async () => {
    const audio = { id: 'audio_1', expires_at: 9_999_999_999, data: 'AAAA', transcript: '' };
    const api = stubApi(jsonAnswer(answered(audio)));
    const cwd = await temporaryFolder();
    const { code } = await oai(['chat', '-q', '--audio', 'coral', '-o', 'a.mp3', 'x'], {
      cwd,
      fetch: api.fetch,
    });
    expect({ code, files: await readdir(cwd) }).toEqual({ code: 0, files: ['a.mp3'] });
  });

  it('takes a stream whose pieces come in any order', async () => {
    const audio = (fields: object) => chatChunk({ audio: fields });
    const chunks = [
      audio({ data: 'AAE=' }),
      audio({ id: 'audio_1', transcript: 'Hi' }),
      audio({ data: 'AgM=', transcript: ' you' }),
      audio({ expires_at: 7 }),
      chatChunk({}, 'stop'),
    ];
    const api = stubApi(eventStream(chunks));
    const cwd = await temporaryFolder();
    const { stdout } = await oai(['chat', '-q', '--audio', 'coral', '-o', 'a.pcm', 'x'], {
      cwd,
      fetch: api.fetch,
    });
    expect(stdout).toBe('Hi you\n');
    expect([...(await readFile(join(cwd, 'a.pcm')))]).toEqual([0, 1, 2, 3]);
  });

  it('is not asked of a model whose day has come', async () => {
    const clock = new FakeClock({ now: Date.parse('2027-02-01T00:00:00Z') });
    const { code, stderr } = await say(['--audio', 'coral', 'x'], { clock });
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr:
        'oai: no model of chat speaks any more: gpt-audio-mini ended on 2027-01-20\n     oai speak says any text; oai realtime converses\n',
    });
  });

  it('is told with a way out by a model that does not speak', async () => {
    const { code, stderr } = await say(['-m', 'gpt-4o', '-q', '--audio', 'coral', 'x']);
    expect(code).toBe(4);
    expect(stderr).toContain('-m gpt-audio-mini speaks');
  });
});

describe('flags of speaking', () => {
  it.each<[string, string[], string]>([
    ['a voice unheard of', ['--audio', 'bob'], '--audio bob is none of the voices alloy, ash'],
    ['an empty voice', ['--audio', ''], '--audio'],
    ['a format without a voice', ['--audio-format', 'mp3'], '--audio-format is for an answer that is said'],
    ['a format unheard of', ['--audio', 'coral', '--audio-format', 'pcm'], '--audio-format pcm'],
    [
      'a name of another format',
      ['--audio', 'coral', '--audio-format', 'mp3', '-o', 'a.wav'],
      '--audio-format mp3 and -o a.wav contradict each other',
    ],
    [
      'a name of no format of the API',
      ['--audio', 'coral', '-o', 'a.m4a'],
      '-o a.m4a: the API makes wav, mp3',
    ],
    [
      'events of what comes whole',
      ['--audio', 'coral', '--events'],
      '--events are those of a stream, and wav comes whole',
    ],
    ['two that want stdout', ['--audio', 'coral', '--json', '-o', '-'], '--json and -o - both want stdout'],
    ['several on stdout', ['--audio', 'coral', '-n', '2', '-o', '-'], 'there are to be 2'],
    ['rows', ['--audio', 'coral', '--each'], '--audio is for one answer'],
    [
      'a folder that cannot be',
      ['--audio', 'coral', '-o', '/dev/null/a.wav'],
      'cannot write /dev/null/a.wav',
    ],
  ])('refuse %s', async (_, flags, message) => {
    const { code, stdout, stderr, files } = await say([...flags, 'x']);
    expect({ code, stdout, files }).toEqual({ code: 2, stdout: '', files: [] });
    expect(stderr).toContain(message);
  });

  it('refuse sound on a terminal', async () => {
    const stdout = new CapturedOutput({ isTTY: true });
    const { code, stderr } = await say(['--audio', 'coral', '-o', '-', 'x'], { stdout });
    expect(code).toBe(2);
    expect(stderr).toContain('a spoken answer is no text for a terminal');
  });

  it('make files in a directory', async () => {
    const cwd = await temporaryFolder();
    await mkdir(join(cwd, 'out'));
    await say(['--audio', 'coral', '-o', 'out', 'good day'], { cwd });
    expect(await readdir(join(cwd, 'out'))).toEqual(['good-day.wav']);
  });
});

describe('a conversation that was said', () => {
  /** Says something, then goes on; gives the messages that are sent at last. */
  async function goneOn(
    then: readonly string[],
    passed = 0,
  ): Promise<{ model: string; messages: unknown[] }> {
    const cwd = await temporaryFolder();
    const env = { OAI_HOME: join(cwd, 'home') };
    const now = Date.parse('2026-11-21T12:00:00Z');
    await say(['-q', '--history', '--audio', 'coral', 'one'], { cwd, env, clock: new FakeClock({ now }) });
    const clock = new FakeClock({ now: now + passed });
    const { code, stdout } = await say(['-q', '-c', '--dry-run', ...then], { cwd, env, clock });
    expect(code).toBe(0);
    return JSON.parse(/<<'JSON'\n([\s\S]*)\nJSON\n$/.exec(stdout)?.[1] ?? '');
  }

  it('refers to the sound while it lasts', async () => {
    const { model, messages } = await goneOn(['--audio', 'coral', 'two'], 3_500_000);
    expect(model).toBe('gpt-audio-mini');
    expect(messages).toEqual([
      { role: 'user', content: 'one' },
      { role: 'assistant', audio: { id: expect.stringMatching(/^audio_/) } },
      { role: 'user', content: 'two' },
    ]);
  });

  it('goes by its words after', async () => {
    const { messages } = await goneOn(['--audio', 'coral', 'two'], 3_600_000);
    expect(messages[1]).toEqual({ role: 'assistant', content: 'You said: one' });
  });

  it('goes by its words where the answer is to be written, by the usual model', async () => {
    const { model, messages } = await goneOn(['two']);
    expect(model).toBe('gpt-6-luna');
    expect(messages[1]).toEqual({ role: 'assistant', content: 'You said: one' });
  });

  it('goes by its words in rows, too', async () => {
    const cwd = await temporaryFolder();
    const audio = { id: 'audio_1', expires_at: 9_999_999_999 };
    const earlier = [
      { role: 'user', content: 'one' },
      { role: 'assistant', content: 'words', audio },
    ];
    await writeFile(join(cwd, 'm.json'), JSON.stringify(earlier));
    const { code, stdout } = await say(['--messages', 'm.json', '--each'], { cwd, stdin: 'two\n' });
    expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringContaining('You said: two') });
  });

  it('is taken by the sandbox', async () => {
    const cwd = await temporaryFolder();
    const env = { OAI_HOME: join(cwd, 'home') };
    await say(['-q', '--history', '--audio', 'coral', 'one'], { cwd, env });
    const { stdout } = await say(['-q', '-c', '--audio', 'coral', 'two'], { cwd, env });
    expect(stdout).toBe('You said: two\nBefore that: “one”\n');
  });
});

describe('a conversation with attachments', () => {
  const history = async () => {
    const cwd = await temporaryFolder();
    return { cwd, env: { OAI_HOME: join(cwd, 'home') } };
  };

  it('sends them again', async () => {
    const at = await history();
    await say(['-q', '--audio', 'coral', '-o', 'q.wav', 'hello'], { cwd: at.cwd });
    await say(['-q', '--history', '-a', 'q.wav', 'what is said?'], at);
    const { stdout } = await say(['-q', '-c', 'and by whom?'], at);
    expect(stdout).toContain('Before that: “what is said?” (with a sound, 1 s of WAV: “You said: hello”)');
  });

  it('goes to what hears, once there is sound', async () => {
    const at = await history();
    await say(['-q', '--audio', 'coral', '-o', 'q.wav', 'hello'], { cwd: at.cwd });
    await say(['-q', '--history', 'first'], at);
    const { code, stdout, stderr } = await say(['-c', '-a', 'q.wav', 'what is said?'], at);
    expect({ code, stderr }).toEqual({ code: 0, stderr: asking });
    expect(stdout).toContain('Before that: “first”');
  });

  it('asks again what was attached where there was no answer', async () => {
    const at = await history();
    await writeFile(join(at.cwd, 'a.txt'), 'attached text');
    const env = { ...at.env, OAI_SANDBOX: '400' };
    await say(['-q', '--history', '-a', 'a.txt', 'read'], { cwd: at.cwd, env });
    const { stdout } = await say(['-q', '-c'], at);
    expect(stdout).toContain('attached text');
  });

  it('takes them without an answer, too', async () => {
    const at = await history();
    await writeFile(join(at.cwd, 'a.txt'), 'attached text');
    expect((await say(['-q', '-c', '--create', '--add', '-a', 'a.txt'], at)).code).toBe(0);
    const { stdout } = await say(['-q', '-c', 'what was it?'], at);
    expect(stdout).toContain('attached text');
  });
});
