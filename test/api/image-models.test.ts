import { describe, expect, it } from 'vitest';
import { imagesPerRequest, isAlwaysFaithful, isGptImage, sizeInstead } from '../../src/api/image-models.ts';
import { defaultModels, lifecycleOf } from '../../src/api/models.ts';

const flexible = defaultModels.image;

describe('sizes', () => {
  it.each([
    [flexible, 'auto'],
    [flexible, '1024x1024'],
    [flexible, '1536x864'],
    [flexible, '3840x2160'],
    [flexible, '2160x3840'],
    [flexible, '1408x480'],
    ['gpt-image-1.5', '1536x1024'],
    ['gpt-image-1-mini', 'auto'],
    ['dall-e-2', '256x256'],
    ['dall-e-3', '1792x1024'],
    ['flux', '17x3'],
    ['some-gpt-image-2', '17x3'],
  ])('of %s: %s will do', (model, size) => {
    expect(sizeInstead(model, size)).toBeUndefined();
  });

  it.each([
    [flexible, '1023x1024', '1024x1024'],
    [flexible, '1000x1000', '1008x1008'],
    [flexible, '100x100', '816x816'],
    [flexible, '3840x3840', '2880x2880'],
    [flexible, '4096x1024', '1024x1024'],
    [flexible, '7680x4320', '3840x2160'],
    ['gpt-image-2', '512x512', '816x816'],
    ['gpt-image-1.5', '512x512', '1024x1024, 1536x1024, 1024x1536'],
    ['dall-e-2', 'auto', '256x256, 512x512, 1024x1024'],
    ['dall-e-3', '256x256', '1024x1024, 1792x1024, 1024x1792'],
  ])('of %s: for %s try %s', (model, size, instead) => {
    expect(sizeInstead(model, size)).toBe(instead);
    const [first = ''] = instead.split(', ');
    expect(sizeInstead(model, first)).toBeUndefined();
  });
});

describe('what is known of image models', () => {
  it.each([
    [flexible, true, true, 10],
    ['gpt-image-2', true, true, 10],
    ['gpt-image-1.5', true, false, 10],
    ['chatgpt-image-latest', true, false, 10],
    ['dall-e-3', false, false, 1],
    ['dall-e-2', false, false, 10],
    ['flux', false, false, 10],
  ])('%s', (model, gpt, faithful, perRequest) => {
    expect([isGptImage(model), isAlwaysFaithful(model), imagesPerRequest(model)]).toEqual([
      gpt,
      faithful,
      perRequest,
    ]);
  });

  it.each([
    ['dall-e-2', '2026-05-12'],
    ['dall-e-3', '2026-05-12'],
    ['gpt-image-1', '2026-10-23'],
    ['gpt-image-1.5', '2026-12-01'],
    ['gpt-image-1-mini', '2026-12-01'],
  ])('%s ends on %s, and the default takes its place', (model, shutdown) => {
    expect(lifecycleOf(model)).toMatchObject({ shutdown, successor: flexible });
  });
});
