import { describe, expect, it } from 'vitest';
import { readJson, readJsonLine } from '../../src/input/json-text.ts';

describe('a text that is no JSON', () => {
  it.each([
    ['a comma too many', '{"a":1,}', 'line 1, column 8: unexpected }'],
    ['a colon that is missing', '{\n "a" 1}', 'line 2, column 6: unexpected number'],
    ['a word', '{\n "a": tru\n}', "line 2, column 7: unexpected identifier 'tru'"],
    ['nothing', '', 'line 1, column 1: unexpected end of input'],
    ['single quotes', "{'a':1}", "line 1, column 2: unexpected character '''"],
    ['something after it', '{"a":1} x', "line 1, column 9: unexpected character 'x'"],
    [
      'a line break in a text',
      '{"a":\n"x\ny"}',
      'line 2, column 3: a control character or a line break in a text',
    ],
    [
      'a control character in a text',
      '["a\u0001"]',
      'line 1, column 4: a control character or a line break in a text',
    ],
  ])('breaks at %s', async (_, text, words) => {
    await expect(readJson(text, 'x')).rejects.toMatchObject({
      kind: 'usage',
      message: `x is no JSON: ${words}`,
    });
  });

  it('breaks within a long text', async () => {
    const text = `{"a":"${'a'.repeat(12_000_000)}\t"}`;
    await expect(readJson(text, 'x')).rejects.toMatchObject({
      kind: 'usage',
      message: 'x is no JSON: line 1, column 12000007: a control character or a line break in a text',
    });
  });

  it('breaks at a column, where it is a line of many', async () => {
    await expect(readJsonLine('{"a"', 'x, line 7', 'hint')).rejects.toMatchObject({
      message: expect.stringMatching(/^x, line 7 is no JSON: column \d: /),
      hint: 'hint',
    });
  });
});
