import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { InputStream } from '../../src/context.ts';
import { readPrompt } from '../../src/input/prompt.ts';
import { STDIN_PATIENCE_MS } from '../../src/input/stdin.ts';
import { textValue } from '../../src/input/text.ts';
import { fakeContext } from '../support/context.ts';
import { temporaryFolder } from '../support/folder.ts';

describe('the prompt', () => {
  it.each([
    ['words', ['explain', 'this'], undefined, 'explain this'],
    ['a pipe alone, without its last line break', [], 'piped\n', 'piped'],
    ['only the last of several line breaks is dropped', [], 'a\n\n', 'a\n'],
    ['a pipe and words, a blank line between', ['sum up'], 'piped\n', 'piped\n\nsum up'],
    ['`-` first', ['-', 'sum up'], 'piped', 'piped\n\nsum up'],
    ['`-` last', ['sum up', '-'], 'piped', 'piped\n\nsum up'],
    ['`-` alone', ['-'], 'piped', 'piped'],
    ['`-` in the middle is a word', ['5', '-', '3'], undefined, '5 - 3'],
    ['an empty pipe is no input', ['hi'], '', 'hi'],
    ['a blank pipe is no input', ['hi'], '\n\n', 'hi'],
    ['blank words are no input', ['  '], 'piped\n', 'piped'],
    ['a byte order mark is dropped', [], '\ufeffhi', 'hi'],
    ['spaces are kept', ['  x '], undefined, '  x '],
  ])('is %s', async (_, words, stdin, prompt) => {
    expect(await readPrompt(words, fakeContext({ stdin }))).toBe(prompt);
  });

  it('is empty where it may be, and nothing but white space is piped', async () => {
    expect(await readPrompt([], fakeContext({ stdin: '\n \n' }), { isOptional: true })).toBe('');
  });

  it('joins pieces that are cut inside a character', async () => {
    const bytes = Buffer.from('héllo');
    const context = fakeContext({ stdin: [bytes.subarray(0, 2), bytes.subarray(2)] });
    expect(await readPrompt([], context)).toBe('héllo');
  });

  it.each([
    ['nothing at all', [], undefined, 'no prompt'],
    ['an empty argument', [''], undefined, 'no prompt'],
    ['an empty pipe', [], '', 'no prompt: stdin was empty'],
    ['a pipe with only a line break', [], '\n', 'no prompt: stdin was empty'],
    ['`-` that is empty', ['-'], '', 'no prompt: stdin was empty'],
    ['a pipe with line breaks alone', [], '\n\n', 'no prompt: stdin was empty'],
    ['a pipe with white space alone', [], ' \n\t\n', 'no prompt: stdin was empty'],
    ['white space as words', ['   '], undefined, 'no prompt'],
  ])('is missing: %s', async (_, words, stdin, message) => {
    await expect(readPrompt(words, fakeContext({ stdin }))).rejects.toMatchObject({
      kind: 'usage',
      message,
    });
  });

  it.each([
    ['a lone byte', Buffer.from([0x61, 0xff, 0x62]), 'stdin is not UTF-8 text: byte 2 is 0xff', 'latin1'],
    [
      'a cut character at the end',
      Buffer.from('é').subarray(0, 1),
      'stdin is not UTF-8 text: byte 1 is 0xc3',
      'latin1',
    ],
    ['UTF-16', Buffer.from('\ufeffhi', 'utf16le'), 'stdin is not UTF-8 text: byte 1 is 0xff', 'utf-16'],
  ])('is refused when it is not UTF-8: %s', async (_, stdin, message, encoding) => {
    await expect(readPrompt([], fakeContext({ stdin }))).rejects.toMatchObject({
      kind: 'usage',
      message,
      hint: expect.stringContaining(encoding),
    });
  });
});

/** A pipe that speaks when told to, and notes whether anybody reads it. */
function slowPipe(): {
  stdin: InputStream;
  say: (text: string) => void;
  end: () => void;
  reading: () => boolean;
} {
  let reading = false;
  let wake: (piece: string | undefined) => void = () => {};
  const stdin: InputStream = {
    kind: 'pipe',
    async *read(signal) {
      reading = true;
      try {
        for (;;) {
          const piece = await new Promise<string | undefined>((resolve, reject) => {
            wake = resolve;
            signal.addEventListener('abort', () => reject(signal.reason));
          });
          if (piece === undefined) return;
          yield Buffer.from(piece);
        }
      } finally {
        reading = false;
      }
    },
  };
  return { stdin, say: (text) => wake(text), end: () => wake(undefined), reading: () => reading };
}

/** Lets everything that can happen without time passing happen. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

describe('a pipe that is slow', () => {
  it('is left alone after 3 s of silence when there is a prompt, with one line about it', async () => {
    const pipe = slowPipe();
    const context = fakeContext({ stdin: pipe.stdin });
    const prompt = readPrompt(['hi'], context);
    await settle();
    context.clock.advance(STDIN_PATIENCE_MS - 1);
    await settle();
    expect(pipe.reading()).toBe(true);
    context.clock.advance(1);
    expect(await prompt).toBe('hi');
    expect(pipe.reading()).toBe(false);
    expect(context.stderr.text).toBe(
      'oai: nothing came on stdin for 3s; going on without it (`-` waits for it, --no-stdin does not look)\n',
    );
  });

  it('is read to its end, however slow, once it has begun', async () => {
    const pipe = slowPipe();
    const context = fakeContext({ stdin: pipe.stdin });
    const prompt = readPrompt(['hi'], context);
    await settle();
    context.clock.advance(2000);
    pipe.say('late ');
    await settle();
    context.clock.advance(3_600_000);
    pipe.say('text');
    await settle();
    pipe.end();
    expect(await prompt).toBe('late text\n\nhi');
    expect(context.stderr.text).toBe('');
  });

  it.each([
    ['there is no prompt', []],
    ['`-` names it', ['-', 'hi']],
  ])('is waited for as long as it takes when %s', async (_, words) => {
    const pipe = slowPipe();
    const context = fakeContext({ stdin: pipe.stdin });
    const prompt = readPrompt(words, context);
    await settle();
    context.clock.advance(3_600_000);
    pipe.say('late');
    await settle();
    pipe.end();
    expect(await prompt).toMatch(/^late/);
  });

  it('stops being read when the run is stopped', async () => {
    const pipe = slowPipe();
    const context = fakeContext({ stdin: pipe.stdin });
    const prompt = readPrompt([], context);
    await settle();
    const reason = new Error('stop');
    context.stop(reason as never);
    await expect(prompt).rejects.toBe(reason);
  });
});

describe('@file', () => {
  it('reads a file, without its last line break', async () => {
    const cwd = await temporaryFolder();
    await writeFile(join(cwd, 'role.md'), 'be brief\n');
    expect(await textValue('@role.md', '--system', fakeContext({ cwd }))).toBe('be brief');
  });

  it.each([
    ['plain', 'plain'],
    ['@@handle', '@handle'],
    ['a@b', 'a@b'],
    ['', ''],
  ])('takes %j as it is', async (value, text) => {
    expect(await textValue(value, '--system', fakeContext())).toBe(text);
  });

  it('names the flag, the file and the reason when it cannot be read', async () => {
    const cwd = await temporaryFolder();
    await writeFile(join(cwd, 'latin1.txt'), Buffer.from([0xe9]));
    const read = (value: string) => textValue(value, '--system', fakeContext({ cwd }));
    await expect(read('@missing.md')).rejects.toThrow('cannot read --system @missing.md: no such file');
    await expect(read('@.')).rejects.toThrow('cannot read --system @.: it is a directory');
    await expect(read('@latin1.txt')).rejects.toThrow(
      '--system @latin1.txt is not UTF-8 text: byte 1 is 0xe9',
    );
    await expect(read('@')).rejects.toThrow('--system @ names no file');
    await expect(read('@a\u0000b')).rejects.toMatchObject({ kind: 'usage' });
  });

  it.each(['@-', '@/dev/stdin'])('%s is stdin, for one reader only', async (value) => {
    const context = fakeContext({ stdin: 'be brief\n' });
    expect(await textValue(value, '--system', context)).toBe('be brief');
    expect(await readPrompt(['hi'], context)).toBe('hi');
    await expect(readPrompt(['-'], context)).rejects.toMatchObject({
      kind: 'usage',
      message: 'stdin can be read once, but --system and the prompt both want it',
    });
  });
});
