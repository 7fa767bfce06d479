import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isReasoningModel, lifecycleOf, retirementWarning } from '../../src/api/models.ts';

/** The comment above `ChatModel` in the SDK's types: lists of quoted names, each with a date of shutdown. */
function announced(): [string, string][] {
  const sdk = dirname(createRequire(import.meta.url).resolve('openai'));
  const text = readFileSync(join(sdk, 'resources', 'shared.d.ts'), 'utf8');
  const comment = text
    .slice(text.indexOf('Deprecated values:'), text.indexOf('export type ChatModel'))
    .replace(/\n \*/g, '');
  const groups = comment.matchAll(/((?:"[^"]+",?\s*)+):\s*Announced shutdown\s+date:\s+([\d-]+)/g);
  return [...groups].flatMap(([, names = '', date = '']) =>
    [...names.matchAll(/"([^"]+)"/g)].map(([, name = '']): [string, string] => [name, date]),
  );
}

describe('the ends of chat models', () => {
  it('are those that the SDK announces', () => {
    const expected = announced();
    expect(expected.length).toBeGreaterThan(60);
    expect(expected.map(([model]) => [model, lifecycleOf(model)?.shutdown])).toEqual(expected);
  });

  it.each([
    ['61 days before', '2026-11-14T12:00:00Z', undefined],
    [
      '60 days before',
      '2026-11-15T12:00:00Z',
      'gpt-4o ends on 2027-01-14, in 60 days; gpt-6-luna takes its place',
    ],
    [
      'the day before',
      '2027-01-13T12:00:00Z',
      'gpt-4o ends on 2027-01-14, in 1 day; gpt-6-luna takes its place',
    ],
    ['on the day', '2027-01-14T00:00:00Z', 'gpt-4o ended on 2027-01-14; gpt-6-luna takes its place'],
  ])('are told %s', (_, now, warning) => {
    expect(retirementWarning('gpt-4o', Date.parse(now))).toBe(warning);
  });
});

describe('reasoning', () => {
  it.each(['gpt-6-luna', 'gpt-6.1-sol', 'gpt-5', 'gpt-5-mini', 'o3', 'o1-mini', 'gpt-10'])(
    '%s does it',
    (model) => {
      expect(isReasoningModel(model)).toBe(true);
    },
  );

  it.each(['gpt-4o', 'gpt-4.1', 'gpt-3.5-turbo', 'gpt-5-chat-latest', 'gpt-audio-mini', 'llama3', 'omni'])(
    '%s does not',
    (model) => {
      expect(isReasoningModel(model)).toBe(false);
    },
  );
});
