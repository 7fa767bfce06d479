import { describe, expect, it } from 'vitest';
import { slugOf } from '../../src/output/slug.ts';

describe('a name made of a prompt', () => {
  it.each([
    ['a siamese cat', 'a-siamese-cat'],
    ['  A Siamese   CAT!! ', 'a-siamese-cat'],
    ['../../etc/passwd', 'etc-passwd'],
    ['-rf / --force', 'rf-force'],
    ['.hidden', 'hidden'],
    ['line\nbreak\u0000\u001b[31m', 'line-break-31m'],
    ['고양이 두 마리', '고양이-두-마리'],
    ['e\u0301te\u0301', '\u00e9t\u00e9'],
    ['CON', 'con-image'],
    ['com1', 'com1-image'],
    ['console', 'console'],
    ['', 'image'],
    ['🐈 !?', 'image'],
  ])('%j is %s', (prompt, slug) => {
    expect(slugOf(prompt, 'image')).toBe(slug);
  });

  it.each([
    ['🐈 !?', 'sound'],
    ['con', 'con-sound'],
    ['hello', 'hello'],
  ])('%j is %s where it is that of a sound', (text, slug) => {
    expect(slugOf(text, 'sound')).toBe(slug);
  });

  it('is short, and cut between words', () => {
    const slug = slugOf(
      'a very detailed painting of two otters holding hands while they float down a river at dusk',
      'image',
    );
    expect(slug).toBe('a-very-detailed-painting-of-two-otters-holding-hands-while');
    expect(Buffer.byteLength(slug)).toBeLessThanOrEqual(60);
  });

  it('is cut between characters where there are no spaces', () => {
    const slug = slugOf('고양이'.repeat(50), 'image');
    expect(Buffer.byteLength(slug)).toBe(60);
    expect(slug).toBe('고양이'.repeat(50).slice(0, 20));
    expect(slugOf('x'.repeat(500), 'image')).toBe('x'.repeat(60));
  });
});
