import { describe, expect, it } from 'vitest';
import type { Sandbox } from '../../src/sandbox/sandbox.ts';
import { FakeClock } from '../support/context.ts';
import { ask, sandbox } from './ask.ts';
import { earlier, GENERATIONS } from './ask-images.ts';

type Fields = Record<string, unknown>;

const body = (fields: Fields): Fields => ({ prompt: 'a lighthouse', ...fields });
// Fields are checked as always, and no picture is drawn.
const statusOf = async (fields: Fields, of: Sandbox = sandbox('empty')) => {
  const answer = await ask('POST', GENERATIONS, body(fields), { of });
  return answer.status === 200 ? 200 : answer.body.error;
};

const NEW = 'gpt-image-2.5-sunburst';
const FIRST = 'gpt-image-1.5';
const MINI = 'gpt-image-1-mini';

describe('a request for images', () => {
  it.each<[string, Fields]>([
    ['no model', {}],
    ['null for all that may be', { model: null, n: null, size: null, quality: null, stream: null }],
    ['fields of old as null', { response_format: null, style: null }],
    ['the longest prompt', { prompt: 'x'.repeat(32_000) }],
    ['the longest prompt in characters of two units', { prompt: '🦊'.repeat(32_000) }],
    ['ten images', { n: 10 }],
    ['a user', { user: 'u', safety_identifier: 's' }],
    ['little moderation', { moderation: 'low' }],
    ['complexity', { complexity: 'high' }],
    ['JPEG, compressed', { output_format: 'jpeg', output_compression: 0 }],
    ['WebP, compressed', { output_format: 'webp', output_compression: 100 }],
    ['transparency', { background: 'transparent' }],
    ['transparency as PNG', { background: 'transparent', output_format: 'png' }],
    ['transparency as WebP', { background: 'transparent', output_format: 'webp' }],
    ['an opaque JPEG', { background: 'opaque', output_format: 'jpeg' }],
    ['no stream', { stream: false }],
    ['every effort', { quality: 'max' }],
    ['nearly every effort', { quality: 'xhigh', model: 'gpt-image-2.5-flare-2026-09-08' }],
  ])('may have %s', async (_, fields) => {
    expect(await statusOf({ model: NEW, ...fields })).toBe(200);
  });

  it.each<[string, Fields, string, string | null]>([
    ['no prompt', { prompt: undefined }, 'prompt', 'missing_required_parameter'],
    ['null for a prompt', { prompt: null }, 'prompt', 'invalid_type'],
    ['a number for a prompt', { prompt: 5 }, 'prompt', 'invalid_type'],
    ['an empty prompt', { prompt: '' }, 'prompt', 'empty_string'],
    ['too long a prompt', { prompt: 'x'.repeat(32_001) }, 'prompt', 'string_above_max_length'],
    ['a misspelt field', { promt: 'p' }, 'promt', 'unknown_parameter'],
    ['the name of a built-in', { constructor: 1 }, 'constructor', 'unknown_parameter'],
    ['no images', { n: 0 }, 'n', 'integer_below_min_value'],
    ['too many images', { n: 11 }, 'n', 'integer_above_max_value'],
    ['half an image', { n: 1.5 }, 'n', 'invalid_type'],
    ['a number as text', { n: '2' }, 'n', 'invalid_type'],
    ['a model that is no text', { model: 5 }, 'model', 'invalid_type'],
    ['a quality of nobody', { quality: 'best' }, 'quality', 'invalid_value'],
    ['a quality of DALL·E', { quality: 'hd' }, 'quality', 'invalid_value'],
    ['a background of nobody', { background: 'blue' }, 'background', 'invalid_value'],
    [
      'a transparent JPEG',
      { background: 'transparent', output_format: 'jpeg' },
      'background',
      'invalid_value',
    ],
    ['a format of nobody', { output_format: 'bmp' }, 'output_format', 'invalid_value'],
    ['the preview’s GIF', { output_format: 'gif' }, 'output_format', 'invalid_value'],
    ['the preview’s frames', { frame_count: 5 }, 'frame_count', 'unsupported_parameter'],
    ['the preview’s SVG', { svg: { model: 'm' } }, 'svg', 'unsupported_parameter'],
    ['a compressed PNG', { output_compression: 50 }, 'output_compression', null],
    [
      'a PNG compressed by name',
      { output_compression: 50, output_format: 'png' },
      'output_compression',
      null,
    ],
    [
      'too much compression',
      { output_compression: 101, output_format: 'webp' },
      'output_compression',
      'integer_above_max_value',
    ],
    [
      'too little compression',
      { output_compression: -1, output_format: 'jpeg' },
      'output_compression',
      'integer_below_min_value',
    ],
    ['moderation of nobody', { moderation: 'high' }, 'moderation', 'invalid_value'],
    ['a style', { style: 'vivid' }, 'style', 'unknown_parameter'],
    ['an answer by URL', { response_format: 'url' }, 'response_format', 'unknown_parameter'],
    ['an answer in base64', { response_format: 'b64_json' }, 'response_format', 'unknown_parameter'],
    ['the field of edits', { input_fidelity: 'low' }, 'input_fidelity', 'unknown_parameter'],
    ['partial images, no stream', { partial_images: 1 }, 'partial_images', null],
    ['no partial images, no stream', { partial_images: 0, stream: false }, 'partial_images', null],
    ['too many partials', { partial_images: 4, stream: true }, 'partial_images', 'integer_above_max_value'],
    ['a stream that is a word', { stream: 'true' }, 'stream', 'invalid_type'],
    ['a user of no text', { user: 5 }, 'user', 'invalid_type'],
    [
      'too long an identifier',
      { safety_identifier: 'x'.repeat(65) },
      'safety_identifier',
      'string_above_max_length',
    ],
  ])('is refused with %s', async (_, fields, param, code) => {
    const error = await statusOf({ model: NEW, ...fields });
    expect(error).toMatchObject({ type: 'invalid_request_error', param, code });
  });

  it.each<[Fields, string]>([
    [{ response_format: 'url' }, "Unknown parameter: 'response_format'."],
    [{ prompt: undefined }, "Missing required parameter: 'prompt'."],
    [
      { quality: 'xhigh', model: 'gpt-image-2' },
      "Invalid value: 'xhigh'. Supported values are: 'low', 'medium', 'high', and 'auto'.",
    ],
    [{ size: '1000x1000' }, "Invalid size '1000x1000'. Width and height must both be divisible by 16."],
    [
      { size: '1x1', model: FIRST },
      "Invalid value: '1x1'. Supported values are: '1024x1024', '1024x1536', '1536x1024', and 'auto'.",
    ],
    [
      { prompt: '🦊'.repeat(32_001) },
      "Invalid 'prompt': string too long. Expected a string with maximum length 32000, but got a string with length 32001 instead.",
    ],
  ])('is refused in these words: %j', async (fields, message) => {
    expect(await statusOf(fields)).toMatchObject({ message });
  });

  it('is an object', async () => {
    const { status, body: answer } = await ask('POST', GENERATIONS, [1]);
    expect([status, answer.error.code]).toEqual([400, 'invalid_type']);
  });
});

describe('a size', () => {
  it.each([
    'auto',
    '1024x1024',
    '1536x864',
    '640x1024',
    '3840x2160',
    '2160x3840',
    '3072x1024',
    '1024x3072',
    '3840x1280',
  ])('%s is made by every model since gpt-image-2', async (size) => {
    for (const model of ['gpt-image-2', NEW, 'gpt-image-2.6-flare']) {
      expect(await statusOf({ model, size })).toBe(200);
    }
  });

  it.each([
    ['1024x1030', 'divisible by 16'],
    ['1030x1024', 'divisible by 16'],
    ['3856x2144', 'longest edge must be at most 3840'],
    ['1024x3856', 'longest edge must be at most 3840'],
    ['3088x1024', 'ratio must be between 1:3 and 3:1'],
    ['1024x3088', 'ratio must be between 1:3 and 3:1'],
    ['640x1008', 'at least 655360 pixels'],
    ['3840x2176', 'at most 8294400 pixels'],
    ['1024', 'WIDTHxHEIGHT'],
    ['1024X1024', 'WIDTHxHEIGHT'],
    ['01024x1024', 'WIDTHxHEIGHT'],
    ['0x0', 'WIDTHxHEIGHT'],
    ['-16x-16', 'WIDTHxHEIGHT'],
    ['1024x1024 ', 'WIDTHxHEIGHT'],
    ['1e3x1e3', 'WIDTHxHEIGHT'],
    ['', 'WIDTHxHEIGHT'],
  ])('%j is made by none of them', async (size, reason) => {
    const error = await statusOf({ model: NEW, size });
    const message = expect.stringContaining(reason);
    expect(error).toMatchObject({ param: 'size', code: 'invalid_value', message });
  });

  it.each([
    [FIRST, 'auto 1024x1024 1536x1024 1024x1536', '1536x864 512x512'],
    [MINI, 'auto 1024x1024 1536x1024 1024x1536', '1536x864 512x512'],
    ['dall-e-2', '256x256 512x512 1024x1024', 'auto 1536x1024 1792x1024'],
    ['dall-e-3', '1024x1024 1792x1024 1024x1792', 'auto 512x512 1536x1024'],
  ])('of %s is one of %s', async (model, good, bad) => {
    for (const size of good.split(' ')) expect(await statusOf({ model, size }, earlier('empty'))).toBe(200);
    for (const size of bad.split(' ')) {
      const error = await statusOf({ model, size }, earlier('empty'));
      expect([size, error]).toMatchObject([size, { param: 'size', code: 'invalid_value' }]);
    }
  });
});

describe('DALL·E', () => {
  it.each<[string, Fields]>([
    ['dall-e-2', { prompt: 'x'.repeat(1000), n: 10, quality: 'standard', response_format: 'url' }],
    ['dall-e-3', { prompt: 'x'.repeat(4000), n: 1, quality: 'hd', style: 'natural' }],
    ['dall-e-3', { response_format: 'b64_json', style: 'vivid', quality: 'standard', user: 'u' }],
  ])('as %s takes %o', async (model, fields) => {
    expect(await statusOf({ model, ...fields }, earlier('empty'))).toBe(200);
  });

  it.each<[string, Fields, string]>([
    ['dall-e-2', { prompt: 'x'.repeat(1001) }, 'prompt'],
    ['dall-e-3', { prompt: 'x'.repeat(4001) }, 'prompt'],
    ['dall-e-3', { n: 2 }, 'n'],
    ['dall-e-2', { quality: 'hd' }, 'quality'],
    ['dall-e-3', { quality: 'high' }, 'quality'],
    ['dall-e-2', { style: 'vivid' }, 'style'],
    ['dall-e-3', { style: 'dull' }, 'style'],
    ['dall-e-3', { response_format: 'file' }, 'response_format'],
    ['dall-e-3', { background: 'opaque' }, 'background'],
    ['dall-e-2', { output_format: 'png' }, 'output_format'],
    ['dall-e-2', { output_compression: 50 }, 'output_compression'],
    ['dall-e-3', { moderation: 'low' }, 'moderation'],
    ['dall-e-3', { stream: true }, 'stream'],
    ['dall-e-2', { partial_images: 1, stream: true }, 'partial_images'],
  ])('as %s refuses %o', async (model, fields, param) => {
    expect(await statusOf({ model, ...fields }, earlier('empty'))).toMatchObject({ param });
  });
});

describe('a model', () => {
  it.each([
    ['no-such-model', 404, 'model_not_found', 'does not exist'],
    ['', 404, 'model_not_found', 'does not exist'],
    ['dall-e-3', 404, 'model_not_found', 'deprecated'],
    ['gpt-image-1', 404, 'model_not_found', 'deprecated'],
    ['gpt-6-luna', 400, 'invalid_value', "Supported values are: 'gpt-image-2',"],
    ['whisper-1', 400, 'invalid_value', "'gpt-image-1.5'"],
  ])('%j is refused: %i', async (model, status, code, text) => {
    const answer = await ask('POST', GENERATIONS, body({ model }));
    expect([answer.status, answer.body.error.code]).toEqual([status, code]);
    expect(answer.body.error.message).toContain(text);
  });

  it('ends on its day, and by a fault', async () => {
    const late = sandbox('empty', { clock: new FakeClock({ now: Date.parse('2026-12-01') }) });
    expect(await statusOf({ model: FIRST })).toBe(200);
    expect(await statusOf({ model: FIRST }, late)).toMatchObject({ code: 'model_not_found' });
    const gone = sandbox(`empty,gone=${NEW}`);
    expect(await statusOf({ model: NEW }, gone)).toMatchObject({ code: 'model_not_found' });
    expect(await statusOf({}, gone)).toMatchObject({ code: 'model_not_found' });
  });

  it('is not among the supported ones when it has ended', async () => {
    const error = await statusOf({ model: 'gpt-6-luna' });
    expect(error).toMatchObject({ message: expect.not.stringContaining('dall-e') });
  });
});
