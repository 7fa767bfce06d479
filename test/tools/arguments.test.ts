import { describe, expect, it } from 'vitest';
import { readArguments } from '../../src/tools/arguments.ts';
import type { Tool } from '../../src/tools/tool.ts';

const tool: Tool = {
  name: 'note',
  definition: { type: 'function', function: { name: 'note' } },
  validate: undefined,
  program: undefined,
};

const read = (text: string) =>
  readArguments({ id: 'a', type: 'function', function: { name: 'note', arguments: text } }, tool);

describe('long arguments', () => {
  it.each([
    ['words', 'a'],
    ['escapes', '\\n'],
    ['digits', '12345678'],
  ])('are read: %s', (_, piece) => {
    const text = `{"text":"${piece.repeat(12_000_000 / piece.length)}"}`;
    expect(read(text)).toMatchObject({ text, isJson: true });
  });

  it('are searched for numbers to their end', () => {
    const text = `{"text":"12345678901234567890 \\" ${'a'.repeat(9_000_000)}","id":12345678901234567891}`;
    expect(read(text)).toEqual({
      problem: 'the number 12345678901234567891 is too long to be kept exactly: give it as a text',
    });
  });
});
