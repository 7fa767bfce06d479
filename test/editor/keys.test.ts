import { describe, expect, it } from 'vitest';
import { KeyReader } from '../../src/editor/keys.ts';

/** The names of the keys in what a terminal sends, all at once and character by character. */
function ids(input: string): string[] {
  const whole = new KeyReader().push(input).map(({ id }) => id);
  const reader = new KeyReader();
  const pieces = [...input].flatMap((piece) => reader.push(piece)).map(({ id }) => id);
  expect(pieces).toEqual(whole);
  return whole;
}

describe('KeyReader', () => {
  it.each([
    ['\r', 'enter'],
    ['\n', 'ctrl-j'],
    ['\t', 'tab'],
    ['\u007f', 'backspace'],
    ['\b', 'ctrl-h'],
    ['\u0001', 'ctrl-a'],
    ['\u001a', 'ctrl-z'],
    ['\u001f', 'ctrl-_'],
    ['\u0000', 'ctrl-space'],
    ['\u001b[A', 'up'],
    ['\u001bOA', 'up'],
    ['\u001b[1;5D', 'ctrl-left'],
    ['\u001b[1;3C', 'alt-right'],
    ['\u001b[3~', 'delete'],
    ['\u001b[3;5~', 'ctrl-delete'],
    ['\u001b[H', 'home'],
    ['\u001b[4~', 'end'],
    ['\u001b[Z', 'shift-tab'],
    ['\u001bb', 'alt-b'],
    ['\u001b\u007f', 'alt-backspace'],
    ['\u001b\r', 'alt-enter'],
    ['\u001b\n', 'alt-ctrl-j'],
    ['\u001b\u001b[D', 'alt-left'],
    ['\u001b[13;2u', 'shift-enter'],
    ['\u001b[27;2;13~', 'shift-enter'],
    ['\u001b[97;5u', 'ctrl-a'],
    ['\u001b[12;40R', 'position'],
    ['\u001b글', 'alt-글'],
  ])('reads %j as %s', (input, id) => {
    expect(ids(input)).toEqual([id]);
  });

  it.each([
    ['a report of the mouse', '\u001b[<0;10;5M'],
    ['a report of the focus', '\u001b[I'],
    ['what the terminal can do', '\u001b[?62;4c'],
    ['a colour', '\u001b]11;rgb:0000/0000/0000\u0007'],
    ['a colour, ended in the other way', '\u001b]11;rgb:0000/0000/0000\u001b\\'],
    ['a key that is let go', '\u001b[97;1:3u'],
    ['a function key that nothing is bound to', '\u001b[15~'],
  ])('passes over %s', (_, input) => {
    expect(ids(`${input}x`)).toEqual(['text']);
  });

  it('gives text in runs, and keys among it', () => {
    const keys = new KeyReader().push('안녕\r여보\u007f');
    expect(keys.map(({ id, text }) => [id, text])).toEqual([
      ['text', '안녕'],
      ['enter', ''],
      ['text', '여보'],
      ['backspace', ''],
    ]);
  });

  it('gives a paste as one, however it comes', () => {
    const pasted = 'one\r\ntwo\rthree\n\u001b[A four';
    for (const size of [1, 3, 7, 1000]) {
      const reader = new KeyReader();
      const input = `a\u001b[200~${pasted}\u001b[201~b`;
      const keys = [];
      for (let at = 0; at < input.length; at += size) keys.push(...reader.push(input.slice(at, at + size)));
      expect(keys.map(({ id, text }) => [id, text])).toEqual([
        ['text', 'a'],
        ['paste', 'one\ntwo\nthree\n\u001b[A four'],
        ['text', 'b'],
      ]);
    }
  });

  it('takes 10 MB of paste in a moment', () => {
    const reader = new KeyReader();
    const start = performance.now();
    reader.push('\u001b[200~');
    for (let piece = 0; piece < 160; piece++) reader.push('x'.repeat(65_536));
    const [paste] = reader.push('\u001b[201~');
    expect(paste?.text).toHaveLength(160 * 65_536);
    expect(performance.now() - start).toBeLessThan(1000);
  });

  it('knows the column that the terminal says', () => {
    expect(new KeyReader().push('\u001b[7;12R')).toEqual([{ id: 'position', text: '', column: 12 }]);
  });

  it('takes Escape for a key when nothing follows', () => {
    const reader = new KeyReader();
    expect(reader.push('\u001b')).toEqual([]);
    expect(reader.isWaiting).toBe(true);
    expect(reader.flush().map(({ id }) => id)).toEqual(['escape']);
    expect(reader.isWaiting).toBe(false);
    expect(reader.push('a').map(({ id }) => id)).toEqual(['text']);
  });

  it.each(['', '\u001b', '\u001b[20', '\u001b[201'])('ends a paste whose end came as %j only', (end) => {
    const reader = new KeyReader();
    expect(reader.push(`\u001b[200~one\r\ntwo${end}`)).toEqual([]);
    expect(reader.isPasting).toBe(true);
    expect(reader.flush()).toEqual([{ id: 'paste', text: 'one\ntwo' }]);
    expect(reader.push('a\u001b[201~b').map(({ id, text }) => id + text)).toEqual(['texta', 'textb']);
  });

  it('waits for nothing inside of a paste', () => {
    const reader = new KeyReader();
    reader.push('\u001b[200~a\u001b');
    expect(reader.isWaiting).toBe(false);
    expect(reader.push('[201~')).toEqual([{ id: 'paste', text: 'a' }]);
  });
});
