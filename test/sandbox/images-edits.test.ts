import type { ImagesResponse } from 'openai/resources/images';
import { describe, expect, it } from 'vitest';
import { ask, request, sandbox } from './ask.ts';
import {
  askForm,
  EDITS,
  earlier,
  type FormInput,
  fileOf,
  formOf,
  GENERATIONS,
  imageOf,
  VARIATIONS,
} from './ask-images.ts';

type Fields = Record<string, FormInput | undefined>;

const square = await imageOf(64, 64);
const square2 = await imageOf(64, 64, { kind: 'webp' });
const wide = await imageOf(96, 64, { kind: 'jpeg' });
const hole = await imageOf(64, 64, { alpha: 0 });
const gif = await imageOf(64, 64, { kind: 'gif' });
const disguised = fileOf(new Uint8Array(await gif.arrayBuffer()));
const oblong = await imageOf(64, 65);
const oblongHole = await imageOf(64, 65, { alpha: 0 });
const webpHole = await imageOf(64, 64, { kind: 'webp', alpha: 0 });
const MB = 1024 * 1024;
const largeMask = fileOf(Buffer.concat([Buffer.from(await hole.arrayBuffer()), Buffer.alloc(3 * MB)]));
const squareBytes = new Uint8Array(await square.arrayBuffer());
const truncated = fileOf(squareBytes.subarray(0, squareBytes.length - 20));
/** A flipped bit in the pixels: the file goes on to its end, and its checksum is wrong. */
const corrupt = fileOf(squareBytes.map((byte, at) => (at === squareBytes.length - 20 ? byte ^ 1 : byte)));
/** A PNG that is as long as asked: what comes after the end of the image is nobody's. */
const padded = (bytes: number) =>
  fileOf(Buffer.concat([squareBytes, Buffer.alloc(bytes - squareBytes.length)]));

const edited = async (fields: Fields, of = sandbox('empty')) => {
  const { status, body } = await askForm(EDITS, formOf({ image: square, prompt: 'p', ...fields }), of);
  return status === 200 ? 200 : { status, ...body.error };
};

describe('an edit', () => {
  it.each<[string, Fields]>([
    ['one image', {}],
    ['one image in a list', { image: undefined, 'image[]': [square] }],
    [
      '16 images of all kinds',
      {
        image: undefined,
        'image[]': Array.from({ length: 16 }, (_, at) => [square, square2, wide][at % 3] ?? square),
      },
    ],
    ['a mask', { mask: hole }],
    ['an image of nearly 50 MB', { image: padded(50 * MB - 1) }],
    ['a mask of nearly 4 MB', { mask: largeMask }],
    [
      'numbers and booleans as text',
      { n: '2', stream: 'false', output_compression: '50', output_format: 'jpeg' },
    ],
    ['null as text', { n: 'null', size: 'null', quality: 'null' }],
    ['null as a prompt', { prompt: 'null' }],
    ['a number as a prompt', { prompt: '12' }],
    ['a PNG that says it is a JPEG', { image: fileOf(squareBytes, 'image/jpeg') }],
    ['high fidelity', { model: 'gpt-image-1.5', input_fidelity: 'high' }],
    ['low fidelity', { model: 'gpt-image-1-mini', input_fidelity: 'low' }],
    ['transparency', { background: 'transparent', output_format: 'webp' }],
    ['a size', { size: '1536x864', quality: 'xhigh' }],
  ])('may have %s', async (_, fields) => {
    expect(await edited(fields)).toBe(200);
  });

  it.each<[string, Fields, string, string | null]>([
    ['no image', { image: undefined }, 'image', 'missing_required_parameter'],
    ['no prompt', { prompt: undefined }, 'prompt', 'missing_required_parameter'],
    ['an empty prompt', { prompt: '' }, 'prompt', 'empty_string'],
    ['a file as a prompt', { prompt: square }, 'prompt', 'invalid_type'],
    ['a text as an image', { image: 'image.png' }, 'image', 'invalid_type'],
    [
      '17 images',
      { image: undefined, 'image[]': Array.from({ length: 17 }, () => square) },
      'image',
      'array_above_max_length',
    ],
    ['an image twice', { image: [square, square] }, 'image', 'duplicate_parameter'],
    ['an image in two ways', { 'image[]': [square] }, 'image', 'duplicate_parameter'],
    ['a mask twice', { mask: [hole, hole] }, 'mask', 'duplicate_parameter'],
    ['a prompt twice', { prompt: ['a', 'b'] }, 'prompt', 'duplicate_parameter'],
    ['a list of masks', { 'mask[]': [hole] }, 'mask[]', 'unknown_parameter'],
    ['a list of sizes', { 'size[]': 'auto' }, 'size[]', 'unknown_parameter'],
    ['a misspelt field', { promt: 'p' }, 'promt', 'unknown_parameter'],
    ['the field of generations', { moderation: 'low' }, 'moderation', 'unknown_parameter'],
    ['a style', { style: 'vivid' }, 'style', 'unknown_parameter'],
    ['a response format', { response_format: 'b64_json' }, 'response_format', 'unknown_parameter'],
    ['markup', { markup: hole }, 'markup', 'unsupported_parameter'],
    ['a number that is none', { n: 'two' }, 'n', 'invalid_type'],
    ['a decimal', { n: '1.5' }, 'n', 'invalid_type'],
    ['a number in another notation', { n: '0x2' }, 'n', 'invalid_type'],
    ['no number', { n: '' }, 'n', 'invalid_type'],
    ['too large a number', { n: '11' }, 'n', 'integer_above_max_value'],
    ['a boolean that is none', { stream: '1' }, 'stream', 'invalid_type'],
    ['a bad size', { size: '100x100' }, 'size', 'invalid_value'],
    ['partial images, no stream', { partial_images: '2' }, 'partial_images', null],
    [
      'fidelity, which is always high',
      { model: 'gpt-image-2', input_fidelity: 'high' },
      'input_fidelity',
      'unsupported_parameter',
    ],
    ['fidelity of the default', { input_fidelity: 'low' }, 'input_fidelity', 'unsupported_parameter'],
    [
      'high fidelity of the mini',
      { model: 'gpt-image-1-mini', input_fidelity: 'high' },
      'input_fidelity',
      'unsupported_value',
    ],
    [
      'a fidelity of nobody',
      { model: 'gpt-image-1.5', input_fidelity: 'best' },
      'input_fidelity',
      'invalid_value',
    ],
    ['a GIF', { image: gif }, 'image', 'unsupported_file_mimetype'],
    ['a GIF that says it is a PNG', { image: disguised }, 'image', 'unsupported_file_mimetype'],
    [
      'a text that says it is a PNG',
      { image: fileOf(Buffer.from('hello')) },
      'image',
      'unsupported_file_mimetype',
    ],
    ['nothing as an image', { image: fileOf(new Uint8Array()) }, 'image', 'unsupported_file_mimetype'],
    [
      'an image of no type',
      { image: fileOf(squareBytes, 'application/octet-stream') },
      'image',
      'unsupported_file_mimetype',
    ],
    [
      'a bad second image',
      { image: undefined, 'image[]': [square, gif] },
      'image[1]',
      'unsupported_file_mimetype',
    ],
    ['an image that breaks off', { image: truncated }, 'image', 'invalid_image_file'],
    ['an image that is corrupt', { image: corrupt }, 'image', 'invalid_image_file'],
    ['an image of 50 MB', { image: padded(50 * MB) }, 'image', 'file_above_max_size'],
    ['a mask of 4 MB', { mask: padded(4 * MB) }, 'mask', 'file_above_max_size'],
    ['a mask that is a WebP', { mask: webpHole }, 'mask', 'unsupported_file_mimetype'],
    ['a mask that breaks off', { mask: truncated }, 'mask', 'invalid_image_file'],
    ['a mask of another size', { mask: oblongHole }, 'mask', 'invalid_mask_image_format'],
    ['an opaque mask', { mask: square }, 'mask', 'invalid_mask_image_format'],
    ['a mask alone', { image: undefined, mask: hole }, 'image', 'missing_required_parameter'],
  ])('is refused with %s', async (_, fields, param, code) => {
    expect(await edited(fields)).toMatchObject({ status: 400, type: 'invalid_request_error', param, code });
  });

  it.each<[Fields, string]>([
    [{ mask: square }, 'Invalid mask image format - mask image missing alpha channel'],
    [
      { mask: wide },
      "Invalid file 'mask': unsupported mimetype ('image/jpeg'). Supported file formats are 'image/png'.",
    ],
    [
      { image: gif },
      "Invalid file 'image': unsupported mimetype ('image/gif'). Supported file formats are 'image/jpeg', 'image/png', and 'image/webp'.",
    ],
    [{ n: 'two' }, "Invalid type for 'n': expected an integer, but got a string instead."],
  ])('is refused in these words: %o', async (fields, message) => {
    expect(await edited(fields)).toMatchObject({ message });
  });

  it.each([
    ['no-such-model', 404, 'model_not_found'],
    ['dall-e-2', 404, 'model_not_found'],
    ['gpt-6-luna', 400, 'invalid_value'],
  ])('is refused by the model %s', async (model, status, code) => {
    expect(await edited({ model })).toMatchObject({ status, code });
  });

  it('is not made by dall-e-3', async () => {
    const error = await edited({ model: 'dall-e-3' }, earlier());
    expect(error).toMatchObject({ status: 400, param: 'model', code: 'invalid_value' });
    expect(error).toMatchObject({
      message: expect.stringMatching(/^Invalid value: 'dall-e-3'\..*'dall-e-2'\.$/),
    });
  });
});

describe('an edit by dall-e-2', () => {
  const legacy = (fields: Fields) => edited({ model: 'dall-e-2', ...fields }, earlier('empty'));

  it.each<[string, Fields]>([
    ['a square PNG', {}],
    ['a mask and a format', { mask: hole, response_format: 'url', size: '256x256' }],
    ['a list of one', { image: undefined, 'image[]': [square] }],
    ['nearly 4 MB', { image: padded(4 * MB - 1) }],
  ])('may have %s', async (_, fields) => {
    expect(await legacy(fields)).toBe(200);
  });

  it.each<[string, Fields, string, string]>([
    ['two images', { image: undefined, 'image[]': [square, square] }, 'image', 'array_above_max_length'],
    ['a WebP', { image: square2 }, 'image', 'unsupported_file_mimetype'],
    ['an oblong', { image: oblong }, 'image', 'invalid_image_file'],
    ['4 MB', { image: padded(4 * MB) }, 'image', 'file_above_max_size'],
    ['a long prompt', { prompt: 'x'.repeat(1001) }, 'prompt', 'string_above_max_length'],
    ['a stream', { stream: 'true' }, 'stream', 'unknown_parameter'],
  ])('is refused with %s', async (_, fields, param, code) => {
    expect(await legacy(fields)).toMatchObject({ status: 400, param, code });
  });
});

describe('a variation', () => {
  const varied = async (fields: Fields, of = sandbox('empty')) => {
    const { status, body } = await askForm(VARIATIONS, formOf({ image: square, ...fields }), of);
    return status === 200 ? 200 : { status, ...body.error };
  };

  it.each<[string, Fields]>([
    ['nothing but its image', {}],
    ['its model', { model: 'dall-e-2' }],
    ['all of its fields', { n: '10', size: '256x256', response_format: 'b64_json', user: 'u' }],
  ])('may have %s, though OpenAI makes none any more', async (_, fields) => {
    expect(await varied(fields)).toBe(200);
  });

  it.each<[string, Fields, string, string]>([
    ['no image', { image: undefined }, 'image', 'missing_required_parameter'],
    ['a prompt', { prompt: 'p' }, 'prompt', 'unknown_parameter'],
    ['a mask', { mask: hole }, 'mask', 'unknown_parameter'],
    ['a list', { image: undefined, 'image[]': [square] }, 'image[]', 'unknown_parameter'],
    ['a stream', { stream: 'true' }, 'stream', 'unknown_parameter'],
    ['a JPEG', { image: wide }, 'image', 'unsupported_file_mimetype'],
    ['an oblong', { image: oblong }, 'image', 'invalid_image_file'],
    ['4 MB', { image: padded(4 * MB) }, 'image', 'file_above_max_size'],
    ['too many', { n: '11' }, 'n', 'integer_above_max_value'],
    ['a size', { size: 'auto' }, 'size', 'invalid_value'],
    ['another model', { model: 'gpt-image-2' }, 'model', 'invalid_value'],
  ])('is refused with %s', async (_, fields, param, code) => {
    expect(await varied(fields)).toMatchObject({ status: 400, param, code });
  });

  it.each([
    ['no-such-model', undefined],
    ['dall-e-3', undefined],
    ['dall-e-2', 'gone=dall-e-2'],
    [undefined, 'gone=dall-e-2'],
  ])('is refused by the model %s with %s', async (model, faults) => {
    expect(await varied({ model }, sandbox(faults))).toMatchObject({ status: 404, code: 'model_not_found' });
  });

  it('answers by URL, or in base64 when asked', async () => {
    const byUrl = await askForm<ImagesResponse>(VARIATIONS, formOf({ image: square }));
    expect(byUrl.body.data?.[0]?.url).toMatch(/^http:\/\/sandbox\.invalid\/v1\/sandbox\/images\/.*-1\.png$/);
    const form = formOf({ image: square, response_format: 'b64_json', n: '2', size: '256x256' });
    const { body } = await askForm<ImagesResponse>(VARIATIONS, form);
    expect(body.data?.map(({ b64_json }) => b64_json?.slice(0, 6))).toEqual(['iVBORw', 'iVBORw']);
    expect(Object.keys(body)).toEqual(['created', 'data']);
  });
});

describe('a form', () => {
  const sent = (body: string, type: string) => ({ init: { body, headers: { 'content-type': type } } });
  const PARSE = /^We could not parse the multipart form/;
  const TYPE =
    /^Unsupported content type: '.*'\. This API method only accepts 'multipart\/form-data' requests/;

  it.each([
    [
      'that breaks off',
      '--x\r\ncontent-disposition: form-data; name="prompt"\r\n\r\nhel',
      'multipart/form-data; boundary=x',
      PARSE,
    ],
    ['without its boundary', '--x--\r\n', 'multipart/form-data', PARSE],
    ['that is no form', 'hello', 'multipart/form-data; boundary=x', PARSE],
    ['of nothing', '', 'multipart/form-data; boundary=x', PARSE],
    ['that is JSON', '{}', 'application/json', TYPE],
    ['of another kind', 'a=b', 'application/x-www-form-urlencoded', TYPE],
    ['of no kind', 'a', '', TYPE],
  ])('%s is refused', async (_, body, type, message) => {
    for (const path of [EDITS, VARIATIONS]) {
      const answer = await ask('POST', path, undefined, sent(body, type));
      expect(answer.status).toBe(400);
      expect(answer.body.error.message).toMatch(message);
    }
  });

  it('is not what generations take', async () => {
    const { status, body } = await askForm(GENERATIONS, formOf({ prompt: 'p' }));
    expect([status, body.error.code]).toEqual([400, 'unsupported_content_type']);
  });

  it('is the same request whatever its boundary is', async () => {
    const raw = (boundary: string, prompt: string) => {
      const part = (name: string, value: string) =>
        `--${boundary}\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
      const body = `${part('prompt', prompt)}--${boundary}--\r\n`;
      return sandbox().answer(
        request('POST', EDITS, undefined, sent(body, `multipart/form-data; boundary="${boundary}"`).init),
      );
    };
    const idOf = async (...args: Parameters<typeof raw>) => (await raw(...args)).headers.get('x-request-id');
    expect(await idOf('aaaa', 'p')).toBe(await idOf('bb', 'p'));
    expect(await idOf('aaaa', 'p')).not.toBe(await idOf('aaaa', 'q'));
  });
});
