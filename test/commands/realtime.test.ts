import { chmod, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { jsonAnswer, stubApi } from '../support/api.ts';
import { type FakeContextOptions, HurriedClock } from '../support/context.ts';
import { temporaryFolder } from '../support/folder.ts';
import { oai } from '../support/oai.ts';
import { checkSchema } from '../support/openapi.ts';
import { done, realtimeServer, sound, type Turn } from '../support/realtime-server.ts';
import { quietPcm, spokenPcm, wavOf, writeSpeech } from '../support/speech-file.ts';

const sandboxed = (argv: readonly string[], options: FakeContextOptions = {}) =>
  oai(['realtime', '--sandbox', ...argv], { env: {}, ...options });

/** Runs against a server of its own, whose client events are those of OpenAI's document. */
async function told(turns: readonly Turn[], argv: readonly string[], options: FakeContextOptions = {}) {
  const server = await realtimeServer(turns);
  const run = await oai(['realtime', '--base-url', server.baseUrl, ...argv], {
    clock: new HurriedClock(),
    ...options,
  });
  await server.allClosed();
  for (const event of server.events) checkSchema('RealtimeClientEvent', event);
  const host = new URL(server.baseUrl).host;
  return { ...run, server, stderr: run.stderr.replaceAll(host, 'HOST') };
}

const created = { type: 'response.created', response: { id: 'resp_1' } };
const text = (...pieces: string[]) => pieces.map((delta) => ({ type: 'response.output_text.delta', delta }));
const says = (...pieces: string[]): Turn => [created, ...text(...pieces), done()];

describe('one turn that is typed', () => {
  it('is answered in words', async () => {
    expect(await sandboxed(['hello', 'there'])).toMatchObject({
      code: 0,
      stdout: 'You said: hello there\n',
      stderr: '',
    });
  });

  it('takes what is piped in along', async () => {
    expect(await sandboxed(['sum up'], { stdin: 'a long text\n' })).toMatchObject({
      stdout: 'You said: a long text\n\nsum up\n',
    });
  });

  it('is what the flags say', async () => {
    const argv = [
      'hi',
      '--instructions',
      'Be brief.',
      '--max-tokens',
      '50',
      '-m',
      'gpt-realtime-2',
      '--param',
    ];
    const { code, server } = await told([says('ok')], [...argv, 'tracing=auto']);
    expect(code).toBe(0);
    expect(server.handshakes[0]?.url).toBe('/v1/realtime?model=gpt-realtime-2');
    expect(server.events).toEqual([
      {
        type: 'session.update',
        session: {
          type: 'realtime',
          output_modalities: ['text'],
          instructions: 'Be brief.',
          max_output_tokens: 50,
          tracing: 'auto',
        },
      },
      {
        type: 'conversation.item.create',
        item: { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'hi' }] },
      },
      { type: 'response.create' },
    ]);
  });

  it('reads instructions from a file, and uses the model of the config', async () => {
    const cwd = await temporaryFolder();
    await writeFile(join(cwd, 'role.md'), 'You are a pirate.');
    expect(await sandboxed(['hi', '--instructions', '@role.md'], { cwd })).toMatchObject({
      stdout: 'You said: hi\nAs told: You are a pirate.\n',
    });
    const home = await temporaryFolder();
    const env = { OAI_HOME: home, OPENAI_API_KEY: 'sk-test-0123456789' };
    await oai(['config', 'set', 'models.realtime', 'gpt-realtime-2'], { env });
    const { server } = await told([says('ok')], ['hi'], { env });
    expect(server.handshakes[0]?.url).toBe('/v1/realtime?model=gpt-realtime-2');
  });

  it('prints each event as JSON', async () => {
    const { code, stdout } = await sandboxed(['hello', '--json']);
    expect(code).toBe(0);
    const events = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    for (const event of events) checkSchema('RealtimeServerEvent', event);
    const types = events.map(({ type }) => type);
    expect(types.slice(0, 4)).toEqual([
      'session.created',
      'session.updated',
      'conversation.item.added',
      'conversation.item.done',
    ]);
    expect(types.at(-1)).toBe('response.done');
  });

  it('is shown by its first event in a dry run', async () => {
    const { code, stdout } = await oai(['realtime', '--dry-run', 'hi'], { env: {} });
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^websocat -n 'wss:\/\/api\.openai\.com\/v1\/realtime\?model=gpt-realtime-2\.1-mini' /,
    );
    expect(stdout).toContain('"Authorization: Bearer $OPENAI_API_KEY"');
    const { type } = JSON.parse(stdout.split('\n').find((line) => line.startsWith('{')) ?? '');
    expect(type).toBe('session.update');
  });

  it('is recorded, and replayed with no network and no key', async () => {
    const cwd = await temporaryFolder();
    await sandboxed(['hello', '--record', 'tapes'], { cwd });
    expect(await oai(['realtime', 'hello', '--replay', 'tapes'], { cwd, env: {} })).toMatchObject({
      code: 0,
      stdout: 'You said: hello\n',
    });
    expect(await oai(['realtime', 'bye', '--replay', 'tapes'], { cwd, env: {} })).toMatchObject({ code: 2 });
  });

  it.each<[string, Turn, number, string, string]>([
    [
      'cut by length',
      [created, ...text('so far'), done('incomplete', { reason: 'max_output_tokens' })],
      8,
      'so far\n',
      'the answer is cut: it reached the longest that the model can give',
    ],
    [
      'filtered',
      [created, ...text('so far'), done('incomplete', { reason: 'content_filter' })],
      7,
      'so far\n',
      'the answer was cut off by the content filter',
    ],
    ['empty', [created, done()], 8, '', 'the answer is empty'],
    [
      'failed',
      [created, done('failed', { error: { type: 'server_error' } })],
      6,
      '',
      'the answer failed: server_error',
    ],
    ['an error', [{ type: 'error', error: { type: 'invalid_request_error', message: 'No.' } }], 4, '', 'No.'],
    [
      'an error within',
      [
        created,
        ...text('so'),
        { type: 'error', error: { type: 'server_error', message: 'Oops.' } },
        done('failed'),
      ],
      6,
      'so\n',
      'Oops.',
    ],
    ['garbled', [created, ...text('so far'), '{'], 6, 'so far\n', 'HOST sent an event that is garbled'],
    [
      'bytes',
      [created, ...text('so far'), Buffer.from('{}')],
      6,
      'so far\n',
      'HOST sent an event that is garbled',
    ],
    [
      'words that are none',
      [created, { type: 'response.output_text.delta', delta: 5 }],
      6,
      '',
      'HOST sent an event that is garbled',
    ],
  ])('prints what came, and says what is wrong: %s', async (_, turn, code, stdout, message) => {
    expect(await told([turn], ['hi', '--retries', '0'])).toMatchObject({
      code,
      stdout,
      stderr: `oai: ${message}\n`,
    });
  });

  it('is cut where the user said so', async () => {
    const turn: Turn = [created, ...text('so far'), done('incomplete', { reason: 'max_output_tokens' })];
    expect(await told([turn], ['hi', '--max-tokens', '2'])).toMatchObject({ code: 0, stdout: 'so far\n' });
  });

  it('is asked again where nothing of an answer came, and never where some did', async () => {
    const again = await told([(socket) => socket.terminate(), says('well')], ['hi']);
    expect(again).toMatchObject({ code: 0, stdout: 'well\n' });
    expect(again.server.handshakes).toHaveLength(2);
    const cut: Turn = (socket) => {
      for (const event of [created, ...text('half')]) socket.send(JSON.stringify(event));
      socket.close();
    };
    const lost = await told([cut, says('well')], ['hi']);
    expect(lost).toMatchObject({ code: 6, stdout: 'half\n', stderr: 'oai: HOST ended the conversation\n' });
    expect(lost.server.handshakes).toHaveLength(1);
  });

  it('tells why the server ended it', async () => {
    const shut: Turn = (socket) => socket.close(1008, 'model\u0007 is gone');
    expect(await told([shut], ['hi', '--retries', '0'])).toMatchObject({
      code: 6,
      stderr: expect.stringMatching(/^oai: HOST ended the conversation: model\S is gone\n/),
    });
  });

  it('is told at its end alone by some servers', async () => {
    const content = [
      { type: 'output_text', text: 'all at once' },
      { type: 'output_audio', transcript: 'and said' },
    ];
    const output = [null, { type: 'message', content: 'x' }, { type: 'message', content }];
    const turn: Turn = [created, { type: 'response.done', response: { status: 'completed', output } }];
    expect(await told([turn], ['hi'])).toMatchObject({ code: 0, stdout: 'all at once\nand said\n' });
  });

  it('gives up on a server that closes at once', async () => {
    const run = await told([], ['hi', '--retries', '1']);
    expect(run).toMatchObject({ code: 6, stdout: '' });
    expect(run.server.handshakes).toHaveLength(2);
  });

  it.each([
    [401, 3],
    [403, 3],
    [404, 4],
    [200, 6],
    [302, 6],
    [500, 6],
  ])('is refused by HTTP %i', async (status, code) => {
    const handshake = (socket: { write(text: string): unknown }) =>
      void socket.write(`HTTP/1.1 ${status} X\r\ncontent-length: 0\r\nlocation: http://127.0.0.1:1/\r\n\r\n`);
    const server = await realtimeServer([], { handshakes: [handshake] });
    const run = await oai(['realtime', 'hi', '--retries', '0', '--base-url', server.baseUrl]);
    expect(run).toMatchObject({ code, stdout: '' });
    expect(run.stderr.split('\n')[0]).not.toContain('sk-test');
  });

  it('says of a client secret that has expired what to do', async () => {
    const server = await realtimeServer([], {
      handshakes: [
        (socket) => {
          const body =
            '{"error":{"message":"The client secret has expired.","type":"invalid_request_error"}}';
          socket.write(`HTTP/1.1 401 No\r\ncontent-length: ${body.length}\r\n\r\n${body}`);
        },
      ],
    });
    const env = { OPENAI_API_KEY: 'ek_0123456789abcdef0123456700000000' };
    expect(await oai(['realtime', 'hi', '--base-url', server.baseUrl], { env })).toMatchObject({
      code: 3,
      stderr:
        'oai: The client secret has expired.\n     a client secret (ek_…) lasts for minutes: `oai realtime client-secret` makes another\n',
    });
  });

  it.each([
    [['hi', '--voice', 'marin'], '--voice is for a spoken answer'],
    [['hi', '-f', 'mp3'], '-f is for a spoken answer'],
    [['hi', '-o', 'x.ogg'], '-o x.ogg: the Realtime API gives mp3, wav, pcm'],
    [['hi', '-o', 'x.mp3', '-f', 'wav'], '--format wav and -o x.mp3 contradict each other'],
    [['-o', 'x.wav'], '-o means nothing in a session that is typed'],
    [['--voice', 'marin'], '--voice means nothing in a session that is typed'],
    [['hi', '--turn-detection', 'none'], '--turn-detection is for sound that is heard'],
    [['hi', '--turn-detection', 'vad'], '--turn-detection vad'],
    [['hi', '--rate', '8000'], '--rate is for sound that is heard'],
    [['hi', '--language', 'en'], '--language means nothing to one turn'],
    [['--transcribe', 'x.wav', 'hi'], '--transcribe takes no prompt'],
    [['--transcribe', 'x.wav', '-o', 'y'], '-o means nothing beside --transcribe'],
    [['--transcribe', 'x.wav', '--in', 'y'], '--in means nothing beside --transcribe'],
    [['hi', '--expires-after', '1m'], '--expires-after means nothing to one turn'],
    [['hi', '--tool-choice', 'auto'], '--tool-choice is for tools'],
    [['hi', '--param', 'nonsense'], '--param nonsense is not of the form name=value'],
    [['hi', '--max-tokens', '0'], '--max-tokens 0'],
    [['client-secret', 'more'], 'client-secret takes no words: more'],
    [['client-secret', '--expires-after', '5s'], '--expires-after is 5s'],
    [['client-secret', '--expires-after', '3h'], '--expires-after is 10800s'],
  ])('is a usage error: %j', async (argv, message) => {
    const { code, stdout, stderr } = await sandboxed(argv);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(`oai: ${message}`);
  });
});

describe('a session by lines', () => {
  it('goes on from line to line, over one connection, without prompts', async () => {
    const { code, stdout, stderr, server } = await told([says('one'), says('two')], [], { stdin: 'a\nb\n' });
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: 'one\ntwo\n', stderr: '' });
    expect(server.handshakes).toHaveLength(1);
  });

  it('ends at /exit, knows no other command, and takes a slash for text where it is said twice', async () => {
    const lines = ['/help', '/extit', '//root', '', '/exit', 'more'].join('\n');
    expect(await sandboxed([], { stdin: lines })).toMatchObject({
      code: 2,
      stdout: 'You said: /root\n',
      stderr: expect.stringContaining('oai: there is no command /extit; did you mean /exit?\n'),
    });
  });

  it('opens a new session where one was lost, which is told what was said, with one notice', async () => {
    const drop: Turn = (socket) => {
      for (const event of [created, ...text('one'), done()]) socket.send(JSON.stringify(event));
      socket.close();
    };
    const { code, stdout, stderr, server } = await told([drop, says('two'), says('three')], [], {
      stdin: 'a\nb\nc\n',
    });
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'one\ntwo\nthree\n' });
    expect(stderr).toBe('oai: the connection was lost: a new session goes on with what was said\n');
    expect(server.handshakes).toHaveLength(2);
    const again = server.events.slice(server.events.findLastIndex(({ type }) => type === 'session.update'));
    const items = again.flatMap(({ item }) =>
      item === undefined ? [] : [item as { content: { text: string }[] }],
    );
    expect(items.map(({ content }) => content[0]?.text)).toEqual(['a', 'one', 'b', 'c']);
  });

  it('keeps what came of an answer that was cut, and goes on', async () => {
    const cut: Turn = (socket) => {
      for (const event of [created, ...text('half of it')]) socket.send(JSON.stringify(event));
      socket.close();
    };
    const { code, stdout, stderr, server } = await told([cut, says('two')], [], { stdin: 'a\nb\n' });
    expect({ code, stdout }).toEqual({ code: 6, stdout: 'half of it\ntwo\n' });
    expect(stderr).toBe(
      'oai: HOST ended the conversation\noai: the connection was lost: a new session goes on with what was said\noai: 1 line of the script failed\n',
    );
    expect(server.events.filter(({ type }) => type === 'conversation.item.create')).toHaveLength(4);
  });

  it('opens a new session where one has reached its longest', async () => {
    const error = { type: 'invalid_request_error', code: 'session_expired', message: '60 minutes are over.' };
    const over: Turn = (socket) => {
      socket.send(JSON.stringify({ type: 'error', error }));
      socket.close(1001);
    };
    const run = await told([says('one'), over, says('two')], [], { stdin: 'a\nb\n' });
    expect(run).toMatchObject({
      code: 0,
      stdout: 'one\ntwo\n',
      stderr: 'oai: the connection was lost: a new session goes on with what was said\n',
    });
    expect(run.server.handshakes).toHaveLength(2);
  });

  it('goes on after a turn that was refused', async () => {
    const refused: Turn = [{ type: 'error', error: { type: 'invalid_request_error', message: 'No.' } }];
    expect(await told([refused, says('two')], [], { stdin: 'a\nb\n' })).toMatchObject({
      code: 4,
      stdout: 'two\n',
      stderr: 'oai: No.\noai: 1 line of the script failed\n',
    });
  });

  it('is nothing where nothing is typed', async () => {
    expect(await sandboxed([], { stdin: '' })).toMatchObject({ code: 0, stdout: '', stderr: '' });
    expect(await sandboxed([])).toMatchObject({ code: 0, stdout: '' });
  });

  it('is kept, and gone on with', async () => {
    const home = await temporaryFolder();
    const env = { OAI_HOME: home };
    await sandboxed(['--history', '--instructions', 'Be brief.'], { env, stdin: 'one\ntwo\n' });
    const shown = await oai(['history', 'show'], { env });
    expect(shown.stdout).toContain('You said: two');
    const again = await sandboxed(['-c', 'three'], { env });
    expect(again.stdout).toBe('You said: three\nAs told: Be brief.\nBefore that: “one”, “two”\n');
    const chat = await oai(['chat', '--sandbox', '-c', 'four'], { env });
    expect(chat).toMatchObject({ code: 0, stdout: expect.stringContaining('“three”') });
  });
});

describe('tools', () => {
  async function folder() {
    const cwd = await temporaryFolder();
    await writeFile(join(cwd, 'weather.sh'), '#!/bin/sh\ncat > asked.json\necho rain\n');
    await chmod(join(cwd, 'weather.sh'), 0o755);
    const spec = {
      description: 'the weather',
      parameters: { type: 'object', properties: { city: { type: 'string' } } },
    };
    await writeFile(join(cwd, 'weather.sh.json'), JSON.stringify(spec));
    return cwd;
  }
  const asked = 'the weather {"city":"Oslo"}';

  it('are run with consent, and their results handed back', async () => {
    const cwd = await folder();
    const argv = ['--tool', 'weather=./weather.sh', '--yes', asked];
    expect(await sandboxed(argv, { cwd })).toMatchObject({
      code: 0,
      stdout: `You said: ${asked}\nweather answered: rain\n`,
    });
    expect(JSON.parse(await readFile(join(cwd, 'asked.json'), 'utf8'))).toEqual({ city: 'Oslo' });
  });

  it('are asked for in the form of a session', async () => {
    const cwd = await folder();
    const call = { type: 'function_call', call_id: 'c1', name: 'weather', arguments: '{"city":"Oslo"}' };
    const calls: Turn = [
      created,
      { type: 'response.done', response: { status: 'completed', output: [call] } },
    ];
    const argv = ['--tool', 'weather=./weather.sh', '--yes', '--tool-choice', 'weather', 'hi'];
    const { code, stdout, server } = await told([calls, says('it rains')], argv, { cwd });
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'it rains\n' });
    expect(server.events[0]).toMatchObject({
      session: {
        tools: [{ type: 'function', name: 'weather', description: 'the weather' }],
        tool_choice: { type: 'function', name: 'weather' },
      },
    });
    expect(server.events.at(-2)).toEqual({
      type: 'conversation.item.create',
      item: { type: 'function_call_output', call_id: 'c1', output: 'rain' },
    });
  });

  it('that nobody allowed are printed, and exit 10', async () => {
    const cwd = await folder();
    const { code, stdout, stderr } = await sandboxed(['--tool', 'weather=./weather.sh', asked], { cwd });
    expect(code).toBe(10);
    expect(JSON.parse(stdout)).toMatchObject({ tool_calls: [{ function: { name: 'weather' } }] });
    expect(stderr).toContain('oai: the model asks for tools that nobody allowed: weather\n');
    expect(await readdir(cwd)).not.toContain('asked.json');
  });

  it('are told on stderr where the sound is on stdout', async () => {
    const cwd = await folder();
    const call = { type: 'function_call', call_id: 'c1', name: 'weather', arguments: '{}' };
    const end = { type: 'response.done', response: { status: 'completed', output: [call] } };
    const argv = ['--tool', 'weather=./weather.sh', '-o', '-', '-f', 'pcm', 'hi'];
    const run = await told([[created, sound('abcd'), end]], argv, { cwd });
    expect(run).toMatchObject({ code: 10, stdout: 'abcd' });
    expect(JSON.parse(run.stderr.split('\n')[0] ?? '')).toMatchObject({ tool_calls: [{ id: 'c1' }] });
  });

  it('of a --param are calls for others to run', async () => {
    const call = { type: 'function_call', call_id: 'c1', name: 'weather', arguments: '{}' };
    const end = { type: 'response.done', response: { status: 'completed', output: [call] } };
    const run = await told(
      [[created, end]],
      ['hi', '--param', 'tools=[{"type":"function","name":"weather"}]'],
    );
    expect(run).toMatchObject({
      code: 10,
      stdout: expect.stringContaining('{"tool_calls":[{"id":"c1"'),
      stderr: expect.stringMatching(
        /^oai: the model asks for tools that nobody allowed: weather\n.*--tool NAME=/,
      ),
    });
  });

  it('are not asked for for ever', async () => {
    const cwd = await folder();
    const call = { type: 'function_call', call_id: 'c1', name: 'weather', arguments: '{}' };
    const calls: Turn = [
      created,
      { type: 'response.done', response: { status: 'completed', output: [call] } },
    ];
    const argv = ['--tool', 'weather=./weather.sh', '--yes', '--max-turns', '1', 'hi'];
    expect(await told([calls, calls], argv, { cwd })).toMatchObject({
      code: 8,
      stderr: expect.stringContaining('the model still asks for tools after 1 turn: weather'),
    });
  });
});

describe('a spoken turn', () => {
  it('is heard, and answered by voice: words on stdout, the path on stderr', async () => {
    const cwd = await temporaryFolder();
    await writeSpeech(cwd, 'q.wav', 'good morning');
    expect(await sandboxed(['--in', 'q.wav', '-o', 'r.wav', '--voice', 'cedar'], { cwd })).toMatchObject({
      code: 0,
      stdout: 'You said: good morning\n',
      stderr: 'oai: saved as r.wav\n',
    });
    expect(await oai(['transcribe', '--sandbox', 'r.wav'], { cwd, env: {} })).toMatchObject({
      stdout: 'You said: good morning\n',
    });
  });

  it.each(['mp3', 'pcm'])('is saved as %s', async (format) => {
    const cwd = await temporaryFolder();
    await sandboxed(['hello', '-o', `r.${format}`], { cwd });
    const argv = ['--transcribe', `r.${format}`];
    expect(await sandboxed(argv, { cwd })).toMatchObject({ stdout: 'You said: hello\n' });
  });

  it('has its sound on stdout and its words on stderr with -o -', async () => {
    const { code, context, stderr } = await sandboxed(['hello', '-o', '-', '-f', 'pcm']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: 'You said: hello\n' });
    const heard = await sandboxed(['--transcribe', '-'], { stdin: context.stdout.bytes });
    expect(heard.stdout).toBe('You said: hello\n');
  });

  it('leaves no room on stdout for events', async () => {
    const { code, stdout, stderr } = await sandboxed(['hi', '-o', '-', '--json']);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(JSON.parse(stderr)).toMatchObject({ error: { message: '--json and -o - both want stdout' } });
  });

  it('is all that there is with -o - and --quiet', async () => {
    const { code, stderr } = await sandboxed(['hello', '-o', '-', '-f', 'pcm', '--quiet']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });

  it('is sent as it is, in pieces of a tenth of a second', async () => {
    const cwd = await temporaryFolder();
    const pcm = Buffer.from(Array.from({ length: 10_000 }, (_, index) => index % 251));
    await writeFile(join(cwd, 'q.pcm'), pcm);
    const { server } = await told([says('ok')], ['--in', 'q.pcm', 'about this'], { cwd });
    expect(server.events.map(({ type }) => type)).toEqual([
      'session.update',
      'conversation.item.create',
      ...Array(3).fill('input_audio_buffer.append'),
      'input_audio_buffer.commit',
      'response.create',
    ]);
    const sent = server.events.flatMap(({ audio }) =>
      audio === undefined ? [] : [Buffer.from(String(audio), 'base64')],
    );
    expect(Buffer.concat(sent)).toEqual(pcm);
    expect(server.events[0]).toMatchObject({ session: { audio: { input: { turn_detection: null } } } });
  });

  it('of which nothing is heard twice: stdin is not read again', async () => {
    const drop: Turn = (socket) => socket.terminate();
    const run = await told([drop, says('ok')], ['--in', '-'], { stdin: spokenPcm('hello') });
    expect(run).toMatchObject({ code: 6, stderr: expect.stringContaining('stdin cannot be read again') });
  });

  it('of a file is heard again by the next session', async () => {
    const cwd = await temporaryFolder();
    await writeSpeech(cwd, 'q.wav', 'good morning');
    const drop: Turn = (socket) => socket.terminate();
    expect(await told([drop, says('ok')], ['--in', 'q.wav'], { cwd })).toMatchObject({
      code: 0,
      stdout: 'ok\n',
    });
  });

  it('keeps beside what came of a sound that was cut', async () => {
    const cwd = await temporaryFolder();
    const env = { OAI_SANDBOX: 'cut@2' };
    const { code, stderr } = await sandboxed(['hello out there', '-o', 'r.wav', '--retries', '0'], {
      cwd,
      env,
    });
    expect(code).toBe(6);
    expect(await readdir(cwd)).toEqual(['r.wav.part']);
    expect(stderr).toMatch(/what arrived is in .*r\.wav\.part/);
  });

  it('replaces no file, and leaves it as it is', async () => {
    const cwd = await temporaryFolder();
    await writeFile(join(cwd, 'r.wav'), 'mine');
    expect(await sandboxed(['hello', '-o', 'r.wav'], { cwd })).toMatchObject({ code: 2 });
    expect(await readFile(join(cwd, 'r.wav'), 'utf8')).toBe('mine');
    expect(await sandboxed(['hello', '-o', 'r.wav', '--force'], { cwd })).toMatchObject({ code: 0 });
  });

  it('has as many turns as the server finds in it', async () => {
    const cwd = await temporaryFolder();
    const pcm = Buffer.concat([spokenPcm('one'), quietPcm(1), spokenPcm('two')]);
    await writeFile(join(cwd, 'q.wav'), wavOf(pcm));
    for (const kind of ['server_vad', 'semantic_vad']) {
      expect(await sandboxed(['--in', 'q.wav', '--turn-detection', kind], { cwd })).toMatchObject({
        code: 0,
        stdout: expect.stringMatching(/^You said: one\nYou said: two\nBefore that: “one”\n$/),
      });
    }
  });

  it('is given up where the server tells of an item that is none', async () => {
    const added = { type: 'conversation.item.added' };
    const server = await realtimeServer([], {
      onEvent: ({ type }, socket) => type === 'session.update' && socket.send(JSON.stringify(added)),
    });
    const argv = ['realtime', '--in', '-', '--turn-detection', 'server_vad', '--base-url', server.baseUrl];
    expect(await oai(argv, { stdin: quietPcm(1) })).toMatchObject({
      code: 6,
      stderr: expect.stringContaining('sent an event that is garbled'),
    });
  });

  it('in which the server hears nobody is exit 8', async () => {
    const argv = ['--in', '-', '--turn-detection', 'server_vad'];
    expect(await sandboxed(argv, { stdin: quietPcm(2) })).toMatchObject({
      code: 8,
      stderr: 'oai: no speech was heard in stdin\n',
    });
  });
});

describe('client-secret', () => {
  it('prints the key alone', async () => {
    const { code, stdout, stderr } = await sandboxed(['client-secret']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^ek_[0-9a-f]{32}\n$/);
  });

  it('prints all that the API says', async () => {
    const argv = [
      'client-secret',
      '--json',
      '--expires-after',
      '1m',
      '--voice',
      'cedar',
      '--instructions',
      'Be brief.',
    ];
    const { stdout } = await sandboxed(argv);
    expect(JSON.parse(stdout)).toMatchObject({
      value: expect.stringMatching(/^ek_/),
      expires_at: Date.parse('2026-11-21T12:01:00Z') / 1000,
      session: {
        model: 'gpt-realtime-2.1-mini',
        instructions: 'Be brief.',
        audio: { output: { voice: 'cedar' } },
      },
    });
  });

  it('is for transcription where the model is', async () => {
    const argv = ['client-secret', '--json', '-m', 'gpt-live-transcribe', '--language', 'Korean'];
    expect(JSON.parse((await sandboxed(argv)).stdout)).toMatchObject({
      session: {
        type: 'transcription',
        audio: { input: { transcription: { model: 'gpt-live-transcribe', languages: ['ko'] } } },
      },
    });
  });

  it.each([
    [{}],
    [[]],
    [{ value: 5, expires_at: 1 }],
    [{ value: '', expires_at: 1 }],
    [{ value: 'ek_x', expires_at: 'soon' }],
    [{ value: 'ek_x', expires_at: 1e300 }],
  ])('is none where the server answers with something else: %j', async (body) => {
    const { code, stdout, stderr } = await oai(['realtime', 'client-secret'], {
      fetch: stubApi(jsonAnswer(body)).fetch,
    });
    expect({ code, stdout }).toEqual({ code: 6, stdout: '' });
    expect(stderr).toContain('answered, but not with a client secret');
  });

  it('is no key that a cassette holds', async () => {
    const cwd = await temporaryFolder();
    const { stdout } = await sandboxed(['client-secret', '--record', 'tapes'], { cwd });
    const [name = ''] = await readdir(join(cwd, 'tapes'));
    expect(await readFile(join(cwd, 'tapes', name), 'utf8')).not.toContain(stdout.trim());
  });
});
