import OpenAI from 'openai';
import type { SpeechCreateParams } from 'openai/resources/audio/speech';
import { describe, expect, it } from 'vitest';
import { FakeClock } from '../support/context.ts';
import { decodeMp3 } from '../support/decode-audio.ts';
import { ask, type ErrorAnswer, request, sandbox } from './ask.ts';
import {
  ENGLISH,
  hear,
  RATE,
  readEvents,
  SPEECH,
  speak,
  speakPcm,
  speechAnswer,
  speechBody,
  wav,
} from './ask-audio.ts';

const client = (faults?: string) => {
  const of = sandbox(faults);
  return new OpenAI({
    apiKey: 'k',
    baseURL: 'http://sandbox.invalid/v1',
    maxRetries: 0,
    fetch: (input, init) => of.answer(new Request(input, init)),
  });
};

describe('speech', () => {
  it.each([
    [undefined, 'audio/mpeg'],
    ['mp3', 'audio/mpeg'],
    ['wav', 'audio/wav'],
    ['pcm', 'audio/pcm'],
  ])('as %s is %s, and is the same each time', async (response_format, type) => {
    const fields = response_format === undefined ? {} : { response_format };
    const response = await speechAnswer(fields);
    expect(response.headers.get('content-type')).toBe(type);
    expect(response.headers.get('content-length')).toBeNull();
    expect(response.headers.get('x-request-id')).toMatch(/^req_/);
    const bytes = Buffer.from(await response.arrayBuffer());
    expect(bytes.equals(await speak(fields))).toBe(true);
  });

  it('as WAV has a header that tells no length, then the samples of PCM', async () => {
    const [bytes, pcm] = [await speak({ response_format: 'wav' }), await speakPcm()];
    expect(bytes.subarray(44).equals(pcm)).toBe(true);
    const known = Buffer.from(wav(pcm).subarray(0, 44));
    known.writeUInt32LE(0xffffffff, 4);
    known.writeUInt32LE(0xffffffff, 40);
    expect(bytes.subarray(0, 44)).toEqual(known);
  });

  it('as MP3 is decoded by another program, to the same length', async () => {
    const { samples, sampleRate, seconds } = await decodeMp3(await speak({}));
    expect(sampleRate).toBe(RATE);
    const pcm = await speakPcm();
    // The encoder is late, and ends with a whole frame.
    expect(seconds - pcm.length / 2 / RATE).toBeGreaterThan(0);
    expect(seconds - pcm.length / 2 / RATE).toBeLessThan(0.15);
    expect(samples.some((sample) => Math.abs(sample) > 0.05)).toBe(true);
  });

  it.each([0.25, 0.5, 1, 2, 4])('at speed %f takes as long as a person would', async (speed) => {
    const input = 'Each of these words has several letters, and takes its time to say. '.repeat(3);
    const seconds = (await speakPcm({ input, speed })).length / 2 / RATE;
    const natural = input.length / 15 / speed;
    expect(seconds).toBeGreaterThan(natural);
    expect(seconds).toBeLessThan(natural * 1.1 + 0.13);
  });

  it('is soft, and never too loud', async () => {
    const pcm = await speakPcm();
    let loudest = 0;
    for (let at = 0; at < pcm.length; at += 2) loudest = Math.max(loudest, Math.abs(pcm.readInt16LE(at)));
    expect(loudest).toBeGreaterThan(0.05 * 0x7fff);
    expect(loudest).toBeLessThan(0.2 * 0x7fff);
  });

  it('comes in pieces, each of which is made when it is read', async () => {
    const response = await speechAnswer({ input: 'word '.repeat(800), response_format: 'pcm' });
    const reader = response.body?.getReader();
    const lengths: number[] = [];
    for (let piece = 0; piece < 3; piece += 1) lengths.push((await reader?.read())?.value?.length ?? 0);
    expect(lengths).toEqual([12_000, 12_000, 12_000]);
    await reader?.cancel();
  });

  it('waits before each piece with delay=', async () => {
    const clock = new FakeClock({ leap: true });
    const before = clock.now();
    await speak({ input: 'One second of speech.', response_format: 'pcm' }, sandbox('delay=1s', { clock }));
    // One wait before the answer, and seven pieces.
    expect(clock.now() - before).toBe(8000);
  });

  it('is read by the SDK', async () => {
    const fields: SpeechCreateParams = {
      model: 'gpt-4o-mini-tts',
      voice: { id: 'voice_1' },
      input: 'from the SDK',
    };
    const response = await client().audio.speech.create(fields);
    expect((await hear(Buffer.from(await response.arrayBuffer()))).text).toBe('from the SDK');
  });

  it.each([
    ['every field', { instructions: 'calmly', response_format: 'wav', speed: 1.5, stream_format: 'audio' }],
    ['the longest input', { input: 'a'.repeat(4096), speed: 4, response_format: 'pcm' }],
    [
      'the longest input, of emoji',
      { model: 'tts-1', input: '🎉'.repeat(4096), speed: 4, response_format: 'pcm' },
    ],
    ['the longest instructions', { instructions: 'é'.repeat(4096) }],
    ['an old model', { model: 'tts-1-hd', voice: 'fable' }],
    ['a dated model', { model: 'gpt-4o-mini-tts-2025-12-15', voice: 'marin' }],
    ['many bytes of few tokens', { input: '안녕하세요 '.repeat(500), speed: 4, response_format: 'pcm' }],
  ])('is made with %s', async (_, fields) => {
    expect((await speak(fields)).length).toBeGreaterThan(1000);
  });
});

describe('a request for speech is refused with', () => {
  const invalid = 'invalid_value';
  it.each<[string, object, string | null, string | null, RegExp]>([
    ['no model', { model: undefined }, 'model', 'missing_required_parameter', /'model'/],
    ['no input', { input: undefined }, 'input', 'missing_required_parameter', /'input'/],
    ['no voice', { voice: undefined }, 'voice', 'missing_required_parameter', /'voice'/],
    ['a model of chats', { model: 'gpt-6-luna' }, 'model', invalid, /'tts-1', .*'gpt-4o-mini-tts'/],
    ['a model that is no text', { model: 1 }, 'model', 'invalid_type', /a string/],
    ['an empty input', { input: '' }, 'input', 'empty_string', /empty string/],
    ['an input that is no text', { input: ['a'] }, 'input', 'invalid_type', /an array/],
    ['a long input', { input: 'a'.repeat(4097) }, 'input', 'string_above_max_length', /4096.*4097/],
    [
      'more than 2,000 tokens',
      { input: '뷁쀍 '.repeat(500) },
      'input',
      'string_above_max_length',
      /at most 2000 tokens, but got [2-9]\d{3} tokens/,
    ],
    ['an unknown voice', { voice: 'bob' }, 'voice', invalid, /'bob'.*'alloy'.*'cedar'/],
    ['a newer voice of an old model', { model: 'tts-1', voice: 'marin' }, 'voice', invalid, /'shimmer'\.$/],
    ['a voice that is a number', { voice: 7 }, 'voice', 'invalid_type', /a string or an object/],
    ['a custom voice without id', { voice: {} }, 'voice.id', 'missing_required_parameter', /voice\.id/],
    ['a custom voice of another kind', { voice: { id: 'file_1' } }, 'voice.id', invalid, /\^voice_/],
    [
      'a custom voice with more',
      { voice: { id: 'voice_1', x: 1 } },
      'voice.x',
      'unknown_parameter',
      /voice\.x/,
    ],
    ['speed 9', { speed: 9 }, 'speed', 'decimal_above_max_value', /<= 4/],
    ['speed 0.2', { speed: 0.2 }, 'speed', 'decimal_below_min_value', />= 0.25/],
    ['a speed that is a text', { speed: 'fast' }, 'speed', 'invalid_type', /a decimal/],
    ['a null', { speed: null }, 'speed', 'invalid_type', /null/],
    ['an unknown format', { response_format: 'ogg' }, 'response_format', invalid, /'mp3', 'wav', and 'pcm'/],
    [
      'opus, which the sandbox does not make',
      { response_format: 'opus' },
      'response_format',
      invalid,
      /'mp3'/,
    ],
    [
      'long instructions',
      { instructions: 'a'.repeat(4097) },
      'instructions',
      'string_above_max_length',
      /4096/,
    ],
    [
      'instructions for an old model',
      { model: 'tts-1', instructions: 'calmly' },
      'instructions',
      'unsupported_parameter',
      /not supported with this model/,
    ],
    ['an unknown stream', { stream_format: 'ws' }, 'stream_format', invalid, /'audio' and 'sse'/],
    [
      'events from an old model',
      { model: 'tts-1-hd', stream_format: 'sse' },
      'stream_format',
      'unsupported_value',
      /'audio'/,
    ],
    ['a field that nobody knows', { pitch: 2 }, 'pitch', 'unknown_parameter', /'pitch'/],
  ])('%s', async (_, fields, param, code, message) => {
    const { status, body } = await ask('POST', SPEECH, speechBody(fields));
    expect({ status, ...body.error }).toMatchObject({
      status: 400,
      type: 'invalid_request_error',
      param,
      code,
    });
    expect(body.error.message).toMatch(message);
  });

  it('a body that is a list', async () => {
    expect((await ask('POST', SPEECH, [])).body.error.code).toBe('invalid_type');
  });

  it.each([
    ['an unknown model', { model: 'tts-9' }, undefined],
    ['a model that a fault took away', {}, 'gone=gpt-4o-mini-tts'],
  ])('%s: 404', async (_, fields, faults) => {
    const { status, body } = await ask('POST', SPEECH, speechBody(fields), { of: sandbox(faults) });
    expect([status, body.error.code]).toEqual([404, 'model_not_found']);
  });

  it('a model whose day has passed', async () => {
    const on = (day: string) => sandbox(undefined, { clock: new FakeClock({ now: Date.parse(day) }) });
    expect((await on('2027-01-05').answer(request('POST', SPEECH, speechBody()))).status).toBe(200);
    const { status, body } = await ask('POST', SPEECH, speechBody(), { of: on('2027-01-06') });
    expect([status, body.error.code]).toEqual([404, 'model_not_found']);
  });
});

type SpeechEvent =
  | { readonly type: 'speech.audio.delta'; readonly audio: string }
  | { readonly type: 'speech.audio.done'; readonly usage: object };

describe('speech as events', () => {
  const stream = async (faults?: string, fields: object = {}) => {
    const response = await speechAnswer({ stream_format: 'sse', ...fields }, sandbox(faults));
    return readEvents<SpeechEvent>(response, SPEECH);
  };
  const bytesOf = (events: readonly SpeechEvent[]) =>
    Buffer.concat(
      events.flatMap((event) =>
        event.type === 'speech.audio.delta' ? Buffer.from(event.audio, 'base64') : [],
      ),
    );

  it.each(['mp3', 'wav', 'pcm'])('is the same as without: %s', async (response_format) => {
    const { events, others, failure } = await stream(undefined, { response_format });
    expect(bytesOf(events).equals(await speak({ response_format }))).toBe(true);
    expect(events.filter(({ type }) => type === 'speech.audio.delta').length).toBeGreaterThan(10);
    expect(events.at(-1)).toEqual({
      type: 'speech.audio.done',
      usage: { input_tokens: 21, output_tokens: 110, total_tokens: 131 },
    });
    expect([others, failure]).toEqual([[], undefined]);
  });

  it.each([
    ['cut@2', 2, false, []],
    ['cut@1000', 23, false, []],
    ['error@2', 2, false, [expect.stringContaining('server_error')]],
    ['garbled@2', 23, true, ['{"type":"speech.audio.']],
  ])('%s', async (faults, deltas, isDone, others) => {
    const streamed = await stream(faults, { response_format: 'pcm', input: `${ENGLISH}` });
    const types = streamed.events.map(({ type }) => type);
    expect(types.filter((type) => type === 'speech.audio.delta').length).toBe(deltas);
    expect(types.includes('speech.audio.done')).toBe(isDone);
    expect([streamed.others, streamed.failure]).toEqual([others, undefined]);
  });

  it('reset@2 loses the connection', async () => {
    const { events, failure } = await stream('reset@2');
    expect(events.length).toBe(2);
    expect(failure).toMatchObject({ message: 'terminated', cause: { code: 'ECONNRESET' } });
  });

  it('empty is the end alone', async () => {
    expect((await stream('empty')).events.map(({ type }) => type)).toEqual(['speech.audio.done']);
  });

  it('plain is the sound itself', async () => {
    const response = await speechAnswer({ stream_format: 'sse' }, sandbox('plain'));
    expect(response.headers.get('content-type')).toBe('audio/mpeg');
    expect((await speak({})).equals(Buffer.from(await response.arrayBuffer()))).toBe(true);
  });
});

describe('a fault in speech', () => {
  const PIECE = 12_000;
  const read = async (faults: string) => {
    const response = await speechAnswer({ response_format: 'pcm' }, sandbox(faults));
    let bytes = Buffer.alloc(0);
    let failure: unknown;
    try {
      for await (const piece of response.body ?? []) bytes = Buffer.concat([bytes, piece]);
    } catch (error) {
      failure = error;
    }
    return { bytes, failure };
  };

  it('cut@3 ends it after three pieces, as if it were whole', async () => {
    const { bytes, failure } = await read('cut@3');
    expect(failure).toBeUndefined();
    expect(bytes.equals((await speakPcm()).subarray(0, 3 * PIECE))).toBe(true);
  });

  it('reset@3 loses the connection after three pieces', async () => {
    const { bytes, failure } = await read('reset@3');
    expect(bytes.length).toBe(3 * PIECE);
    expect(failure).toMatchObject({ message: 'terminated', cause: { code: 'ECONNRESET' } });
  });

  it('stall@3 goes silent until it is stopped', async () => {
    const stopped = new AbortController();
    const of = sandbox('stall@3', { signal: stopped.signal });
    const reader = (await speechAnswer({ response_format: 'pcm' }, of)).body?.getReader();
    for (let piece = 0; piece < 3; piece += 1) expect((await reader?.read())?.done).toBe(false);
    let silent = true;
    const next = reader?.read().finally(() => {
      silent = false;
    });
    next?.catch(() => {});
    for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    expect(silent).toBe(true);
    stopped.abort(new Error('stopped'));
    await expect(next).rejects.toThrow('stopped');
  });

  it('garbled@3 puts what is no sound between two pieces', async () => {
    const { bytes } = await read('garbled@3');
    expect(bytes.indexOf('data: {"type":"speech.audio.')).toBe(3 * PIECE);
    expect(bytes.length).toBeGreaterThan((await speakPcm()).length);
  });

  it('empty gives no bytes', async () => {
    const response = await speechAnswer({}, sandbox('empty'));
    expect(response.headers.get('content-type')).toBe('audio/mpeg');
    expect((await response.arrayBuffer()).byteLength).toBe(0);
  });

  it('refusal refuses', async () => {
    const { status, headers, body } = await ask<ErrorAnswer>('POST', SPEECH, speechBody(), {
      of: sandbox('refusal'),
    });
    expect(status).toBe(400);
    expect(body.error).toMatchObject({ code: 'content_policy_violation', param: null });
    expect(body.error.message).toContain(headers.get('x-request-id'));
  });
});
