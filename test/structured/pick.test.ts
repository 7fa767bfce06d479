import { describe, expect, it } from 'vitest';
import { bareText, pick, readPath } from '../../src/structured/pick.ts';

const answer = {
  a: { b: [{ c: 'x' }, { c: 2 }] },
  'a b': { 'c.d': 1 },
  '0': 'zero',
  'x/y~z': true,
  '': 'empty',
  none: null,
  list: [],
  'q"': 3,
};

describe('pick', () => {
  it.each([
    ['a.b[0].c', 'x'],
    ['a.b[1].c', 2],
    ['a.b.1.c', 2],
    ['a.b[-1].c', 2],
    ['/a/b/0/c', 'x'],
    ['/a/b/-1/c', 2],
    ['"a b"."c.d"', 1],
    ['a b["c.d"]', 1],
    ['0', 'zero'],
    ['/x~1y~0z', true],
    ['/', 'empty'],
    ['none', null],
    ['list', []],
    ['"q\\""', 3],
  ])('finds %s', (path, value) => {
    expect(pick(answer, readPath(path))).toEqual(value);
  });

  it('finds what is in a list itself', () => {
    expect(pick([[1, 2]], readPath('[0][1]'))).toBe(2);
  });

  it.each([
    ['b', '--pick: /b is not there; the answer has 0, a, a b, x/y~z, , none, list, q"'],
    [
      'nine',
      '--pick: /nine is not there; the answer has 0, a, a b, x/y~z, , none, list, q"; did you mean none?',
    ],
    ['a.x.y', '--pick: /a/x is not there; /a has b'],
    ['a.b[2].c', '--pick: /a/b/2 is not there; /a/b is a list of 2, from 0 to 1'],
    ['a.b[-3]', '--pick: /a/b/-3 is not there; /a/b is a list of 2, from 0 to 1'],
    ['a.b.length', '--pick: /a/b/length is not there; /a/b is a list of 2'],
    ['a.b.01', '--pick: /a/b/01 is not there'],
    ['list[0]', '--pick: /list/0 is not there; /list is an empty list'],
    ['none.x', '--pick: /none/x is not there; /none is null'],
    ['a.b[0].c.length', '--pick: /a/b/0/c/length is not there; /a/b/0/c is "x"'],
    ['constructor', '--pick: /constructor is not there'],
    ['a.__proto__', '--pick: /a/__proto__ is not there'],
  ])('names what is not there in %s', (path, message) => {
    const find = () => pick(answer, readPath(path));
    expect(find).toThrow(expect.objectContaining({ kind: 'incomplete' }));
    expect(find).toThrow(message);
  });

  it.each([
    ['', '--pick is empty'],
    ['.a', '--pick .a is no path'],
    ['a.', '--pick a. is no path from "." on'],
    ['a..b', '--pick a..b is no path from "..b" on'],
    ['a[x]', '--pick a[x] is no path from "[x]" on'],
    ['a[0', '--pick a[0 is no path from "[0" on'],
    ['a[1.5]', 'is no path from "[1.5]" on'],
    ['a]', 'is no path from "]" on'],
    ['"a', '--pick "a is no path'],
    ['["\\x"]', '--pick ["\\x"] has "\\x", which is no text in quotes'],
  ])('refuses %j', (path, message) => {
    expect(() => readPath(path)).toThrow(expect.objectContaining({ kind: 'usage' }));
    expect(() => readPath(path)).toThrow(message);
  });

  it('gives a text as it is and all else as JSON', () => {
    expect(['a\n"b"', 1, null, { a: [1] }].map(bareText)).toEqual(['a\n"b"', '1', 'null', '{"a":[1]}']);
  });
});
