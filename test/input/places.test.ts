import { expect, it } from 'vitest';
import { filled, placesIn } from '../../src/input/places.ts';

it.each<[string, string[]]>([
  ['no place', []],
  ['{{a}} and {{ b }} and {{a}}', ['a', 'b']],
  ['{{{{a}} {{{{{{b}}', ['b']],
  ['{{}} {{ }} {a} {{a} }}', []],
  ['{{a\nb}} {"x": {"y": {}}}', []],
])('%j has the places %j', (text, places) => {
  expect(placesIn(text)).toEqual(places);
});

it('is filled in one go: what a value holds is no place', () => {
  const values = new Map([
    ['a', '{{b}} $& $1'],
    ['b', '{{a}}'],
  ]);
  expect(filled('{{a}}|{{ b }}|{{c}}|{{{{a}}', values)).toBe('{{b}} $& $1|{{a}}|{{c}}|{{a}}');
});
