import type { RealtimeServerEvent } from 'openai/resources/realtime/realtime';
import { describe, expect, it } from 'vitest';
import { createSandbox } from '../../src/sandbox/sandbox.ts';
import { speechPcm } from '../../src/sandbox/speech-sound.ts';
import { FakeClock } from '../support/context.ts';
import { settle } from '../support/oai.ts';
import { type Client, type Setup, session, summary } from '../support/realtime-client.ts';

const LIVE = '/realtime?intent=transcription';

function spoken(text: string): Buffer {
  return Buffer.concat([...speechPcm(text, { pitch: 120, speed: 1 })]);
}

/** Seconds of nothing. */
function quiet(seconds: number): Buffer {
  return Buffer.alloc(seconds * 48_000);
}

/** Sends sound in pieces of an odd length of samples. */
function say(client: Client, sound: Buffer): void {
  for (let at = 0; at < sound.length; at += 9002) {
    const audio = sound.subarray(at, at + 9002).toString('base64');
    client.send({ type: 'input_audio_buffer.append', audio });
  }
}

async function listening(update: object, setup: Setup = {}) {
  const { client, created } = await session(setup);
  client.send({ type: 'session.update', session: update });
  expect(await client.next()).toMatchObject({ type: 'session.updated' });
  return { client, created };
}

const live = (fields: object = {}) => ({
  type: 'transcription',
  audio: { input: { transcription: { model: 'gpt-live-transcribe', ...fields }, turn_detection: null } },
});

const realtime = (turn_detection: object | null, fields: object = {}) => ({
  type: 'realtime',
  output_modalities: ['text'],
  audio: { input: { turn_detection, ...fields } },
});

function deltas(events: readonly (RealtimeServerEvent | string)[]): string[] {
  return events.flatMap((event) =>
    typeof event === 'object' && event.type === 'conversation.item.input_audio_transcription.delta'
      ? [event.delta ?? '']
      : [],
  );
}

describe('sound in a conversation', () => {
  it('is a message once it is committed, and can be answered', async () => {
    const { client } = await listening(realtime(null));
    say(client, spoken('hello out there'));
    client.send({ type: 'input_audio_buffer.commit' });
    const types = (await client.until('conversation.item.done')).map((event) =>
      typeof event === 'object' ? event.type : event,
    );
    expect(types).toEqual([
      'input_audio_buffer.committed',
      'conversation.item.added',
      'conversation.item.done',
    ]);
    client.send({ type: 'response.create' });
    expect(summary(await client.until('response.done')).text).toBe('You said: hello out there');
  });

  it('is written down where that is wanted', async () => {
    const { client } = await listening(realtime(null, { transcription: { model: 'gpt-transcribe' } }));
    say(client, spoken('hello out there'));
    client.send({ type: 'input_audio_buffer.commit' });
    const events = await client.until('conversation.item.input_audio_transcription.completed');
    expect(deltas(events).join('')).toBe('hello out there');
    expect(events.at(-1)).toMatchObject({ transcript: 'hello out there', usage: { type: 'duration' } });
  });

  it('has turns that end with silence, each with an answer', async () => {
    const { client } = await listening(realtime({ type: 'server_vad' }));
    say(client, Buffer.concat([quiet(0.4), spoken('one'), quiet(1)]));
    const first = await client.until('response.done');
    expect(summary(first).text).toBe('You said: one');
    expect(summary(first).types.slice(0, 3)).toEqual([
      'input_audio_buffer.speech_started',
      'input_audio_buffer.speech_stopped',
      'input_audio_buffer.committed',
    ]);
    say(client, Buffer.concat([spoken('two'), quiet(1)]));
    expect(summary(await client.until('response.done')).text).toBe('You said: two\nBefore that: “one”');
  });

  it('breaks off an answer when somebody speaks again', async () => {
    const { client } = await listening({ ...realtime({ type: 'server_vad' }), output_modalities: ['audio'] });
    say(client, Buffer.concat([spoken('tell me a long story'), quiet(1)]));
    await client.until('response.output_audio.delta');
    say(client, Buffer.concat([spoken('no'), quiet(1)]));
    const { done } = summary(await client.until('response.done'));
    expect(done).toMatchObject({ status: 'cancelled', status_details: { reason: 'turn_detected' } });
    expect(summary(await client.until('response.done')).done).toMatchObject({ status: 'completed' });
  });

  it('waits for the client where it is told so', async () => {
    const { client } = await listening(realtime({ type: 'semantic_vad', create_response: false }));
    say(client, Buffer.concat([spoken('one'), quiet(1)]));
    await client.until('conversation.item.done');
    client.send({ type: 'response.create' });
    expect(summary(await client.until('response.done')).text).toBe('You said: one');
  });

  it('is taken back', async () => {
    const { client } = await listening(realtime(null));
    say(client, spoken('hello'));
    expect(await client.told({ type: 'input_audio_buffer.clear' })).toMatchObject({
      type: 'input_audio_buffer.cleared',
    });
    expect(await client.told({ type: 'input_audio_buffer.commit' })).toMatchObject({
      error: { code: 'input_audio_buffer_commit_empty' },
    });
  });

  it.each([
    ['no base64', 'not sound!'],
    ['half a sample', 'AAAA'],
  ])('is refused: %s', async (_, audio) => {
    const { client } = await listening(realtime(null));
    expect(await client.told({ type: 'input_audio_buffer.append', audio })).toMatchObject({
      error: { param: 'audio', code: 'invalid_value' },
    });
  });
});

describe('a session that only listens', () => {
  it('begins without a model, and says what it is', async () => {
    const { created } = await session({ path: LIVE });
    expect(created).toMatchObject({
      type: 'session.created',
      session: { type: 'transcription', object: 'realtime.transcription_session' },
    });
  });

  it('tells the words while they are said, and all of them at the end', async () => {
    const { client } = await listening(live(), { path: LIVE });
    say(client, spoken('hello out there, dear listeners'));
    const first = await client.next();
    expect(first).toMatchObject({
      type: 'conversation.item.input_audio_transcription.delta',
      delta: expect.stringMatching(/^hello/),
    });
    client.send({ type: 'input_audio_buffer.commit' });
    const events = await client.until('conversation.item.input_audio_transcription.completed');
    const whole = deltas([first ?? '', ...events]).join('');
    expect(whole).toBe('hello out there, dear listeners');
    expect(events.at(-1)).toMatchObject({
      transcript: whole,
      item_id: (first as { item_id: string }).item_id,
    });
  });

  it('has an empty transcript of silence', async () => {
    const { client } = await listening(live(), { path: LIVE });
    say(client, quiet(2));
    client.send({ type: 'input_audio_buffer.commit' });
    const events = await client.until('conversation.item.input_audio_transcription.completed');
    expect(events.at(-1)).toMatchObject({ transcript: '' });
  });

  it('finds the turns itself, of models that can', async () => {
    const audio = { input: { transcription: { model: 'gpt-4o-transcribe' } } };
    const { client } = await listening({ type: 'transcription', audio }, { path: LIVE });
    say(client, Buffer.concat([spoken('one'), quiet(1), spoken('two'), quiet(1)]));
    for (const transcript of ['one', 'two']) {
      const events = await client.until('conversation.item.input_audio_transcription.completed');
      expect(events.at(-1)).toMatchObject({ transcript });
    }
  });

  it.each([
    [
      'turn detection of a model that has none',
      { ...live(), audio: { input: { ...live().audio.input, turn_detection: { type: 'server_vad' } } } },
      'session.audio.input.turn_detection',
    ],
    ['a session that speaks', { type: 'realtime' }, 'session.type'],
    [
      'a model that does not listen',
      live({ model: 'gpt-6-luna' }),
      'session.audio.input.transcription.model',
    ],
    [
      'another rate',
      { type: 'transcription', audio: { input: { format: { type: 'audio/pcm', rate: 8000 } } } },
      'session.audio.input.format.rate',
    ],
    ['no languages', live({ languages: [] }), 'session.audio.input.transcription.languages'],
  ])('is not: %s', async (_, update, param) => {
    const { client } = await session({ path: LIVE });
    expect(await client.told({ type: 'session.update', session: update })).toMatchObject({
      error: { param },
    });
  });

  it('answers nothing', async () => {
    const { client } = await session({ path: LIVE });
    expect(await client.told({ type: 'response.create' })).toMatchObject({ type: 'error' });
  });

  it.each([
    ['cut@1', 1000],
    ['reset@1', 1006],
  ])('breaks off: %s', async (faults, code) => {
    const { client } = await listening(live(), { path: LIVE, faults });
    say(client, spoken('hello out there, dear listeners'));
    client.send({ type: 'input_audio_buffer.commit' });
    expect(await client.ended()).toBe(code);
  });

  it('tells that it failed', async () => {
    const { client } = await listening(live(), { path: LIVE, faults: 'error@0' });
    say(client, spoken('hello'));
    client.send({ type: 'input_audio_buffer.commit' });
    const events = await client.until('conversation.item.input_audio_transcription.failed');
    expect(events.at(-1)).toMatchObject({ error: { type: 'server_error' } });
  });

  it('writes nothing down any more when its client has gone', async () => {
    const clock = new FakeClock({ leap: true });
    const sandbox = createSandbox({ clock, lifecycleOf: () => undefined, faults: 'delay=50ms' });
    const headers = { authorization: 'Bearer sk-test' };
    const opened = await sandbox.openRealtime(new Request(`http://127.0.0.1/v1${LIVE}`, { headers }));
    if (opened instanceof Response) throw new Error(await opened.text());
    opened.open({ send: async () => {}, close() {}, terminate() {} });
    const audio = spoken('hello out there, dear listeners').toString('base64');
    const update = live({ model: 'gpt-4o-transcribe' });
    for (const event of [
      { type: 'session.update', session: update },
      { type: 'input_audio_buffer.append', audio },
      { type: 'input_audio_buffer.commit' },
    ]) {
      opened.receive(JSON.stringify(event));
    }
    await settle();
    const waited = clock.delays.length;
    expect(waited).toBeGreaterThan(1);
    opened.close();
    await settle(50);
    expect(clock.delays).toHaveLength(waited);
  });
});
