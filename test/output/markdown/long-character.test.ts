import { expect, it } from 'vitest';
import { Lines, type LinesOptions } from '../../../src/output/markdown/lines.ts';
import { widthsFor } from '../../../src/output/markdown/width.ts';

it.each(['\u0301', '\u{1f468}\u200d'])(
  'takes long in time what is joined to %j without an end',
  async (unit) => {
    const text = `e${unit.repeat(40_000 / unit.length)}`;
    await widthsFor(text);
    const theme = { color: false, paint: (span: { text: string }) => span.text };
    const options = { theme, width: () => 80, margin: () => ({ text: '', width: 0 }) };
    const lines = new Lines(options as unknown as LinesOptions);
    const start = performance.now();
    for (let at = 0; at < text.length; at += 20) lines.add({ text: text.slice(at, at + 20), look: 0 });
    lines.end();
    expect(performance.now() - start).toBeLessThan(2500);
    expect(lines.take()).toBe(`${text}\n`);
  },
);
