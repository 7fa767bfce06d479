import { describe, expect, it } from 'vitest';
import { InertTextStream, inertText } from '../../src/output/terminal.ts';

describe('text for a terminal', () => {
  it.each([
    ['a colour', '\u001b[31mred', '␛[31mred'],
    ['a cursor move', 'a\u001b[2Jb', 'a␛[2Jb'],
    ['a window title', '\u001b]0;owned\u0007', '␛]0;owned␇'],
    ['a clipboard write', '\u001b]52;c;ZXZpbA==\u001b\\', '␛]52;c;ZXZpbA==␛\\'],
    ['a one-character CSI', '\u009b31m', '<U+009B>31m'],
    ['a backspace', 'safe\b\b\b\bevil', 'safe␈␈␈␈evil'],
    ['DEL', 'a\u007f', 'a␡'],
    ['a carriage return', 'evil\rsafe', 'evil␍safe'],
    ['a direction override', '\u202egnp.exe', '<U+202E>gnp.exe'],
    ['an isolate', '\u2066x\u2069', '<U+2066>x<U+2069>'],
    ['a zero-width space', 'a\u200bb', 'a<U+200B>b'],
    ['hidden tag characters', '\u{e0041}', '<U+E0041>'],
    ['NUL', 'a\u0000b', 'a␀b'],
  ])('shows %s and does not obey it', (_, text, shown) => {
    expect(inertText(text)).toBe(shown);
  });

  it.each(['tab\tand\nnewline', '한국어 안녕', '👩‍👩‍👧 🇰🇷 é', 'می‌خواهم', '␛ is a picture', '𝒳'])(
    'leaves %j alone',
    (text) => {
      expect(inertText(text)).toBe(text);
    },
  );

  it('takes a line break of two characters as one, also when it is cut in half', () => {
    const stream = new InertTextStream();
    expect([stream.push('a\r'), stream.push('\nb\r'), stream.push('c\r'), stream.end()]).toEqual([
      'a',
      '\nb',
      '␍c',
      '␍',
    ]);
  });
});
