import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { currentRecording, path } from '../../scripts/recording/recording.mjs';
import { SCENES } from '../../scripts/recording/scenes.mjs';

describe('the recording of the README', () => {
  // It is made with the Node that runs the tests.
  it.skipIf(process.env['OAI_TEST_NODE'] !== undefined)(
    'shows what the program does today: `npm run docs` records it',
    { timeout: 120_000 },
    async () => {
      expect(await readFile(path, 'utf8')).toBe(await currentRecording());
    },
  );

  it('is small, plays without scripts, and rests for whoever wants no motion', async () => {
    const svg = await readFile(path, 'utf8');
    expect(Buffer.byteLength(svg)).toBeLessThan(60_000);
    expect(svg).not.toMatch(/<script|<foreignObject|\son\w+=|https?:(?!\/\/www\.w3\.org\/2000\/svg)/);
    expect(svg).toContain('@media(prefers-reduced-motion:reduce)');
    const seconds = Number(/animation:([\d.]+)s step-end/.exec(svg)?.[1]);
    expect(seconds).toBeGreaterThan(20);
    expect(seconds).toBeLessThan(31);
  });

  it('is told in words, and has every line that is typed', async () => {
    const svg = await readFile(path, 'utf8');
    const texts = svg.replace(/<style>[\s\S]*?<\/style>/, '').replace(/<[^>]*>/g, '');
    const shown = texts.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
    // The words that are drawn are apart from each other.
    const letters = (text: string) => text.replace(/\s/g, '');
    for (const line of SCENES.flatMap(({ lines }) => lines)) {
      expect(shown).toContain(line);
      expect(letters(shown).split(letters(line))).toHaveLength(3);
    }
  });
});
