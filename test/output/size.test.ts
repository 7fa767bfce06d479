import { describe, expect, it } from 'vitest';
import { tooLarge } from '../../src/api/download-failure.ts';
import { sizeText } from '../../src/output/size.ts';

const MB = 1024 * 1024;

describe('a size', () => {
  it.each([
    [0, '0 bytes'],
    [1, '1 byte'],
    [1023, '1023 bytes'],
    [1024, '1 KB'],
    [1025, '1.1 KB'],
    [1.25 * MB, '1.3 MB'],
    [50 * MB, '50 MB'],
    [50 * MB + 1, '50.1 MB'],
  ])('of %d bytes is %s', (bytes, text) => {
    expect(sizeText(bytes)).toBe(text);
  });

  it('that is too large never reads like the limit', () => {
    expect(tooLarge('files.test', 50 * MB + 1, 50 * MB).message).toBe(
      'cannot download from files.test: 50.1 MB are more than the 50 MB that are taken',
    );
  });
});
