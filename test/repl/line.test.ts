import { describe, expect, it } from 'vitest';
import { readLine } from '../../src/repl/line.ts';
import { slashCommands } from '../../src/repl/slash-commands.ts';
import { wordsOf } from '../../src/repl/words.ts';

const typed = (text: string) => readLine({ text, literal: false });

describe('a line', () => {
  it.each([
    ['hello', { kind: 'question', text: 'hello' }],
    ['  two\nlines', { kind: 'question', text: '  two\nlines' }],
    ['//usr/bin', { kind: 'question', text: '/usr/bin' }],
    ['///', { kind: 'question', text: '//' }],
    ['', { kind: 'nothing' }],
    [' \n ', { kind: 'nothing' }],
    ['/help', { kind: 'command', name: 'help', argument: '' }],
    ['/model  gpt-6-luna ', { kind: 'command', name: 'model', argument: 'gpt-6-luna' }],
    ['/system be\nbrief', { kind: 'command', name: 'system', argument: 'be\nbrief' }],
    ['/quit', { kind: 'command', name: 'exit', argument: '' }],
    ['/?', { kind: 'command', name: 'help', argument: '' }],
  ])('%j', (text, line) => {
    expect(typed(text)).toEqual(line);
  });

  it('that is literal is a question whatever it begins with', () => {
    expect(readLine({ text: '/help', literal: true })).toEqual({ kind: 'question', text: '/help' });
    expect(readLine({ text: '// x\ny', literal: true })).toEqual({ kind: 'question', text: '// x\ny' });
  });

  it.each([
    ['/hlp', 'there is no command /hlp; did you mean /help?'],
    ['/usr/bin/env', 'there is no command /usr/bin/env'],
    ['/', 'there is no command /'],
    ['/Model x', 'there is no command /Model; did you mean /model?'],
    ['/retry now', '/retry takes nothing: now'],
  ])('%j is refused', (text, message) => {
    const line = typed(text);
    expect(line.kind === 'unknown' && line.failure.message).toBe(message);
  });

  it('every command has help', () => {
    for (const { name, help } of slashCommands) expect(`${name}: ${help}`).toMatch(/^\w+: \w.{3,}/);
  });
});

describe('words', () => {
  it.each([
    ['a b  c', ['a', 'b', 'c']],
    ["'a b' c", ['a b', 'c']],
    ['"a \\"b\\"" c', ['a "b"', 'c']],
    ['a\\ b.png', ['a b.png']],
    ['pre"mid dle"post', ['premid dlepost']],
    ['', []],
  ])('%j', (line, words) => {
    expect(wordsOf(line)).toEqual(words);
  });

  it('a quote that does not end is said', () => {
    expect(() => wordsOf("it's")).toThrow("a quote does not end: 's");
  });
});
