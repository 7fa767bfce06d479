import { describe, expect, it } from 'vitest';
import { EditBuffer } from '../../src/editor/buffer.ts';

/** A buffer with this text; `|` is the cursor. */
function buffer(marked: string): EditBuffer {
  const made = new EditBuffer();
  made.reset(marked.replace('|', ''));
  made.moveTo(marked.indexOf('|'));
  return made;
}

function marked({ text, cursor }: EditBuffer): string {
  return `${text.slice(0, cursor)}|${text.slice(cursor)}`;
}

type Move = Exclude<keyof EditBuffer, 'text' | 'cursor' | 'set' | 'reset' | 'insert' | 'replace' | 'moveTo'>;

const family = '👨‍👩‍👧';
const flag = '🇰🇷';
/** Hangul in parts, as macOS names its files. */
const han = '한'.normalize('NFD');

describe('EditBuffer', () => {
  it.each<[Move, string, string]>([
    ['left', 'ab|', 'a|b'],
    ['left', '|ab', '|ab'],
    ['left', '안녕|', '안|녕'],
    ['left', `a${family}|b`, `a|${family}b`],
    ['left', `${flag}${flag}|`, `${flag}|${flag}`],
    ['left', `가${han}|`, `가|${han}`],
    ['left', 'e\u0301|', '|e\u0301'],
    ['left', 'a\n|b', 'a|\nb'],
    ['right', 'a|b', 'ab|'],
    ['right', 'ab|', 'ab|'],
    ['right', `|${family}b`, `${family}|b`],
    ['right', `|${han}글`, `${han}|글`],
    ['home', 'ab\ncd|', 'ab\n|cd'],
    ['home', 'ab\n|cd', '|ab\ncd'],
    ['end', 'a|b\ncd', 'ab|\ncd'],
    ['end', 'ab|\ncd', 'ab\ncd|'],
    ['wordLeft', 'one two  |', 'one |two  '],
    ['wordLeft', '안녕 세계|', '안녕 |세계'],
    ['wordLeft', 'ab.cd|', 'ab.|cd'],
    ['wordRight', 'one| two', 'one two|'],
    ['wordRight', '|cafe\u0301 x', 'cafe\u0301| x'],
    ['deleteLeft', `a${family}|b`, 'a|b'],
    ['deleteLeft', '한글|', '한|'],
    ['deleteLeft', '|a', '|a'],
    ['deleteLeft', 'a\n|b', 'a|b'],
    ['deleteRight', `|${flag}b`, '|b'],
    ['deleteRight', 'a|', 'a|'],
    ['cutWordLeft', 'one two|', 'one |'],
    ['cutWordRight', 'one| two x', 'one| x'],
    ['cutBlankLeft', 'see ./a-b.txt  |', 'see |'],
    ['cutBlankLeft', '|x', '|x'],
    ['cutToEnd', 'a|b\ncd', 'a|\ncd'],
    ['cutToEnd', 'ab|\ncd', 'ab|cd'],
    ['cutToEnd', 'ab|', 'ab|'],
    ['cutToStart', 'a\nb|c', 'a\n|c'],
    ['cutToStart', 'a\n|c', 'a|c'],
    ['cutToStart', '|c', '|c'],
    ['transpose', 'ab|', 'ba|'],
    ['transpose', 'a|b', 'ba|'],
    ['transpose', '|ab', '|ab'],
    ['transpose', 'a|', 'a|'],
    ['transpose', '가나|', '나가|'],
  ])('%s: %j becomes %j', (move, before, after) => {
    const edited = buffer(before);
    edited[move]();
    expect(marked(edited)).toBe(after);
  });

  it('puts in what was cut out, and adds up what is cut out in a row', () => {
    const edited = buffer('one two three|');
    edited.cutWordLeft();
    edited.cutWordLeft();
    expect(marked(edited)).toBe('one |');
    edited.home();
    edited.yank();
    expect(marked(edited)).toBe('two three|one ');
    edited.cutToEnd();
    edited.yank();
    edited.yank();
    expect(marked(edited)).toBe('two threeone one |');
  });

  it('has nothing to put in before something was cut out', () => {
    const edited = buffer('a|');
    edited.yank();
    expect(marked(edited)).toBe('a|');
  });

  it('takes back step by step: a word, a deletion, a replacement', () => {
    const edited = buffer('|');
    for (const character of 'one two') edited.insert(character);
    edited.deleteLeft();
    edited.set('other');
    const seen = [];
    for (let step = 0; step < 6; step++) {
      edited.undo();
      seen.push(marked(edited));
    }
    expect(seen).toEqual(['one tw|', 'one two|', 'one |', '|', '|', '|']);
  });

  it('holds few steps of a text of megabytes', () => {
    const edited = buffer('|');
    edited.set('x'.repeat(3_000_000));
    for (let n = 0; n < 50; n++) edited.set(`${n}${'x'.repeat(3_000_000)}`);
    edited.undo();
    expect(edited.text.startsWith('48x')).toBe(true);
    for (let n = 0; n < 50; n++) edited.undo();
    expect(edited.text.startsWith('4')).toBe(true);
  });

  it('walks over a text of characters of every kind and back, a character at a time', () => {
    const characters = ['a', '한', han, family, flag, 'e\u0301', '\n', '👍🏽', '❤️', ' '];
    const text = characters.join('');
    const edited = buffer(`|${text}`);
    const stops = [0];
    for (const _ of characters) {
      edited.right();
      stops.push(edited.cursor);
    }
    expect(stops.at(-1)).toBe(text.length);
    for (const stop of stops.toReversed()) {
      expect(edited.cursor).toBe(stop);
      edited.left();
    }
  });
});
