import type { ImagesResponse } from 'openai/resources/images';
import { describe, expect, it, vi } from 'vitest';
import { decodeImage } from '../support/decode-image.ts';
import { ask, request, sandbox } from './ask.ts';

// A machine on which the optional package could not be installed.
vi.mock('sharp', () => {
  throw new Error("Cannot find package 'sharp'");
});

const { default: sharp } = await vi.importActual<typeof import('sharp')>('sharp');

/** An edit of a red image; `cut` bytes are missing at its end. */
async function edited(kind: 'png' | 'jpeg' | 'webp', cut = 0): Promise<Response> {
  const create = { width: 64, height: 64, channels: 3, background: { r: 255, g: 0, b: 0 } } as const;
  const whole = await sharp({ create })[kind]().toBuffer();
  const bytes = new Uint8Array(whole.subarray(0, whole.length - cut));
  const form = new FormData();
  form.append('prompt', 'p');
  form.append('image', new File([bytes], 'image', { type: `image/${kind}` }));
  return sandbox().answer(request('POST', '/images/edits', undefined, { body: form }));
}

async function imageOf(response: Response) {
  const { data } = (await response.json()) as ImagesResponse;
  return decodeImage(Buffer.from(data?.[0]?.b64_json ?? '', 'base64'));
}

describe('without sharp', () => {
  it.each(['jpeg', 'webp'])('%s is refused as a bad value is', async (output_format) => {
    const { status, body } = await ask('POST', '/images/generations', { prompt: 'p', output_format });
    expect([status, body.error]).toEqual([
      400,
      {
        message: `Invalid value: '${output_format}'. Supported values are: 'png'.`,
        type: 'invalid_request_error',
        param: 'output_format',
        code: 'invalid_value',
      },
    ]);
  });

  it.each(['png', 'jpeg', 'webp'] as const)('a %s that breaks off is refused', async (kind) => {
    const response = await edited(kind, 20);
    expect([response.status, await response.json()]).toMatchObject([
      400,
      { error: { param: 'image', code: 'invalid_image_file' } },
    ]);
  });

  it.each([undefined, 'png'])('PNG is made: %s', async (output_format) => {
    const { body } = await ask<ImagesResponse>('POST', '/images/generations', { prompt: 'p', output_format });
    expect(body.data).toHaveLength(1);
  });

  it.each(['jpeg', 'webp'] as const)('a %s is edited to a picture that does not show it', async (kind) => {
    const [image, shown] = [await imageOf(await edited(kind)), await imageOf(await edited('png'))];
    expect([image.width, image.height]).toEqual([1024, 1024]);
    const red = (of: typeof image) =>
      [5, 300, 500, 700, 1000].filter((at) => (of.at(at, 5)[0] ?? 0) < 160).length;
    expect(shown.at(5, 5)[0]).toBeGreaterThan(180);
    expect(red(shown)).toBe(0);
    expect(image.at(5, 5)).not.toEqual(shown.at(5, 5));
  });
});
