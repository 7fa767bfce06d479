import { describe, expect, it } from 'vitest';
import { respond, session, summary, userText } from '../support/realtime-client.ts';

const weather = {
  type: 'function',
  name: 'weather',
  description: 'the weather of a city',
  parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
};

async function withTools(fields: object = {}) {
  const { client } = await session();
  const update = { type: 'realtime', output_modalities: ['text'], tools: [weather], ...fields };
  client.send({ type: 'session.update', session: update });
  expect(await client.next()).toMatchObject({ type: 'session.updated', session: { tools: [weather] } });
  return client;
}

describe('tools in a session', () => {
  it('are called when they are named, and their results are told', async () => {
    const client = await withTools();
    const { types, done } = await respond(client, 'the weather {"city":"Oslo"} please');
    expect(types.filter((type) => !type.endsWith('delta'))).toEqual([
      'response.created',
      'rate_limits.updated',
      'response.output_item.added',
      'conversation.item.added',
      'response.function_call_arguments.done',
      'conversation.item.done',
      'response.output_item.done',
      'response.done',
    ]);
    const [call] = done?.output ?? [];
    expect(call).toMatchObject({ type: 'function_call', name: 'weather', arguments: '{"city":"Oslo"}' });
    const { call_id } = call as { call_id: string };
    client.send({
      type: 'conversation.item.create',
      item: { type: 'function_call_output', call_id, output: 'rain' },
    });
    await client.until('conversation.item.done');
    client.send({ type: 'response.create' });
    const { text } = summary(await client.until('response.done'));
    expect(text).toBe('You said: the weather {"city":"Oslo"} please\nweather answered: rain');
  });

  it('are called where they must be, and not where they may not', async () => {
    const forced = await withTools({ tool_choice: 'required' });
    expect((await respond(forced, 'hi')).done?.output).toMatchObject([{ type: 'function_call' }]);
    const none = await withTools({ tool_choice: 'none' });
    expect((await respond(none, 'weather')).text).toBe('You said: weather');
  });

  it('that are not there cannot be chosen', async () => {
    const client = await withTools({ tool_choice: { type: 'function', name: 'clock' } });
    client.send({ type: 'conversation.item.create', item: userText('hi') });
    await client.until('conversation.item.done');
    client.send({ type: 'response.create' });
    expect((await client.until('error')).at(-1)).toMatchObject({ error: { param: 'tool_choice' } });
  });
});

describe('a conversation that is said again', () => {
  it('is known: what was said and called and answered', async () => {
    const { client } = await session();
    client.send({ type: 'session.update', session: { type: 'realtime', output_modalities: ['text'] } });
    const items = [
      userText('one'),
      { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'first' }] },
      { type: 'function_call', call_id: 'c1', name: 'weather', arguments: '{}' },
      { type: 'function_call_output', call_id: 'c1', output: 'sun' },
    ];
    for (const item of items) client.send({ type: 'conversation.item.create', item });
    const { text } = await respond(client, 'two');
    expect(text).toBe('You said: two\nBefore that: “one”');
  });

  it('loses an item, and shortens one', async () => {
    const { client } = await session();
    client.send({ type: 'session.update', session: { type: 'realtime', output_modalities: ['text'] } });
    client.send({ type: 'conversation.item.create', item: userText('one', { id: 'first' }) });
    await client.until('conversation.item.done');
    expect(await client.told({ type: 'conversation.item.retrieve', item_id: 'first' })).toMatchObject({
      type: 'conversation.item.retrieved',
      item: { id: 'first' },
    });
    const cut = { type: 'conversation.item.truncate', item_id: 'first', content_index: 0, audio_end_ms: 5 };
    expect(await client.told(cut)).toMatchObject({ type: 'conversation.item.truncated', audio_end_ms: 5 });
    expect(await client.told({ type: 'conversation.item.delete', item_id: 'first' })).toMatchObject({
      type: 'conversation.item.deleted',
    });
    expect(await client.told({ type: 'conversation.item.delete', item_id: 'first' })).toMatchObject({
      error: { code: 'item_not_found' },
    });
    expect((await respond(client, 'two')).text).toBe('You said: two');
  });

  it('ends a response at its most tokens', async () => {
    const { client } = await session();
    client.send({
      type: 'session.update',
      session: { type: 'realtime', output_modalities: ['text'], max_output_tokens: 3 },
    });
    const { done, text } = await respond(client, 'tell me all that you know about the sea');
    expect(done).toMatchObject({ status: 'incomplete', status_details: { reason: 'max_output_tokens' } });
    expect(text).toMatch(/^You said:/);
    expect(text).not.toContain('sea');
  });
});
