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
    ['Hangul fillers', 'a\u115f\u1160\u3164\uffa0b', 'a<U+115F><U+1160><U+3164><U+FFA0>b'],
    ['a blank of Braille', 'a\u2800b', 'a<U+2800>b'],
    ['a grapheme joiner', 'a\u034fb', 'a<U+034F>b'],
    ['Khmer vowels that are not seen', '\u17b4\u17b5', '<U+17B4><U+17B5>'],
    ['marks of musical notation', '\u{1d173}x\u{1d17a}', '<U+1D173>x<U+1D17A>'],
    ['variation selectors', 'a\ufe00b\ufe0ec', 'a<U+FE00>b<U+FE0E>c'],
    ['text in variation selectors', '👍\u{e0100}\u{e01ef}', '👍<U+E0100><U+E01EF>'],
    ['a selector of pictures without one', 'a\ufe0f', 'a<U+FE0F>'],
    ['a selector of pictures first', '\ufe0fa', '<U+FE0F>a'],
    ['the second of two selectors', '❤\ufe0f\ufe0f', '❤\ufe0f<U+FE0F>'],
    ['NUL', 'a\u0000b', 'a␀b'],
  ])('shows %s and does not obey it', (_, text, shown) => {
    expect(inertText(text)).toBe(shown);
  });

  it.each([
    'tab\tand\nnewline',
    '한국어 안녕',
    '👩‍👩‍👧 🇰🇷 é',
    'می‌خواهم',
    '❤\ufe0f 1\ufe0f\u20e3 👁\ufe0f\u200d🗨\ufe0f',
    '⠋⠙ 𝄞 ᄒ\u1161',
    '␛ is a picture',
    '𝒳',
  ])('leaves %j alone', (text) => {
    expect(inertText(text)).toBe(text);
  });

  it('knows an emoji that is cut in half', () => {
    const stream = new InertTextStream();
    expect(['❤', '', '\ufe0f', '\ufe0f👁', '\ufe0f x', '\ufe0f'].map((piece) => stream.push(piece))).toEqual([
      '❤',
      '',
      '\ufe0f',
      '<U+FE0F>👁',
      '\ufe0f x',
      '<U+FE0F>',
    ]);
  });

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
