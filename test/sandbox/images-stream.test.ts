import OpenAI from 'openai';
import { describe, expect, it } from 'vitest';
import { FakeClock } from '../support/context.ts';
import { decodeImage } from '../support/decode-image.ts';
import { request, sandbox } from './ask.ts';
import {
  bytesOf,
  EDITS,
  edit,
  formOf,
  GENERATIONS,
  generate,
  type ImageEvent,
  imageOf,
  readImageStream,
  streamGeneration,
} from './ask-images.ts';

const typesOf = (events: readonly ImageEvent[]) =>
  events.map((event) =>
    'partial_image_index' in event ? `${event.type} ${event.partial_image_index}` : event.type,
  );
const bytes = (event: ImageEvent | undefined) => Buffer.from(event?.b64_json ?? '', 'base64');

describe('a stream of images', () => {
  it('gives the partial images, then the whole', async () => {
    const { events, others, failure } = await streamGeneration({ partial_images: 2 });
    expect(typesOf(events)).toEqual([
      'image_generation.partial_image 0',
      'image_generation.partial_image 1',
      'image_generation.completed',
    ]);
    expect([others, failure]).toEqual([[], undefined]);
  });

  it.each([undefined, null, 0])('gives the whole alone with partial_images %s', async (partial_images) => {
    const { events } = await streamGeneration({ partial_images });
    expect(typesOf(events)).toEqual(['image_generation.completed']);
  });

  it('ends in what the whole answer has', async () => {
    const fields = { quality: 'high', size: '1536x1024', output_format: 'webp', background: 'transparent' };
    const whole = await generate(fields);
    const { events } = await streamGeneration({ ...fields, partial_images: 1 });
    const told = {
      created_at: 1_767_225_600,
      background: 'transparent',
      output_format: 'webp',
      quality: 'high',
      size: '1536x1024',
    };
    expect(events.map(({ b64_json, ...rest }) => rest)).toEqual([
      { type: 'image_generation.partial_image', ...told, partial_image_index: 0 },
      {
        type: 'image_generation.completed',
        ...told,
        usage: {
          input_tokens: 3,
          input_tokens_details: { text_tokens: 3, image_tokens: 0 },
          // 100 of them for the partial image.
          output_tokens: 6340,
          total_tokens: 6343,
        },
      },
    ]);
    expect(bytes(events[1])).toEqual(bytesOf(whole)[0]);
  });

  it('gets finer from one partial image to the next', async () => {
    const { events } = await streamGeneration({ partial_images: 3 });
    const images = await Promise.all(events.map((event) => decodeImage(bytes(event))));
    const last = images.at(-1);
    const likeness = images.map((image) => {
      expect([image.width, image.height]).toEqual([1024, 1024]);
      let same = 0;
      for (let at = 0; at < 2000; at += 1) {
        const [x, y] = [(at * 37) % 1024, (at * 101) % 1024];
        if (image.at(x, y).join() === last?.at(x, y).join()) same += 1;
      }
      return same;
    });
    expect(likeness).toEqual([...likeness].sort((a, b) => a - b));
    expect(new Set(likeness).size).toBe(4);
    expect(images[0]?.at(0, 0)).toEqual(images[0]?.at(127, 127));
  });

  it('gives several images one after the other', async () => {
    const { events } = await streamGeneration({ n: 2, partial_images: 1 });
    expect(typesOf(events)).toEqual([
      'image_generation.partial_image 0',
      'image_generation.completed',
      'image_generation.partial_image 0',
      'image_generation.completed',
    ]);
    expect([bytes(events[1]), bytes(events[3])]).toEqual(bytesOf(await generate({ n: 2 })));
  });

  it('names the events of edits after them', async () => {
    const image = await imageOf(64, 96);
    const form = formOf({ image, prompt: 'more light', stream: 'true', partial_images: '1' });
    const response = await sandbox().answer(request('POST', EDITS, undefined, { body: form }));
    const { events } = await readImageStream(response, EDITS);
    expect(typesOf(events)).toEqual(['image_edit.partial_image 0', 'image_edit.completed']);
    expect(events[1]?.size).toBe('1024x1536');
    expect(bytes(events[1])).toEqual(bytesOf(await edit({ image }))[0]);
  });

  it('is read by the SDK to its end', async () => {
    const of = sandbox();
    const client = new OpenAI({
      apiKey: 'k',
      baseURL: 'http://sandbox.invalid/v1',
      fetch: (input, init) => of.answer(new Request(input, init)),
    });
    const types: string[] = [];
    const fields = { model: 'gpt-image-2', prompt: 'p', stream: true, partial_images: 1 } as const;
    for await (const { type } of await client.images.generate(fields)) types.push(type);
    const image = await imageOf(64, 64);
    for await (const { type } of await client.images.edit({ ...fields, image: [image, image] }))
      types.push(type);
    expect(types).toEqual([
      'image_generation.partial_image',
      'image_generation.completed',
      'image_edit.partial_image',
      'image_edit.completed',
    ]);
  });

  it('is made only as far as it is read', async () => {
    const response = await sandbox().answer(
      request('POST', GENERATIONS, { prompt: 'p', stream: true, n: 10, size: '3840x2160' }),
    );
    const started = performance.now();
    const reader = response.body?.getReader();
    await reader?.read();
    await reader?.cancel();
    // Ten of them take five seconds.
    expect(performance.now() - started).toBeLessThan(2500);
  });
});

describe('a fault in a stream of images', () => {
  const [PARTIAL, WHOLE] = ['image_generation.partial_image', 'image_generation.completed'];
  const stream = (faults: string, fields: object = { partial_images: 1 }) =>
    streamGeneration(fields, sandbox(faults));

  it.each([
    ['cut@0', []],
    ['cut@1', [PARTIAL]],
    ['cut@2', [PARTIAL, WHOLE]],
    ['cut@9', [PARTIAL, WHOLE]],
  ])('%s ends it cleanly', async (faults, types) => {
    const { events, others, failure } = await stream(faults);
    expect(events.map(({ type }) => type)).toEqual(types);
    expect([others, failure]).toEqual([[], undefined]);
  });

  it.each(['reset@0', 'reset@1'])('%s loses the connection', async (faults) => {
    const { events, failure } = await stream(faults);
    expect(events).toHaveLength(Number(faults.slice(-1)));
    expect(failure).toMatchObject({ message: 'terminated', cause: { code: 'ECONNRESET' } });
  });

  it('reset@9 meets a shorter stream after its last image', async () => {
    const { events, failure } = await stream('reset@9');
    expect(events.map(({ type }) => type)).toEqual([PARTIAL, WHOLE]);
    expect(failure).toMatchObject({ message: 'terminated' });
  });

  it('error@1 tells of an error and ends', async () => {
    const { events, others } = await stream('error@1');
    expect(events.map(({ type }) => type)).toEqual([PARTIAL]);
    expect(others).toEqual([expect.stringMatching(/^error \{"error":\{.*"type":"server_error"/)]);
  });

  it('garbled@1 has an event that is not JSON, and goes on', async () => {
    const { events, others } = await stream('garbled@1');
    expect(events.map(({ type }) => type)).toEqual([PARTIAL, WHOLE]);
    expect(others).toEqual([`${PARTIAL} {"type":"image_generation.`]);
  });

  it('stall@1 goes silent until it is stopped', async () => {
    const stopped = new AbortController();
    const of = sandbox('stall@1', { signal: stopped.signal });
    const body = { prompt: 'p', stream: true, partial_images: 1 };
    const response = await of.answer(request('POST', GENERATIONS, body));
    const reader = response.body?.getReader();
    expect((await reader?.read())?.done).toBe(false);
    const next = reader?.read();
    next?.catch(() => {});
    const turns = new Promise((resolve) => setImmediate(() => setImmediate(() => resolve('silent'))));
    expect(await Promise.race([next, turns])).toBe('silent');
    stopped.abort(new Error('stopped'));
    await expect(next).rejects.toThrow('stopped');
  });

  it('delay comes before each event', async () => {
    const clock = new FakeClock({ leap: true });
    await streamGeneration({ partial_images: 2 }, sandbox('delay=50ms', { clock }));
    expect(clock.delays).toEqual([50, 50, 50, 50]);
  });

  it.each(['plain', 'urls'])('%s gives one JSON document', async (faults) => {
    const body = { prompt: 'p', stream: true, partial_images: 1 };
    const response = await sandbox(faults).answer(request('POST', GENERATIONS, body));
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(await response.json()).toMatchObject({
      data: [{ [faults === 'plain' ? 'b64_json' : 'url']: expect.any(String) }],
    });
  });

  it('empty has no events', async () => {
    expect(await stream('empty')).toEqual({ events: [], others: [], failure: undefined });
  });

  it('broken-image=2 cuts the second whole image, and no partial one', async () => {
    const { events } = await stream('broken-image=2', { n: 2, partial_images: 1 });
    const lengths = events.map((event) => bytes(event).length);
    const whole = (await streamGeneration({ n: 2, partial_images: 1 })).events.map(
      (event) => bytes(event).length,
    );
    expect(lengths).toEqual([whole[0], whole[1], whole[2], Math.floor((whole[3] ?? 0) / 2)]);
  });

  it('refusal comes before the stream', async () => {
    const response = await sandbox('refusal').answer(
      request('POST', GENERATIONS, { prompt: 'p', stream: true }),
    );
    expect([response.status, await response.json()]).toMatchObject([
      400,
      { error: { code: 'moderation_blocked' } },
    ]);
  });
});
