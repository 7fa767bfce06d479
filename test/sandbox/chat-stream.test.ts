import { describe, expect, it } from 'vitest';
import { chat, hello, readStream, refusalOf, request, sandbox, stream } from './ask.ts';

const CHAT = '/chat/completions';

describe('a streamed answer', () => {
  it('gives the role, the text in pieces, the finish, and the end', async () => {
    const { chunks, isDone, failure } = await stream(hello());
    expect(failure).toBeUndefined();
    expect(chunks.map(({ choices: [choice] }) => [choice?.delta, choice?.finish_reason])).toEqual([
      [{ role: 'assistant', content: '', refusal: null }, null],
      [{ content: 'You said:' }, null],
      [{ content: ' hello' }, null],
      [{}, 'stop'],
    ]);
    expect(isDone).toBe(true);
    expect(new Set(chunks.map(({ id, model, created }) => `${id} ${model} ${created}`)).size).toBe(1);
    expect(chunks[0]).toMatchObject({ system_fingerprint: 'oai-sandbox', service_tier: 'default' });
    expect(chunks.every((chunk) => !('usage' in chunk))).toBe(true);
  });

  it.each([
    [
      'a conversation',
      hello({
        messages: [
          { role: 'system', content: 'be brief' },
          { role: 'user', content: 'tell me a story' },
        ],
      }),
    ],
    ['a limit', hello({ model: 'gpt-4o', max_tokens: 2 })],
    ['a limit that leaves no text', hello({ max_completion_tokens: 3 })],
    [
      'JSON',
      hello({
        response_format: {
          type: 'json_schema',
          json_schema: { name: 'x', schema: { type: 'object', properties: { a: {} } } },
        },
      }),
    ],
  ])('says what the whole one says: %s', async (_, body) => {
    const whole = (await chat(body)).choices[0];
    const streamed = await stream(body);
    expect(streamed.text).toBe(whole?.message.content);
    expect(streamed.chunks.at(-1)?.choices[0]?.finish_reason).toBe(whole?.finish_reason);
  });

  it('tells the usage when asked', async () => {
    const body = hello({ reasoning_effort: 'low' });
    const { chunks } = await stream({ ...body, stream_options: { include_usage: true } });
    expect(chunks.at(-1)?.choices).toEqual([]);
    expect(chunks.at(-1)?.usage).toEqual((await chat(body)).usage);
    expect(chunks.slice(0, -1).every(({ usage }) => usage === null)).toBe(true);
  });

  it('gives several choices in turn', async () => {
    const { chunks } = await stream(hello({ n: 2 }));
    const order = chunks.map(({ choices: [choice] }) => choice?.index);
    expect(order).toEqual([0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1]);
  });

  it('gives a tool call in pieces', async () => {
    const parameters = { type: 'object', properties: { city: { type: 'string' } } };
    const tools = [{ type: 'function', function: { name: 'weather', parameters } }];
    const body = hello({ reasoning_effort: 'none', tools, tool_choice: 'required' });
    const { chunks, text } = await stream(body);
    const calls = chunks.flatMap(({ choices: [choice] }) => choice?.delta.tool_calls ?? []);
    expect(text).toBe('');
    expect(calls[0]).toMatchObject({
      index: 0,
      type: 'function',
      function: { name: 'weather', arguments: '' },
    });
    expect(calls[0]?.id).toMatch(/^call_/);
    expect(calls.length).toBeGreaterThan(2);
    expect(calls.map((call) => call.function?.arguments).join('')).toBe('{"city":"city"}');
    expect(chunks.at(-1)?.choices[0]?.finish_reason).toBe('tool_calls');
  });

  it('has no custom tool calls: the chunks of the API know functions only', async () => {
    const custom = { type: 'custom', custom: { name: 'note' } };
    const tools = [{ type: 'function', function: { name: 'now' } }, custom];
    expect(await refusalOf(hello({ reasoning_effort: 'none', tools, stream: true }))).toEqual({
      status: 400,
      type: 'invalid_request_error',
      message: "Unsupported value: 'tools[1].type' does not support 'custom' when 'stream' is enabled.",
      param: 'tools[1].type',
      code: 'unsupported_value',
    });
  });

  it('tells log probabilities of each piece', async () => {
    const { chunks } = await stream(hello({ model: 'gpt-4o', logprobs: true }));
    const tokens = chunks.flatMap(({ choices: [choice] }) => choice?.logprobs?.content ?? []);
    expect(tokens.map(({ token }) => token)).toEqual(['You', ' said', ':', ' hell', 'o']);
  });
});

describe('the body of a stream', () => {
  it('comes event by event, each in a turn of the event loop', async () => {
    const response = await sandbox().answer(request('POST', CHAT, { ...hello(), stream: true }));
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    let turns = 0;
    let counting = true;
    const count = () => {
      turns += 1;
      if (counting) setImmediate(count);
    };
    setImmediate(count);
    const pieces: string[] = [];
    for await (const piece of response.body ?? []) pieces.push(Buffer.from(piece).toString());
    counting = false;
    expect(pieces).toHaveLength(5);
    for (const piece of pieces) expect(piece).toMatch(/^data: .*\n\n$/);
    expect(turns).toBeGreaterThanOrEqual(pieces.length);
  });

  it('is made only as far as it is read', async () => {
    const response = await sandbox('deltas=1000000000').answer(
      request('POST', CHAT, { ...hello(), stream: true }),
    );
    const reader = response.body?.getReader();
    const first = await reader?.read();
    expect(first?.value?.length).toBeLessThan(100_000);
    await reader?.cancel();
    expect(await reader?.read()).toEqual({ done: true, value: undefined });
  });

  it('ends with the reason when the request is aborted', async () => {
    const controller = new AbortController();
    const body = JSON.stringify({ ...hello(), stream: true });
    const headers = { 'content-type': 'application/json' };
    const response = await sandbox('stall@1').answer(
      new Request('http://sandbox.invalid/v1/chat/completions', {
        method: 'POST',
        body,
        headers,
        signal: controller.signal,
      }),
    );
    setImmediate(() => setImmediate(() => controller.abort(new Error('enough'))));
    const { failure } = await readStream(response);
    expect(failure).toEqual(new Error('enough'));
  });
});
