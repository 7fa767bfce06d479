import { describe, expect, it } from 'vitest';
import { textOf } from '../../../src/input/rows/row-text.ts';
import { rowOf } from './reading.ts';

describe('the text of a row', () => {
  it.each([
    ['a text', 'hello', undefined, 'hello'],
    ['a text with spaces', ' hello\n', undefined, ' hello\n'],
    ['a number', 0, undefined, '0'],
    ['a truth value', false, undefined, 'false'],
    ['the field that is named', { title: 'a', text: 'b' }, 'title', 'a'],
    ['a field of a field', { author: { name: 'a' } }, 'author.name', 'a'],
    ['one of a list', { tags: ['a', 'b'] }, 'tags.1', 'b'],
    ['the field called text', { title: 'a', text: 'b' }, undefined, 'b'],
    ['the only field', { title: 'a' }, undefined, 'a'],
    ['a number in a field', { text: -1.5 }, undefined, '-1.5'],
    ['a truth value in a field', { text: false }, undefined, 'false'],
  ])('is %s', (_, value, field, text) => {
    expect(textOf(rowOf(value), field)).toBe(text);
  });

  it.each([
    [{ title: 'a', id: 1 }, undefined, 'has no field "text" (it has title, id); --field names another'],
    [{}, undefined, 'has no field "text": it has no fields; --field names another'],
    [{ title: 'a', text: 'b' }, 'body', 'has no field "body" (it has title, text)'],
    [{ title: 'a' }, 'toString', 'has no field "toString" (it has title)'],
    [{ author: { name: 'a' } }, 'author.age', 'has no field "author.age" (it has author)'],
    [{ author: null }, 'author.name', 'has no field "author.name" (it has author)'],
    [{ tags: ['a'] }, 'tags.length', 'has no field "tags.length" (it has tags)'],
    ['hello', 'title', 'has no field "title": it is text'],
    [{ text: null }, undefined, 'has null in its field "text", and no text'],
    [{ text: {} }, undefined, 'has an object in its field "text", and no text'],
    [{ a: ['x'] }, undefined, 'has a list in its field "a", and no text'],
    [{ text: '' }, undefined, 'has nothing in its field "text"'],
    [{ text: ' \n' }, undefined, 'has nothing in its field "text"'],
    ['', undefined, 'has no text in it'],
    [null, undefined, 'is null, and no text'],
    [['x'], undefined, 'is a list, and no text'],
    [
      { text: 2 ** 53 },
      undefined,
      'has a number too large to be kept as it is in its field "text": write it in quotation marks',
    ],
    [
      Number.POSITIVE_INFINITY,
      undefined,
      'is a number too large to be kept as it is: write it in quotation marks',
    ],
  ])('is not there: %j of %s', (value, field, problem) => {
    expect(textOf(rowOf(value), field)).toEqual({ problem });
  });

  it('shortens a long name', () => {
    expect(textOf(rowOf({ ['n'.repeat(100)]: 1, b: 2 }), undefined)).toEqual({
      problem: `has no field "text" (it has ${'n'.repeat(40)}…, b); --field names another`,
    });
  });
});
