import { describe, expect, it } from 'vitest';
import { linesOf } from '../../src/tokens/lines.ts';

async function lines(...pieces: (string | Uint8Array)[]): Promise<string[]> {
  async function* given() {
    for (const piece of pieces) yield Buffer.from(piece);
  }
  const found: string[] = [];
  for await (const line of linesOf(given(), 'stdin')) found.push(line);
  return found;
}

describe('lines', () => {
  it.each<[string, (string | Uint8Array)[], string[]]>([
    ['nothing', [], []],
    ['one', ['a\n'], ['a']],
    ['one without its end', ['a'], ['a']],
    ['empty ones', ['a\n\n\nb\n'], ['a', '', '', 'b']],
    ['those of Windows', ['a\r\nb\r\n'], ['a', 'b']],
    ['pieces', ['a', 'b\nc', 'd', '\ne'], ['ab', 'cd', 'e']],
    ['a character that is cut', [Buffer.from('고').subarray(0, 1), Buffer.from('고').subarray(1)], ['고']],
  ])('of %s', async (_, pieces, expected) => {
    expect(await lines(...pieces)).toEqual(expected);
  });

  it.each([
    ['bytes that are no text', [Uint8Array.of(0xff, 0x0a)]],
    ['a character that never ends', [Buffer.from('고').subarray(0, 2)]],
  ])('refuse %s', async (_, pieces) => {
    await expect(lines(...pieces)).rejects.toThrow('stdin is not UTF-8 text');
  });
});
