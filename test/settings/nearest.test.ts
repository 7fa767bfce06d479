import { expect, it } from 'vitest';
import { didYouMean } from '../../src/settings/nearest.ts';

const known = [
  'help',
  'temperature',
  'model',
  'models',
  '--temperature',
  '--top-p',
  '--no-stdin',
  'template',
];

it.each([
  ['temp', 'template'],
  ['tempe', 'temperature'],
  ['mod', 'model'],
  ['--temp', '--temperature'],
  ['--to', '--top-p'],
  ['modle', 'model'],
  ['halp', 'help'],
  ['--no-stdni', '--no-stdin'],
])('%s probably means %s', (word, meant) => {
  expect(didYouMean(word, known)).toBe(`; did you mean ${meant}?`);
});

it.each(['', 'm', '--', '-', 'quite different'])('%j means nothing that is known', (word) => {
  expect(didYouMean(word, known)).toBe('');
});
