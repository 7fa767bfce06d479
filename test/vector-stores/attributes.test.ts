import { expect, it } from 'vitest';
import { labels } from '../../src/flags/metadata.ts';
import { attributes, pathAttribute, typed } from '../../src/vector-stores/attributes.ts';

it.each<[string, unknown]>([
  ['7', 7],
  ['-0.5', -0.5],
  ['1e3', 1000],
  ['007', '007'],
  ['1.', '1.'],
  ['12345678901234567890', '12345678901234567890'],
  ['true', true],
  ['True', 'True'],
  ['null', 'null'],
  ['', ''],
  ['"7"', '7'],
  ['"a', '"a'],
  ['"\\x"', '"\\x"'],
])('the value %s is %j', (text, value) => {
  expect(typed(text)).toBe(value);
});

it.each<[string[], string]>([
  [['a=1', 'a=2'], '--attribute a is given twice'],
  [['path=x'], '--attribute path is kept by add itself, to know a file again'],
  [['sha256=x'], '--attribute sha256 is kept by add itself, to know a file again'],
  [
    Array.from({ length: 14 }, (_, at) => `k${at}=1`),
    '--attribute is given 14 times, and 13 fit: path, root, sha256 are kept beside them',
  ],
  [[`${'k'.repeat(65)}=1`], '--attribute kkkkkkkkkkkkkkkkkkkk…: the name has 65 characters, and 64 fit'],
  [[`k=${'é'.repeat(513)}`], '--attribute k: the value has 513 characters, and 512 fit'],
])('attributes %j are refused', (pairs, message) => {
  expect(() => attributes(pairs.map(pairOf))).toThrow(message);
});

it('as many and as long as the API takes are taken', () => {
  const pairs = Array.from({ length: 13 }, (_, at) => pairOf(`k${at}=${'😀'.repeat(512)}`));
  expect(Object.keys(attributes(pairs))).toHaveLength(13);
});

it('labels are up to 16', () => {
  const pairs = Array.from({ length: 17 }, (_, at) => pairOf(`k${at}=1`));
  expect(() => labels(pairs)).toThrow('--metadata is given 17 times, and 16 fit');
  expect(labels(pairs.slice(1))).toMatchObject({ k1: '1' });
});

it('of a long path the end is kept', () => {
  expect(pathAttribute(`${'a'.repeat(600)}/b.md`)).toMatch(/^a{507}\/b\.md$/);
});

function pairOf(text: string): [string, string] {
  const at = text.indexOf('=');
  return [text.slice(0, at), text.slice(at + 1)];
}
