import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { connect } from '../../src/api/client.ts';
import { Stopped } from '../../src/errors.ts';
import { type LiveSpeech, speakLive } from '../../src/speech/live.ts';
import { FakeClock, fakeContext } from '../support/context.ts';
import { temporaryFolder } from '../support/folder.ts';
import { oai } from '../support/oai.ts';
import { checkSchema } from '../support/openapi.ts';
import {
  done,
  realtimeServer,
  sound,
  spokenTurn,
  type Turn,
  transcript,
} from '../support/realtime-server.ts';

/** A clock on which the waits between tries, and nothing longer, are over at once. */
class ImpatientClock extends FakeClock {
  override timer(delay: number, ring: () => void) {
    const timer = super.timer(delay, ring);
    if (delay <= 8000) setImmediate(() => this.advance(delay));
    return timer;
  }
}

/** Has a server of ours read a text. */
async function speak(turns: readonly Turn[], argv: readonly string[] = [], text = 'hello there') {
  const server = await realtimeServer(turns);
  const cwd = await temporaryFolder();
  const run = await oai(
    ['speak', '--via', 'realtime', '-o', 'x.pcm', '--base-url', server.baseUrl, ...argv, text],
    { cwd, clock: new ImpatientClock() },
  );
  const left = (await readdir(cwd)).sort();
  const bytes = left[0] === undefined ? '' : (await readFile(join(cwd, left[0]))).toString('latin1');
  return { ...run, left, bytes, server };
}

const quiet = ['--retries', '0'];

describe('a text that is read by a conversation', () => {
  it('is the sound of all that comes, and the session is closed', async () => {
    const turn = [sound('ab'), sound(''), sound('cd'), transcript('Hello there!'), done()];
    const { code, stdout, stderr, bytes, server } = await speak([turn]);
    expect({ code, stdout, stderr, bytes }).toEqual({
      code: 0,
      stdout: 'x.pcm\n',
      stderr: '',
      bytes: 'abcd',
    });
    await server.allClosed();
  });

  it('is asked for part by part, each by itself, in one session', async () => {
    const sentence = 'This sentence has forty-four characters in it. ';
    const turns = [spokenTurn('ab', sentence.repeat(31)), spokenTurn('cd', sentence.repeat(9))];
    const { code, bytes, server } = await speak(turns, [], sentence.repeat(40));
    expect({ code, bytes, handshakes: server.handshakes.length }).toEqual({
      code: 0,
      bytes: 'abcd',
      handshakes: 1,
    });
    for (const event of server.events) checkSchema('RealtimeClientEvent', event);
    expect(server.events.map(({ type }) => type)).toEqual([
      'session.update',
      'response.create',
      'response.create',
    ]);
    expect(server.events[2]).toMatchObject({
      response: { conversation: 'none', input: [{ role: 'user', content: [{ type: 'input_text' }] }] },
    });
  });

  it('has parts of which each can be said, in scripts with a syllable to each character too', async () => {
    const of = async (text: string) => {
      const { server } = await speak(
        [spokenTurn('ab', text), spokenTurn('cd', text), done() as never],
        [],
        text,
      );
      return server.events.filter(({ type }) => type === 'response.create').length;
    };
    expect(await of('가나다라 '.repeat(150))).toBe(2);
    expect(await of('漢字仮名'.repeat(240))).toBe(2);
    expect(await of('123 4567 '.repeat(80))).toBe(2);
    expect(await of('abc defg '.repeat(80))).toBe(1);
  });

  it('is tried again when it fails before its first sound', async () => {
    const lost: Turn = (socket) => socket.terminate();
    const limited: Turn = [done('failed', { type: 'failed', error: { code: 'rate_limit_exceeded' } })];
    const { code, bytes, server, stderr } = await speak([lost, limited, spokenTurn('ab', 'hello there')]);
    expect({ code, bytes, stderr, handshakes: server.handshakes.length }).toEqual({
      code: 0,
      bytes: 'ab',
      stderr: '',
      handshakes: 3,
    });
    await server.allClosed();
  });

  it('is tried again part by part, and no sound comes twice', async () => {
    const text = 'This sentence has forty-four characters in it. '.repeat(40);
    const lost: Turn = (socket) => socket.terminate();
    const turns = [spokenTurn('ab', text.slice(0, 1457)), lost, spokenTurn('cd', text.slice(1457))];
    const { code, bytes, server } = await speak(turns, [], text);
    expect({ code, bytes, handshakes: server.handshakes.length }).toEqual({
      code: 0,
      bytes: 'abcd',
      handshakes: 2,
    });
  });

  it('is not tried again once there was sound', async () => {
    const turn: Turn = (socket) => socket.send(JSON.stringify(sound('ab')), () => socket.terminate());
    const { code, bytes, left, stderr, server } = await speak([turn]);
    expect({ code, bytes, left }).toEqual({ code: 6, bytes: 'ab', left: ['x.pcm.part'] });
    expect(server.handshakes).toHaveLength(1);
    expect(stderr).toMatch(/^oai: 127\.0\.0\.1:\d+ ended the conversation\n/);
  });
});

describe('a response that does not end well', () => {
  const details = (error: object) => done('failed', { type: 'failed', error });
  it.each<[string, object, number, string]>([
    ['failed', done('failed', null), 6, 'the speech failed: no reason given'],
    ['failed for a reason', details({ code: 'server_error' }), 6, 'the speech failed: server_error'],
    [
      'failed for a kind of reason',
      details({ type: 'invalid_request_error' }),
      4,
      'the speech failed: invalid_request_error',
    ],
    [
      'out of credit',
      details({ code: 'insufficient_quota', message: 'You exceeded your quota.' }),
      5,
      'You exceeded your quota.',
    ],
    ['limited', details({ code: 'rate_limit_exceeded', message: 'Slow down.' }), 5, 'Slow down.'],
    [
      'incomplete',
      done('incomplete', { type: 'incomplete', reason: 'max_output_tokens' }),
      8,
      'the speech broke off: max_output_tokens',
    ],
    ['incomplete without a reason', done('incomplete'), 8, 'the speech broke off: incomplete'],
    ['cancelled', done('cancelled', null), 8, 'the speech broke off: cancelled'],
    [
      'filtered',
      done('incomplete', { type: 'incomplete', reason: 'content_filter' }),
      7,
      'the speech was cut off by the content filter',
    ],
    ['none that is known', done('in_progress'), 6, 'the speech failed: no reason given'],
  ])('%s', async (_, event, exitCode, message) => {
    const { code, stdout, stderr, left, bytes, server } = await speak([[sound('ab'), event]], quiet);
    expect({ code, stdout, left, bytes }).toEqual({
      code: exitCode,
      stdout: '',
      left: ['x.pcm.part'],
      bytes: 'ab',
    });
    expect(stderr).toContain(`oai: ${message}`);
    await server.allClosed();
  });

  it('that is out of credit is not tried again', async () => {
    const { code, server } = await speak([[details({ code: 'insufficient_quota' })]]);
    expect({ code, tries: server.handshakes.length }).toEqual({ code: 5, tries: 1 });
  });
});

describe('a response without sound', () => {
  it.each(['pcm', 'wav', 'mp3'])('is none as %s', async (format) => {
    const turn = [sound(''), sound(''), transcript('hello there'), done()];
    const { code, stderr, left } = await speak([turn], ['-f', format, '-o', `x.${format}`]);
    expect({ code, stderr, left }).toEqual({ code: 8, stderr: 'oai: the speech has no sound\n', left: [] });
  });

  it('may be one to a part that has nothing to say, but not to all of them', async () => {
    const letters = 'abc '.repeat(370);
    const { code, bytes } = await speak(
      [spokenTurn('ab', letters), [done()]],
      [],
      `${letters}${'. '.repeat(50)}`,
    );
    expect({ code, bytes }).toEqual({ code: 0, bytes: 'ab' });
    const { code: none, left } = await speak([[done()]], [], '. . .');
    expect({ none, left }).toEqual({ none: 8, left: [] });
  });
});

describe('what was said', () => {
  it('is compared with the text', async () => {
    const { code, stderr } = await speak([spokenTurn('ab', 'Hello dear.')]);
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: 'oai: what was said differs from the text: "Hello dear." for "hello there"\n',
    });
  });

  it('is not compared where nobody wrote it down', async () => {
    const { code, stderr } = await speak([[sound('ab'), done()]]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });
});

describe('a session', () => {
  const speech: LiveSpeech = {
    model: 'm',
    voice: 'coral',
    speed: undefined,
    instructions: undefined,
    format: 'wav',
  };

  async function speaking(turn: Turn, format: LiveSpeech['format']) {
    const server = await realtimeServer([turn]);
    const context = fakeContext({ env: { OPENAI_API_KEY: 'sk-test-0123456789' } });
    const api = await connect({ baseUrl: server.baseUrl, retries: 0 }, context);
    return { server, context, speak: () => speakLive(['hello'], { ...speech, format }, api, context) };
  }

  it.each(['wav', 'mp3', 'pcm'] as const)(
    'ends when nobody takes the sound any more, as %s',
    async (format) => {
      const { server, speak } = await speaking([sound('ab'.repeat(9000))], format);
      const { bytes } = await speak();
      for await (const _ of bytes) break;
      await server.allClosed();
      expect(server.handshakes).toHaveLength(1);
    },
  );

  it('ends with the run', async () => {
    const { server, context, speak } = await speaking((socket) => {
      socket.send(JSON.stringify({ type: 'response.created' }), () => context.stop(new Stopped('SIGINT')));
    }, 'wav');
    await expect(speak()).rejects.toMatchObject({ name: 'Stopped', by: 'SIGINT' });
    await server.allClosed();
  });
});
