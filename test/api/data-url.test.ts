import { describe, expect, it } from 'vitest';
import { isDataUrl, readDataUrl } from '../../src/api/data-url.ts';

const LIMIT = 1000;

function read(url: string): [string, string] {
  const { bytes, type } = readDataUrl(url, LIMIT);
  return [type, Buffer.from(bytes).toString('latin1')];
}

describe('a data: URL', () => {
  it.each([
    ['base64', 'data:image/png;base64,iVBORw==', ['image/png', '\x89PNG']],
    ['base64 for URLs, without its end', 'data:image/png;base64,-_-_', ['image/png', '\xfb\xff\xbf']],
    ['base64 with line breaks', 'data:;base64,aGVs\r\n bG8=', ['', 'hello']],
    ['base64 with percent signs', 'data:x/y;base64,aGVsbG8%3D', ['x/y', 'hello']],
    ['text', 'data:,a%20b', ['', 'a b']],
    ['bytes that are no text', 'data:image/gif,GIF%ff%00', ['image/gif', 'GIF\xff\x00']],
    ['a parameter', 'data:text/plain;charset=utf-8,hi', ['text/plain', 'hi']],
    ['capitals, and space around it', ' DATA:Image/PNG;BASE64,aGk= ', ['image/png', 'hi']],
    ['a comma in the data', 'data:,a,b', ['', 'a,b']],
    ['nothing', 'data:,', ['', '']],
  ])('may hold %s', (_, url, expected) => {
    expect(isDataUrl(url)).toBe(true);
    expect(read(url)).toEqual(expected);
  });

  it.each(['data:image/png;base64', 'data:image/png;base64,!!!!', 'data:;base64,a=b='])(
    'is garbled: %s',
    (url) => {
      expect(() => read(url)).toThrow('cannot download from a data: URL: it is garbled');
    },
  );

  it('holds no more than is taken', () => {
    const url = (size: number) => `data:;base64,${Buffer.alloc(size).toString('base64')}`;
    expect(readDataUrl(url(LIMIT), LIMIT).bytes).toHaveLength(LIMIT);
    expect(() => readDataUrl(url(LIMIT + 1), LIMIT)).toThrow(
      'cannot download from a data: URL: 1001 bytes are more than the 1000 bytes that are taken',
    );
  });

  it('is told from other URLs', () => {
    expect(isDataUrl('https://example.com/data:')).toBe(false);
  });
});
