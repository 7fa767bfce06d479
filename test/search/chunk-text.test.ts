import { describe, expect, it } from 'vitest';
import { chunkText } from '../../src/search/chunk-text.ts';
import { countCl100k } from '../../src/tokens/cl100k.ts';

const small = { chunkTokens: 40, overlap: 8 };

/** Paragraphs that are all different, of two sentences each. */
function essay(paragraphs: number): string[] {
  return Array.from(
    { length: paragraphs },
    (_, at) => `Paragraph ${at} tells of thing ${at * 7}. It has a second sentence, number ${at * 13}.`,
  );
}

describe('chunks', () => {
  it.each<[string, string, object[]]>([
    ['nothing', '', []],
    ['space', ' \n\n\t\n', []],
    ['a line', 'hello', [{ text: 'hello', from: 1, to: 1 }]],
    ['a line with its end', 'hello\n', [{ text: 'hello', from: 1, to: 1 }]],
    ['lines', 'one\ntwo\r\nthree\n', [{ text: 'one\ntwo\r\nthree', from: 1, to: 3 }]],
    ['empty lines around', '\n \n  x\n\ny\n\n', [{ text: '  x\n\ny', from: 3, to: 5 }]],
    ['Korean', '고양이가 잔다.\n', [{ text: '고양이가 잔다.', from: 1, to: 1 }]],
  ])('of %s', (_, text, chunks) => {
    expect(chunkText(text, small)).toEqual(chunks.map((chunk) => expect.objectContaining(chunk)));
  });

  it('have no more tokens than they may, and leave nothing out', () => {
    const text = essay(60).join('\n\n');
    const chunks = chunkText(text, small);
    expect(chunks.length).toBeGreaterThan(20);
    for (const chunk of chunks) {
      expect(chunk.tokens).toBeLessThanOrEqual(40);
      expect(countCl100k(chunk.text)).toBeLessThanOrEqual(chunk.tokens);
    }
    for (const sentence of text.split(/(?<=\.)\s+/)) {
      expect(chunks.some((chunk) => chunk.text.includes(sentence))).toBe(true);
    }
  });

  it('say in which lines they stand', () => {
    const text = essay(30).join('\n\n');
    const lines = text.split('\n');
    for (const { text: chunk, from, to } of chunkText(text, { chunkTokens: 60, overlap: 0 })) {
      expect(lines.slice(from - 1, to).join('\n')).toContain(chunk);
    }
  });

  it('end where paragraphs end', () => {
    for (const { text } of chunkText(essay(30).join('\n\n'), { chunkTokens: 80, overlap: 0 })) {
      expect(text).toMatch(/number \d+\.$/);
    }
  });

  it('begin with the last sentence of the one before', () => {
    const chunks = chunkText(essay(30).join('\n\n'), { chunkTokens: 80, overlap: 20 });
    for (const [at, { text }] of chunks.slice(1).entries()) {
      const [first = ''] = text.split('\n');
      expect(chunks[at]?.text.endsWith(first)).toBe(true);
    }
  });

  it('do not end with a heading', () => {
    const text = essay(40)
      .map((paragraph, at) => `## Part ${at}\n\n${paragraph}`)
      .join('\n\n');
    for (const chunk of chunkText(text, { chunkTokens: 80, overlap: 0 })) {
      expect(chunk.text).not.toMatch(/## Part \d+$/);
    }
  });

  it('are made of one long line, too, in time that grows with it', () => {
    const line = 'word '.repeat(40_000);
    const chunks = chunkText(line, { chunkTokens: 400, overlap: 40 });
    expect(chunks.length).toBeGreaterThan(100);
    for (const { tokens, from, to } of chunks) {
      expect(tokens).toBeLessThanOrEqual(400);
      expect([from, to]).toEqual([1, 1]);
    }
  });

  it('have no overlap where a sentence needs the room', () => {
    const sentence = (at: number) => `Number ${at} ${'goes on and on '.repeat(9)}here.`;
    const text = Array.from({ length: 20 }, (_, at) => sentence(at)).join(' ');
    const chunks = chunkText(text, { chunkTokens: 45, overlap: 20 });
    expect(chunks).toHaveLength(20);
    for (const { tokens } of chunks) expect(tokens).toBeLessThanOrEqual(45);
  });

  it('are made of a word that has no end', () => {
    const chunks = chunkText('가'.repeat(500), small);
    expect(chunks.map(({ text }) => text).join('')).toBe('가'.repeat(500));
  });

  it.each<[string, (paragraphs: string[]) => string[]]>([
    ['a paragraph is put in front', (all) => ['A new beginning, which was not there before.', ...all]],
    ['one in the middle changes', (all) => all.with(100, 'Something else altogether stands here now.')],
    ['one is taken out', (all) => all.toSpliced(50, 1)],
  ])('are for the most part the same when %s', (_, edit) => {
    const before = chunkText(essay(200).join('\n\n'), { chunkTokens: 100, overlap: 20 });
    const known = new Set(before.map(({ text }) => text));
    const after = chunkText(edit(essay(200)).join('\n\n'), { chunkTokens: 100, overlap: 20 });
    expect(before.length).toBeGreaterThan(60);
    expect(after.filter(({ text }) => !known.has(text)).length).toBeLessThan(12);
  });
});
