import { describe, expect, it } from 'vitest';
import { keyOf } from '../../../src/input/rows/row-key.ts';
import { rowOf } from './reading.ts';

describe('the key of a row', () => {
  it('is 12 hex digits, the same in every run', () => {
    // printf '{"a":[1,{"x":null,"y":"é"}],"b":true}\nmodel' | sha256sum
    expect(keyOf(rowOf({ b: true, a: [1, { y: 'é', x: null }] }), 'model')).toBe('1e9ba8a32851');
  });

  it('does not depend on the order of fields, nor on where the row stands', () => {
    const one = keyOf(rowOf({ a: 1, b: { c: 2, d: 3 } }, 1), 'rest');
    expect(keyOf(rowOf({ b: { d: 3, c: 2 }, a: 1 }, 2), 'rest')).toBe(one);
  });

  it.each([
    ['other values', rowOf({ a: 1 }), '', rowOf({ a: 2 }), ''],
    ['a number and a text', rowOf(1), '', rowOf('1'), ''],
    ['null and a text', rowOf(null), '', rowOf('null'), ''],
    ['the order of a list', rowOf([1, 2]), '', rowOf([2, 1]), ''],
    ['a list and an object', rowOf(['a']), '', rowOf({ 0: 'a' }), ''],
    ['the place of a field', rowOf({ a: { b: 1 }, c: 2 }), '', rowOf({ a: { b: 1, c: 2 } }), ''],
    ['a field called __proto__', rowOf(JSON.parse('{"__proto__":1}')), '', rowOf({}), ''],
    ['what the job asks for', rowOf('a'), 'x', rowOf('a'), 'y'],
    ['where the value ends', rowOf('a'), 'b', rowOf('a\nb'), ''],
    ['where a number ends', rowOf(1), '2', rowOf(12), ''],
  ])('tells %s apart', (_, one, restOfOne, other, restOfOther) => {
    expect(keyOf(one, restOfOne)).not.toBe(keyOf(other, restOfOther));
  });
});
