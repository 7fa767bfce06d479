import { describe, expect, it } from 'vitest';
import { promptFor } from '../../../src/input/rows/prompt-for.ts';
import { template } from '../../../src/input/rows/template.ts';
import { rowOf } from './reading.ts';

/** As a command does it: words with placeholders are a template. */
function prompt(words: string | undefined, value: Parameters<typeof rowOf>[0], field?: string) {
  return promptFor(words === undefined ? undefined : (template(words) ?? words), rowOf(value), field);
}

describe('the prompt for a row', () => {
  it.each([
    ['placeholders filled', 'Translate: {{title}}', { title: 'T', text: 'x' }, undefined, 'Translate: T'],
    ['the text, a blank line, the words', 'Translate it', 'T', undefined, 'T\n\nTranslate it'],
    [
      'the field of --field before the words',
      'Translate it',
      { title: 'T', text: 'x' },
      'title',
      'T\n\nTranslate it',
    ],
    ['the text alone', undefined, 'T', undefined, 'T'],
    ['the text alone, where there are words of nothing', '', 'T', undefined, 'T'],
    ['literal braces', 'What is {{{{x}}?', 'T', undefined, 'T\n\nWhat is {{x}}?'],
    ['the field of --field in the place of the input', '{{input}}!', { title: 'T', a: 1 }, 'title', 'T!'],
  ])('is %s', (_, words, value, field, result) => {
    expect(prompt(words, value, field)).toBe(result);
  });

  it.each([
    ['{{title}}', {}, undefined, 'has no field "title": it has no fields'],
    ['Translate it', null, undefined, 'is null, and no text'],
    [undefined, { text: '' }, undefined, 'has nothing in its field "text"'],
    [undefined, 'T', 'title', 'has no field "title": it is text'],
  ])('is a problem: %s of %j', (words, value, field, problem) => {
    expect(prompt(words, value, field)).toEqual({ problem });
  });
});
