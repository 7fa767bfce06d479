import { describe, expect, it } from 'vitest';
import { roffArgument, roffLiteral, roffText } from '../../src/output/roff.ts';

describe('a text in a manual page', () => {
  it.each([
    ['--max-tokens', '\\-\\-max\\-tokens'],
    ['.env', '\\&.env'],
    ["'quoted'", '\\[aq]quoted\\[aq]'],
    ['`a` ^ ~', '\\[ga]a\\[ga] \\[ha] \\[ti]'],
    ['\\n and \\fB', '\\[rs]n and \\[rs]fB'],
    ['more…', 'more\\[u2026]'],
    ['안🎉', '\\[uC548]\\[u1F389]'],
    ['a\n.b', 'a\n\\&.b'],
    ['say "hi"', 'say "hi"'],
  ])('%j is %j', (text, roff) => {
    expect(roffText(text)).toBe(roff);
  });

  it('is an argument in quotes', () => {
    expect(roffArgument('.say "a-b"')).toBe('".say \\[dq]a\\-b\\[dq]"');
  });

  it('stays as it is where it is a program', () => {
    expect(roffLiteral(['a', '', '  .b'])).toBe('.EX\na\n\n  .b\n.EE');
  });
});
