import { describe, expect, it } from 'vitest';
import { parseVectors } from '../../../src/api/transport/vector-content.ts';

const numbers = [1.5, -2, 0.25];
const base64 = Buffer.from(Float32Array.from(numbers).buffer).toString('base64');
const entry = (index: number, embedding: unknown = base64) => ({ object: 'embedding', index, embedding });
const answer = (...data: object[]) => ({ object: 'list', model: 'm', data, usage: { total_tokens: 3 } });
const parsed = (value: unknown) => parseVectors(Buffer.from(JSON.stringify(value)));
const vector = Float32Array.from(numbers);
const asBase64 = ({ buffer, byteOffset, byteLength }: Float32Array) =>
  Buffer.from(buffer, byteOffset, byteLength).toString('base64');

describe('the JSON of an answer of embeddings', () => {
  it('has its texts in base64 as numbers, and the rest as it is', () => {
    expect(parsed(answer(entry(0), entry(1)))).toEqual(answer(entry(0, vector), entry(1, vector)));
  });

  it('has them in one piece of memory, in their order', () => {
    const { data } = parsed(answer(entry(1), entry(0))) as { data: { embedding: Float32Array }[] };
    const [first, second] = data.map(({ embedding }) => embedding);
    expect(first?.buffer).toBe(second?.buffer);
    expect([first?.byteOffset, second?.byteOffset]).toEqual([0, 12]);
  });

  it.each([
    ['white space', JSON.stringify(answer(entry(0)), null, 2).replaceAll(':', ' \t:\r\n ')],
    ['a byte order mark', `\ufeff${JSON.stringify(answer(entry(0)))}`],
    ['characters of several bytes', JSON.stringify({ ...answer(entry(0)), model: 'µ–😀' })],
    ['escapes in other texts', JSON.stringify({ note: 'a "b" \\', ...answer(entry(0)) })],
    ['the field last', `{"data":[{"index":0,"object":"embedding","embedding":"${base64}"}]}`],
  ])('is read with %s', (_, text) => {
    const { data } = parseVectors(Buffer.from(text)) as ReturnType<typeof answer>;
    expect(data).toEqual([entry(0, vector)]);
  });

  it.each<[string, unknown]>([
    ['lists of numbers', answer(entry(0, numbers), entry(1, numbers))],
    ['some of both', answer(entry(0, numbers), entry(1))],
    ['an empty text', answer(entry(0, ''), entry(1))],
    ['an empty text, and a field of that name elsewhere', { ...answer(entry(0, '')), embedding: base64 }],
    ['a text like the mark of this program', answer(entry(0, '#'), entry(1))],
    ['no base64 of numbers', answer(entry(0, 'abc'), entry(1))],
    ['no base64', answer(entry(0, 'not base64 at all!!'))],
    ['a field of that name elsewhere', { ...answer(entry(0)), embedding: base64 }],
    ['a value of that name before a text', ['embedding', base64]],
    ['a field of that name that is no text, before another', answer({ embedding: 1, note: base64 })],
    ['an error', { error: { message: 'no', code: null } }],
    ['a list', [1]],
    ['a text', 'embedding'],
    ['nothing', null],
  ])('is JSON like any other with %s', (_, value) => {
    const told = JSON.stringify(parsed(value), (__, one) =>
      one instanceof Float32Array ? asBase64(one) : one,
    );
    expect(JSON.parse(told)).toEqual(value);
  });

  it('is none of them with an escaped slash, which is read all the same', () => {
    const bytes = Buffer.from([0xff, 0xff, 0xff, 0xff, 0xff, 0xff]);
    const text = `{"data":[{"embedding":"${bytes.toString('base64').replaceAll('/', '\\/')}"}]}`;
    expect(parseVectors(Buffer.from(text))).toEqual({ data: [{ embedding: '////////' }] });
  });

  it.each(['', '{"data":[', '{"a":"b', '<html>', `{"data":[{"embedding":"${base64}`])(
    'is an error where it is none: %j',
    (text) => {
      expect(() => parseVectors(Buffer.from(text))).toThrow(SyntaxError);
    },
  );
});
