import { describe, expect, it } from 'vitest';
import { commandWords } from '../../src/input/command-words.ts';

function failure(command: string): unknown {
  try {
    return commandWords(command, '--tool weather');
  } catch (error) {
    return error;
  }
}

describe('a command', () => {
  it.each([
    ['./weather', ['./weather']],
    ['  ./weather   --metric\t-v\n', ['./weather', '--metric', '-v']],
    [`sh -c 'echo "$HOME" | wc -c'`, ['sh', '-c', 'echo "$HOME" | wc -c']],
    [`'./my tools/weather' ''`, ['./my tools/weather', '']],
    [`"./my tools/weather" --unit="deg C"`, ['./my tools/weather', '--unit=deg C']],
    [`./a\\ b \\$HOME`, ['./a b', '$HOME']],
    [`jq ".a\\"\\\\\\$ \\n"`, ['jq', '.a"\\$ \\n']],
    [`jq '.a[]' "x*?[y"`, ['jq', '.a[]', 'x*?[y']],
    ['./a#b c~d', ['./a#b', 'c~d']],
    ['./x {"a":1}', ['./x', '{a:1}']],
    ['./日本 é', ['./日本', 'é']],
  ])('%s is %j', (command, words) => {
    expect(commandWords(command, '--tool weather')).toEqual(words);
  });

  it.each(['|', '&', ';', '<', '>', '(', ')', '$', '`', '*', '?', '['])('has no %s for a shell', (mark) => {
    for (const command of [`./weather a${mark}b`, `./weather ${mark}`]) {
      expect(failure(command)).toMatchObject({
        kind: 'usage',
        message: `--tool weather is a program and its words, and no line for a shell: ${mark} means nothing here`,
        hint: "quote it if it is meant as it stands, or ask for a shell: sh -c '…'",
      });
    }
  });

  it.each(['~/bin/weather', './weather # comment', './weather "$HOME"', './weather "`id`"', './w "a$(id)"'])(
    'does nothing that a shell does: %s',
    (command) => {
      expect(failure(command)).toMatchObject({
        kind: 'usage',
        message: expect.stringMatching(/no line for a shell/),
      });
    },
  );

  it.each([
    ["./weather 'a", /has a ' that nothing ends/],
    ['./weather "a', /has a " that nothing ends/],
    ['./weather "a\\"', /has a " that nothing ends/],
    ['./weather a\\', /has a \\ that nothing ends/],
    ['', /names no program/],
    ['  \n ', /names no program/],
    ["''", /names no program/],
    ['./a\0b', /holds a character that no command has/],
  ])('that is broken is told: %j', (command, message) => {
    expect(failure(command)).toMatchObject({ kind: 'usage', message: expect.stringMatching(message) });
  });
});
