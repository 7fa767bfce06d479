import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import { FakeClock } from '../support/context.ts';
import { checkResponse } from '../support/openapi.ts';
import {
  Client,
  MODEL,
  refused,
  respond,
  served,
  session,
  socketOf,
  summary,
  userText,
} from '../support/realtime-client.ts';

const ENGLISH = 'The quick brown fox jumps over the lazy dog, twice.';
const VERBATIM = 'Read the text aloud, word for word.';

describe('the handshake', () => {
  it('begins a session', async () => {
    const { created } = await session();
    expect(created).toMatchObject({
      type: 'session.created',
      session: {
        type: 'realtime',
        object: 'realtime.session',
        model: MODEL,
        output_modalities: ['audio'],
        audio: { output: { voice: 'alloy', speed: 1, format: { type: 'audio/pcm', rate: 24_000 } } },
      },
    });
  });

  it.each([
    ['a bad key', { key: 'sk-invalid' }, 401, 'invalid_api_key'],
    ['an unknown model', { model: 'gpt-realtime-9' }, 404, 'model_not_found'],
    ['a model that a fault took away', { faults: `gone=${MODEL}` }, 404, 'model_not_found'],
    [
      'a retired model',
      { model: 'gpt-realtime', clock: new FakeClock({ now: Date.parse('2027-03-01'), leap: true }) },
      404,
      'model_not_found',
    ],
    ['a model of another kind', { model: 'gpt-6-luna' }, 400, 'invalid_value'],
    ['no model', { path: '/realtime' }, 400, 'missing_required_parameter'],
    ['429', { faults: '429' }, 429, 'rate_limit_exceeded'],
    ['quota', { faults: 'quota' }, 429, 'insufficient_quota'],
    ['another path', { path: '/elsewhere' }, 404, null],
  ])('refuses %s', async (_, setup, status, code) => {
    const told: unknown[] = [];
    const answer = await refused({ ...setup, onAnswer: (...what) => void told.push(what[2]) });
    const body = JSON.parse(answer.text);
    checkResponse('GET', '/models', answer.status ?? 0, body);
    expect([answer.status, body.error.code]).toEqual([status, code]);
    expect(answer.headers['x-request-id']).toMatch(/^req_/);
    expect(told).toEqual([status]);
  });

  it('has the faults of a request: a status, then none; a page; an error of status 200', async () => {
    const server = await served({ faults: '500x1' });
    const first = new Client(socketOf(server.url, {}));
    expect(await first.ended()).toBe(1006);
    const second = new Client(socketOf(server.url, {}));
    expect(await second.next()).toMatchObject({ type: 'session.created' });
    expect((await refused({ faults: '429,retry-after=20s' })).headers['retry-after']).toBe('20');
    expect(await refused({ faults: '503-empty' })).toMatchObject({ status: 503, text: '' });
    expect(await refused({ faults: 'html' })).toMatchObject({ status: 200 });
    expect((await refused({ faults: 'json-error' })).text).toContain('server_error');
  });

  it('may lose the connection', async () => {
    const told: unknown[] = [];
    const { url } = await served({ faults: 'drop', onAnswer: (...what) => void told.push(what[2]) });
    const [error] = await once(socketOf(url, {}), 'error');
    expect(error).toMatchObject({ code: 'ECONNRESET' });
    expect(told).toEqual([undefined]);
  });

  it('waits for a delay', async () => {
    const clock = new FakeClock();
    const { url } = await served({ faults: 'delay=1h', clock });
    const client = new Client(socketOf(url, {}));
    await clock.asked(3_600_000);
    expect(client.socket.readyState).toBe(WebSocket.CONNECTING);
    clock.advance(3_600_000);
    expect(await client.next()).toMatchObject({ type: 'session.created' });
    client.socket.terminate();
  });

  it('ends with the server while it waits', async () => {
    const clock = new FakeClock();
    const server = await served({ faults: 'delay=1h', clock });
    const client = new Client(socketOf(server.url, {}));
    await clock.asked(3_600_000);
    server.stop();
    await server.closed;
    expect(await client.ended()).toBe(1006);
  });

  it('tells that a socket was opened', async () => {
    const told: unknown[] = [];
    await session({ onAnswer: (...what) => void told.push(what) });
    expect(told).toEqual([['GET', `/v1/realtime?model=${MODEL}`, 101]]);
  });

  it('ignores the wish for another protocol, as it did without sockets', async () => {
    const { url } = await served({});
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    const body = JSON.stringify({ model: 'gpt-6-luna', messages: [{ role: 'user', content: 'hé' }] });
    const head = [
      'POST /v1/chat/completions HTTP/1.1',
      'host: sandbox',
      'content-type: application/json',
      'connection: Upgrade, HTTP2-Settings',
      'upgrade: h2c',
      'http2-settings: AAMAAABkAAQAAP__',
      `content-length: ${Buffer.byteLength(body)}`,
    ].join('\r\n');
    // The body comes in two parts: with the head, and once the head has been read.
    const bytes = Buffer.from(body);
    socket.write(Buffer.concat([Buffer.from(`${head}\r\n\r\n`), bytes.subarray(0, 10)]), () => {
      setImmediate(() => socket.write(bytes.subarray(10)));
    });
    let answer = '';
    for await (const chunk of socket) {
      answer += chunk;
      if (answer.includes('You said')) break;
    }
    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
    expect(answer).toContain('You said: hé');
  });
});

describe('a session', () => {
  it('is updated, what is not said stays', async () => {
    const { client } = await session();
    const format = { type: 'audio/pcm', rate: 24_000 };
    client.send({
      type: 'session.update',
      session: {
        type: 'realtime',
        instructions: VERBATIM,
        audio: { output: { voice: 'cedar', speed: 1.5, format } },
      },
    });
    expect(await client.next()).toMatchObject({
      type: 'session.updated',
      session: { instructions: VERBATIM, audio: { output: { voice: 'cedar', speed: 1.5 } } },
    });
    client.send({ type: 'session.update', session: { type: 'realtime', output_modalities: ['text'] } });
    expect(await client.next()).toMatchObject({
      type: 'session.updated',
      session: { instructions: VERBATIM, output_modalities: ['text'], audio: { output: { voice: 'cedar' } } },
    });
    client.send({
      type: 'session.update',
      session: { type: 'realtime', audio: { output: { voice: { id: 'voice_1' } } } },
    });
    expect(await client.next()).toMatchObject({ session: { audio: { output: { voice: 'voice_1' } } } });
  });

  const output = (fields: object) => ({ type: 'realtime', audio: { output: fields } });
  it.each([
    ['a bad voice', output({ voice: 'nova' }), 'session.audio.output.voice'],
    ['a name of Object', output({ voice: 'toString' }), 'session.audio.output.voice'],
    ['too slow', output({ speed: 0.2 }), 'session.audio.output.speed'],
    ['too fast', output({ speed: 1.6 }), 'session.audio.output.speed'],
    ['another format', output({ format: { type: 'audio/pcmu' } }), 'session.audio.output.format.type'],
    ['no rate', output({ format: { type: 'audio/pcm' } }), 'session.audio.output.format.rate'],
    [
      'another rate',
      output({ format: { type: 'audio/pcm', rate: 16_000 } }),
      'session.audio.output.format.rate',
    ],
    ['an unknown field', { type: 'realtime', voice: 'alloy' }, 'session.voice'],
    ['a field that is not supported', { type: 'realtime', tracing: 'auto' }, 'session.tracing'],
    [
      'both modalities',
      { type: 'realtime', output_modalities: ['audio', 'text'] },
      'session.output_modalities',
    ],
    ['no modality', { type: 'realtime', output_modalities: [] }, 'session.output_modalities'],
    ['another type', { type: 'transcription' }, 'session.type'],
    ['no type', { instructions: 'x' }, 'session.type'],
    ['no object', 'realtime', 'session'],
    ['nothing', undefined, 'session'],
  ])('is not updated by %s', async (_, update, param) => {
    const { client } = await session();
    expect(await client.told({ type: 'session.update', event_id: 'mine', session: update })).toMatchObject({
      type: 'error',
      error: { type: 'invalid_request_error', param, event_id: 'mine' },
    });
    client.send({ type: 'session.update', session: { type: 'realtime' } });
    expect(await client.next()).toMatchObject({ type: 'session.updated', session: { instructions: /./ } });
  });

  const create = (item: object) => ({ type: 'conversation.item.create', item });
  it.each([
    ['no type', {}, 'type'],
    ['an unknown type', { type: 'session.finish' }, 'type'],
    ['a type that is no text', { type: 7 }, 'type'],
    ['a type of Object', { type: 'constructor' }, 'type'],
    ['no item', { type: 'conversation.item.create' }, 'item'],
    ['another role', create(userText('a', { role: 'tool' })), 'item.role'],
    ['a result without a call', create({ type: 'function_call_output', output: 'x' }), 'item.call_id'],
    ['no content', create(userText('a', { content: [] })), 'item.content'],
    ['no sound', create(userText('a', { content: [{ type: 'input_audio' }] })), 'item.content[0].audio'],
    ['what is no sound', create(userText('a', { content: [{ type: 'input_audio', audio: '%' }] })), 'audio'],
    ['an id that is too long', create(userText('a', { id: 'x'.repeat(33) })), 'item.id'],
    ['a field beside the item', { ...create(userText('a')), items: [] }, 'items'],
    [
      'an unknown field of a response',
      { type: 'response.create', response: { voice: 'ash' } },
      'response.voice',
    ],
    [
      'a speed of a response',
      { type: 'response.create', response: { audio: { output: { speed: 1 } } } },
      'response.audio.output.speed',
    ],
    [
      'another conversation',
      { type: 'response.create', response: { conversation: 'conv_1' } },
      'response.conversation',
    ],
    ['no response to cancel', { type: 'response.cancel' }, null],
  ])('refuses %s', async (_, event, param) => {
    const { client } = await session();
    const answer = await client.told(event);
    expect(answer).toMatchObject({ type: 'error', error: { type: 'invalid_request_error', param } });
  });

  it('refuses what is no event at all', async () => {
    const { client } = await session();
    for (const message of ['{', '7', '[]', 'null', '', Buffer.from('{"type":"response.create"}')]) {
      client.sendRaw(message);
      expect(await client.next()).toMatchObject({ error: { type: 'invalid_request_error', event_id: null } });
    }
  });

  it('keeps items in their order, each once', async () => {
    const { client } = await session();
    client.send({ type: 'conversation.item.create', item: userText('one', { id: 'first' }) });
    const item = { id: 'first', object: 'realtime.item', status: 'completed', role: 'user' };
    const at = { previous_item_id: null, item };
    expect(await client.next()).toMatchObject({ type: 'conversation.item.added', ...at });
    expect(await client.next()).toMatchObject({ type: 'conversation.item.done', ...at });
    client.send({ type: 'conversation.item.create', item: userText('two') });
    expect(await client.next()).toMatchObject({ previous_item_id: 'first' });
    await client.next();
    expect(await client.told(create(userText('one', { id: 'first' })))).toMatchObject({
      error: { param: 'item.id' },
    });
  });

  it('closes on a message that is too large', async () => {
    const { client } = await session();
    client.sendRaw('x'.repeat(16 * 1024 * 1024 + 1));
    expect(await client.ended()).toBe(1009);
  });

  it('ends with the server, and with the sandbox', async () => {
    const { server, client } = await session();
    server.stop();
    await server.closed;
    expect(await client.ended()).toBe(1006);
    const controller = new AbortController();
    const other = await session({ sandboxSignal: controller.signal, faults: 'stall@0' });
    other.client.send({ type: 'response.create' });
    await other.client.until('response.content_part.added');
    controller.abort();
    expect(await other.client.ended()).toBe(1006);
  });
});

describe('a response', () => {
  it('comes in the order of the API', async () => {
    const { client } = await session();
    const { types, events, transcript, heard, pcm, deltas, done } = await respond(client, 'hello');
    expect(types.filter((type, index) => !/delta$/.test(type) || types.indexOf(type) === index)).toEqual([
      'response.created',
      'rate_limits.updated',
      'response.output_item.added',
      'conversation.item.added',
      'response.content_part.added',
      'response.output_audio_transcript.delta',
      'response.output_audio.delta',
      'response.output_audio.done',
      'response.output_audio_transcript.done',
      'response.content_part.done',
      'conversation.item.done',
      'response.output_item.done',
      'response.done',
    ]);
    expect([transcript, heard]).toEqual(['You said: hello', 'You said: hello']);
    expect(pcm.length / deltas / 48_000).toBeLessThanOrEqual(0.25);
    expect(new Set(events.map((event) => 'event_id' in event && event.event_id)).size).toBe(events.length);
    expect(done).toMatchObject({
      status: 'completed',
      output: [{ role: 'assistant', content: [{ type: 'output_audio', transcript: 'You said: hello' }] }],
    });
    const { input_tokens = 0, output_tokens = 0, total_tokens, output_token_details } = done?.usage ?? {};
    expect(total_tokens).toBe(input_tokens + output_tokens);
    expect(output_token_details?.audio_tokens).toBe(Math.ceil((pcm.length / 48_000) * 20));
  });

  it.each([ENGLISH, '  두 칸을 띄우고,\n줄을 바꿔요. 😀 ', '混ぜて words'])(
    'says the text word for word: %j',
    async (text) => {
      const { client } = await session();
      const spoken = await respond(client, text, { instructions: VERBATIM });
      expect(spoken.transcript).toBe(text);
      expect(spoken.heard.trim()).toBe(text.trim());
      expect(spoken.done).toMatchObject({ output: [{ content: [{ transcript: text }] }] });
    },
  );

  it('takes the instructions, the speed and the voice of the session', async () => {
    const { client } = await session();
    const slow = await respond(client, ENGLISH, { instructions: VERBATIM });
    const update = (fields: object) => ({ type: 'session.update', session: { type: 'realtime', ...fields } });
    client.send(update({ instructions: VERBATIM, audio: { output: { speed: 1.5 } } }));
    await client.until('session.updated');
    const fast = await respond(client, ENGLISH, { audio: { output: { voice: 'cedar' } } });
    expect([fast.transcript, fast.heard]).toEqual([ENGLISH, ENGLISH]);
    expect(fast.pcm.length).toBeLessThan(slow.pcm.length);
    expect(fast.done).toMatchObject({ audio: { output: { voice: 'cedar' } } });
    expect(await client.told(update({ audio: { output: { voice: 'marin' } } }))).toMatchObject({
      error: { param: 'session.audio.output.voice', code: 'cannot_update_voice' },
    });
  });

  it('comes as text', async () => {
    const { client } = await session();
    const spoken = await respond(client, ENGLISH, { output_modalities: ['text'], instructions: VERBATIM });
    expect([spoken.text, spoken.deltas]).toEqual([ENGLISH, 0]);
    expect(spoken.types.slice(-5)).toEqual([
      'response.output_text.done',
      'response.content_part.done',
      'conversation.item.done',
      'response.output_item.done',
      'response.done',
    ]);
    expect(spoken.done).toMatchObject({
      output_modalities: ['text'],
      output: [{ content: [{ type: 'output_text', text: ENGLISH }] }],
    });
  });

  it('stays out of the conversation, with an input of its own', async () => {
    const { client } = await session();
    const metadata = { piece: '1' };
    const input = [userText('zero'), userText('one')];
    const { types, transcript, done } = await respond(client, 'two', {
      conversation: 'none',
      input,
      metadata,
    });
    expect(transcript).toBe('You said: one\nBefore that: “zero”');
    expect(types).not.toContain('conversation.item.added');
    expect(done).toMatchObject({ metadata, status: 'completed' });
    expect(done).not.toHaveProperty('conversation_id');
    client.send({ type: 'response.create' });
    expect(summary(await client.until('response.done')).transcript).toBe('You said: two');
  });

  it('says so when nothing was said', async () => {
    const { client } = await session();
    client.send({ type: 'response.create' });
    expect(summary(await client.until('response.done')).transcript).toBe('You said nothing.');
  });

  it('is the same again', async () => {
    const [one, two] = await Promise.all(
      [1, 2].map(async () => (await respond((await session()).client, 'hello')).events),
    );
    expect(one).toEqual(two);
  });

  it('is cancelled in the middle, and makes room for another', async () => {
    const clock = new FakeClock();
    const server = await served({ faults: 'delay=1h', clock });
    const client = new Client(socketOf(server.url, {}));
    onTestFinished(() => client.socket.terminate());
    await clock.asked(3_600_000);
    clock.advance(3_600_000);
    await client.until('session.created');
    client.send({ type: 'conversation.item.create', item: userText('hello') });
    await client.until('conversation.item.done');
    client.send({ type: 'response.create' });
    await client.until('response.content_part.added');
    expect(await client.told({ type: 'response.create' })).toMatchObject({
      error: { code: 'conversation_already_has_active_response' },
    });
    expect(await client.told({ type: 'response.cancel', response_id: 'resp_other' })).toMatchObject({
      error: { code: 'response_cancel_not_active' },
    });
    client.send({ type: 'response.cancel' });
    const { done, deltas } = summary(await client.until('response.done'));
    expect(deltas).toBe(0);
    expect(done).toMatchObject({
      status: 'cancelled',
      status_details: { type: 'cancelled', reason: 'client_cancelled' },
      output: [{ status: 'incomplete', content: [{ transcript: '' }] }],
    });
    client.send({ type: 'response.create' });
    expect(await client.next()).toMatchObject({ type: 'response.created' });
  });

  it('hears the client while it speaks', async () => {
    const { client } = await session();
    client.send({ type: 'conversation.item.create', item: userText('word '.repeat(20_000)) });
    client.send({ type: 'response.create' });
    await client.until('response.output_audio.delta');
    client.send({ type: 'response.cancel' });
    expect(summary(await client.until('response.done')).done).toMatchObject({ status: 'cancelled' });
  });
});

describe('a fault', () => {
  it.each([
    ['cut@2', 2, 1000],
    ['cut@0', 0, 1000],
    ['reset@2', 2, 1006],
  ])('%s ends the connection after %i deltas with %i', async (faults, deltas, code) => {
    const { client } = await session({ faults });
    expect(await respond(client, 'hello')).toMatchObject({ deltas, done: undefined });
    expect(await client.ended()).toBe(code);
  });

  it('after the last delta where there are fewer', async () => {
    const { client } = await session({ faults: 'cut@1000' });
    const { heard, types } = await respond(client, 'hello');
    expect(heard).toBe('You said: hello');
    expect(types.at(-1)).toMatch(/delta$/);
  });

  it('counts the deltas of a text', async () => {
    const { client } = await session({ faults: 'cut@2' });
    const { types } = await respond(client, ENGLISH, { output_modalities: ['text'] });
    expect(types.filter((type) => type === 'response.output_text.delta')).toHaveLength(2);
  });

  it('stall says and hears no more, and stays open', async () => {
    const { client } = await session({ faults: 'stall@1' });
    client.send({ type: 'response.create' });
    await client.until('response.output_audio.delta');
    // What comes before the answer to a ping has been heard before it: until that is nothing.
    for (let before = -1; before !== client.unread; ) {
      before = client.unread;
      client.send({ type: 'session.update', session: { type: 'realtime' } });
      client.socket.ping();
      await once(client.socket, 'pong');
    }
    expect(client.socket.readyState).toBe(WebSocket.OPEN);
  });

  it('error tells of an error and fails the response', async () => {
    const { client } = await session({ faults: 'error@1' });
    const { deltas, events, done } = await respond(client, 'hello');
    expect(deltas).toBe(1);
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'error', error: expect.objectContaining({ type: 'server_error' }) }),
    );
    expect(done).toMatchObject({ status: 'failed', status_details: { error: { type: 'server_error' } } });
  });

  it('garbled sends what is not JSON, and goes on', async () => {
    const { client } = await session({ faults: 'garbled@1' });
    const { types, heard, done } = await respond(client, 'hello');
    expect(types.filter((type) => type.startsWith('{'))).toHaveLength(1);
    expect([heard, done?.status]).toEqual(['You said: hello', 'completed']);
  });

  it('refusal says nothing', async () => {
    const { client } = await session({ faults: 'refusal' });
    const { types, done } = await respond(client, 'hello');
    expect(types).toEqual(['response.created', 'rate_limits.updated', 'response.done']);
    expect(done).toMatchObject({ status: 'incomplete', status_details: { reason: 'content_filter' } });
  });

  it('finish=length ends it unfinished', async () => {
    const { client } = await session({ faults: 'finish=length' });
    const { done } = await respond(client, 'hello');
    expect(done).toMatchObject({ status: 'incomplete', status_details: { reason: 'max_output_tokens' } });
  });

  it('empty has no sound', async () => {
    const { client } = await session({ faults: 'empty' });
    const { deltas, transcript, done } = await respond(client, 'hello');
    expect([deltas, transcript, done?.status]).toEqual([0, '', 'completed']);
  });

  it.each([
    [ENGLISH, 'The quick brown fox jumps otherwise the lazy dog, twice.'],
    ['otherwise', 'likewise'],
    ['두 단어', '두 otherwise'],
    ['?', '?'],
  ])('misread says one word wrong: %s', async (text, wrong) => {
    const { client } = await session({ faults: 'misread' });
    const { transcript, heard } = await respond(client, text, { instructions: VERBATIM });
    expect([transcript, heard]).toEqual([wrong, wrong]);
  });

  it('delay waits before each delta', async () => {
    const clock = new FakeClock({ leap: true });
    const { client } = await session({ faults: 'delay=50ms', clock });
    const { types } = await respond(client, 'hello');
    const deltas = types.filter((type) => type.endsWith('.delta')).length;
    expect(clock.delays).toEqual(Array.from({ length: deltas + 1 }, () => 50));
  });
});
