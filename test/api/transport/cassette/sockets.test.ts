import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { type FakeContextOptions, HurriedClock } from '../../../support/context.ts';
import { temporaryFolder } from '../../../support/folder.ts';
import { oai, type Run } from '../../../support/oai.ts';
import { realtimeServer, spokenTurn } from '../../../support/realtime-server.ts';

const KEY = 'sk-test-0123456789';

/** A folder to work in, and runs in it that speak into files by the Realtime API. */
async function studio() {
  const cwd = await temporaryFolder();
  const tapes = join(cwd, 'tapes');
  const speak = (argv: readonly string[], options: FakeContextOptions = {}): Promise<Run> =>
    oai(['speak', '--via', 'realtime', ...argv], { cwd, ...options });
  const replay = (argv: readonly string[], options: FakeContextOptions = {}): Promise<Run> =>
    speak([...argv, '--replay', 'tapes'], { env: {}, ...options });
  const files = async () => (await readdir(tapes)).sort();
  const lines = async (name: string) =>
    (await readFile(join(tapes, name), 'utf8'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
  return { cwd, tapes, speak, replay, files, lines };
}

describe('a recorded conversation', () => {
  it('is replayed to the byte with no network and no key', async () => {
    const { cwd, speak, replay, files } = await studio();
    const recorded = await speak(['hello to all', '-o', 'a.wav', '--sandbox', '--record', 'tapes']);
    expect(recorded).toMatchObject({ code: 0, stderr: '' });
    expect(await files()).toEqual([expect.stringMatching(/^realtime-[0-9a-f]{12}\.frames\.jsonl$/)]);
    expect(await replay(['hello to all', '-o', 'b.wav'])).toMatchObject({ code: 0, stderr: '' });
    expect(await readFile(join(cwd, 'b.wav'))).toEqual(await readFile(join(cwd, 'a.wav')));
  });

  it('is a line for each message, without the key', async () => {
    const { speak, files, lines, tapes } = await studio();
    const server = await realtimeServer([
      [{ type: 'response.created', note: `${KEY} is the key` }, ...(spokenTurn('ab', 'hello') as object[])],
    ]);
    await speak(['hello', '-o', 'a.pcm', '--base-url', server.baseUrl, '--record', 'tapes']);
    const [name = ''] = await files();
    const [head, ...frames] = await lines(name);
    expect(head).toMatchObject({ oai_cassette: 1, websocket: '/realtime?model=gpt-realtime-2.1-mini' });
    expect(frames.map(({ client, server }) => (client ?? server).type)).toEqual([
      'session.update',
      'response.create',
      'response.created',
      'response.created',
      'response.output_audio.delta',
      'response.output_audio_transcript.done',
      'response.done',
    ]);
    const text = await readFile(join(tapes, name), 'utf8');
    expect(text).toContain('[key] is the key');
    expect(text).not.toContain(KEY);
  });

  it('hides a key that came in pieces', async () => {
    const { speak, files, tapes } = await studio();
    const delta = (text: string) => ({
      type: 'response.output_audio_transcript.delta',
      item_id: 'item_1',
      delta: text,
    });
    const turn = [
      delta('it is sk-test-01'),
      delta('23456789 indeed'),
      ...(spokenTurn('ab', 'hello') as object[]),
    ];
    const server = await realtimeServer([turn]);
    await speak(['hello', '-o', 'a.pcm', '--base-url', server.baseUrl, '--record', 'tapes']);
    const text = await readFile(join(tapes, (await files())[0] ?? ''), 'utf8');
    expect(text).toContain('it is [key]');
    expect(text).not.toMatch(/sk-test|23456789/);
  });

  it('is told from others in the same folder by what the client says', async () => {
    const { cwd, speak, replay } = await studio();
    for (const word of ['one', 'two', 'three']) {
      await speak([word, '-o', `${word}.pcm`, '--sandbox', '--record', 'tapes']);
    }
    for (const word of ['three', 'one', 'two']) {
      expect(await replay([word, '-o', `${word}-again.pcm`])).toMatchObject({ code: 0 });
      expect(await readFile(join(cwd, `${word}-again.pcm`))).toEqual(
        await readFile(join(cwd, `${word}.pcm`)),
      );
    }
  });

  it('replaces what an earlier run recorded of the same', async () => {
    const { speak, files } = await studio();
    await speak(['hi', '-o', 'a.pcm', '--sandbox', '--record', 'tapes']);
    await speak(['hi', '-o', 'b.pcm', '--sandbox', '--record', 'tapes']);
    expect(await files()).toHaveLength(1);
  });

  it('does not hold the try that the server broke off', async () => {
    const { cwd, speak, replay, files } = await studio();
    const server = await realtimeServer([(socket) => socket.terminate(), spokenTurn('ab', 'hello there')]);
    const argv = ['hello there', '-o', 'a.pcm', '--base-url', server.baseUrl, '--record', 'tapes'];
    expect(await speak(argv, { clock: new HurriedClock() })).toMatchObject({ code: 0 });
    expect(await files()).toHaveLength(1);
    expect(await replay(['hello there', '-o', 'b.pcm'])).toMatchObject({ code: 0 });
    expect(await readFile(join(cwd, 'b.pcm'), 'latin1')).toBe('ab');
  });

  it('is none where the server refused it', async () => {
    const { cwd, speak, files } = await studio();
    const refuse = (status: string) => (socket: Duplex) =>
      void socket.end(`HTTP/1.1 ${status}\r\ncontent-length: 0\r\n\r\n`);
    const argv = ['hello there', '--record', 'tapes', '--base-url'];
    const closed = await realtimeServer([], { handshakes: [refuse('401 Unauthorized')] });
    expect(await speak([...argv, closed.baseUrl, '-o', 'a.pcm'])).toMatchObject({ code: 3 });
    expect(await readdir(cwd)).toEqual([]);
    const busy = await realtimeServer([spokenTurn('ab', 'hello there')], {
      handshakes: [refuse('503 Busy'), undefined],
    });
    const run = await speak([...argv, busy.baseUrl, '-o', 'b.pcm'], { clock: new HurriedClock() });
    expect(run).toMatchObject({ code: 0, stderr: '' });
    expect(await files()).toEqual([expect.stringMatching(/^realtime-[0-9a-f]{12}\.frames\.jsonl$/)]);
  });

  it('is cut in the replay where it was cut', async () => {
    const { speak, replay } = await studio();
    const argv = ['hello to everybody here', '--retries', '0'];
    const env = { OAI_SANDBOX: 'cut@1' };
    const recorded = await speak([...argv, '-o', 'a.wav', '--sandbox', '--record', 'tapes'], { env });
    const replayed = await replay([...argv, '-o', 'b.wav']);
    expect([recorded.code, replayed.code]).toEqual([6, 6]);
    expect(replayed.stderr).toContain('ended the conversation');
  });
});

describe('what cannot be replayed', () => {
  it('is a conversation that begins otherwise: the nearest is named', async () => {
    const { speak, replay, files } = await studio();
    await speak(['one', '-o', 'a.pcm', '--sandbox', '--record', 'tapes']);
    const [name = ''] = await files();
    expect(await replay(['two', '-o', 'b.pcm'])).toMatchObject({
      code: 2,
      stderr: `oai: tapes holds no conversation that goes on with this response.create\n     in the nearest, ${name}, event 2 is another response.create\n`,
    });
  });

  it('is one with another model, and one of a folder that is not there', async () => {
    const { speak, replay } = await studio();
    await speak(['one', '-o', 'a.pcm', '--sandbox', '--record', 'tapes']);
    expect(await replay(['one', '-m', 'gpt-realtime-2', '-o', 'b.pcm'])).toMatchObject({
      code: 2,
      stderr: 'oai: tapes holds no conversation with /realtime?model=gpt-realtime-2\n',
    });
    const { code, stderr } = await speak(['one', '-o', 'c.pcm', '--replay', 'nowhere'], { env: {} });
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: 'oai: cannot replay nowhere: there is no such folder\n',
    });
  });

  it.each([
    ['{"oai_cassette":1', 'tapes/x.frames.jsonl: line 1 is no JSON'],
    ['{"a":1}', 'tapes/x.frames.jsonl: it is no log of a conversation that this version of oai reads'],
    [
      '{"oai_cassette":1,"websocket":"/realtime"}\n{"ms":1}',
      'tapes/x.frames.jsonl: line 2 has no client, server, text or end',
    ],
  ])('is a log that is damaged: %s', async (text, message) => {
    const { speak, replay, tapes } = await studio();
    await speak(['one', '-o', 'a.pcm', '--sandbox', '--record', 'tapes']);
    await writeFile(join(tapes, 'x.frames.jsonl'), text);
    expect(await replay(['one', '-o', 'b.pcm'])).toMatchObject({ code: 2, stderr: `oai: ${message}\n` });
  });
});
