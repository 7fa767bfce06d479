import { describe, expect, it } from 'vitest';
import { TextStream } from '../../src/output/text.ts';
import { CapturedOutput } from '../support/context.ts';

const settle = () => new Promise((resolve) => setImmediate(resolve));

async function written(pieces: readonly string[], isTTY = false): Promise<CapturedOutput> {
  const out = new CapturedOutput({ isTTY });
  const text = new TextStream(out);
  for (const piece of pieces) {
    text.write(piece);
    await settle();
  }
  await text.end();
  return out;
}

describe('streamed text', () => {
  it('is written as it arrives', async () => {
    expect((await written(['Hel', 'lo', '\n'])).writes).toEqual(['Hel', 'lo', '\n']);
  });

  it('is written at once when it came in one packet', async () => {
    const out = new CapturedOutput();
    const text = new TextStream(out);
    text.write('Hel');
    text.write('lo');
    expect(out.writes).toEqual([]);
    await settle();
    expect(out.writes).toEqual(['Hello']);
  });

  it.each([
    ['lacks a line break', ['a'], 'a\n'],
    ['has one', ['a\n'], 'a\n'],
    ['is empty', [], ''],
    ['is empty pieces', ['', ''], ''],
  ])('ends with one line break when it %s', async (_, pieces, text) => {
    expect((await written(pieces)).text).toBe(text);
  });

  it('puts a character together that was cut between two pieces', async () => {
    const [high, low] = ['\ud83d', '\ude00'];
    expect((await written([`a${high}`, `${low}b`])).text).toBe('a😀b\n');
  });

  it('is untouched in a pipe and inert on a terminal', async () => {
    const pieces = ['\u001b[3', '1mred\r', '\n'];
    expect((await written(pieces)).text).toBe('\u001b[31mred\r\n');
    expect((await written(pieces, true)).text).toBe('␛[31mred\n');
  });

  it('tells a quick writer to wait for a slow reader', async () => {
    let drained: () => void = () => {};
    const out = Object.assign(new CapturedOutput(), {
      write: () => new Promise<void>((resolve) => (drained = resolve)),
    });
    const text = new TextStream(out as unknown as CapturedOutput);
    expect(text.write('a')).toBeUndefined();
    await settle();
    const wait = text.write('b');
    expect(wait).toBeInstanceOf(Promise);
    drained();
    await wait;
  });
});
