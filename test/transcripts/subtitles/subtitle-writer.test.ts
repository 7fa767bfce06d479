import { describe, expect, it } from 'vitest';
import type { Cue } from '../../../src/transcripts/subtitles/cue.ts';
import { readSubtitles } from '../../../src/transcripts/subtitles/subtitle-file.ts';
import { SubtitleWriter } from '../../../src/transcripts/subtitles/subtitle-writer.ts';
import { randomText, seeded } from './seeded.ts';

const srtText = (cues: readonly Cue[]) => new SubtitleWriter('srt').push(cues);
const vttText = (cues: readonly Cue[]) => new SubtitleWriter('vtt').push(cues);

const two: Cue[] = [
  { start: 1.5, end: 4, text: 'Hello.\nHow are you?' },
  { start: 4, end: 5.25, text: 'Fine.', speaker: 'Ann' },
];

describe('a file', () => {
  it('is SubRip', () => {
    expect(srtText(two)).toBe(
      '1\n00:00:01,500 --> 00:00:04,000\nHello.\nHow are you?\n\n2\n00:00:04,000 --> 00:00:05,250\nAnn: Fine.\n',
    );
  });

  it('is WebVTT', () => {
    expect(vttText(two)).toBe(
      'WEBVTT\n\n00:00:01.500 --> 00:00:04.000\nHello.\nHow are you?\n\n00:00:04.000 --> 00:00:05.250\n<v Ann>Fine.\n',
    );
  });

  it('without cues is empty, or a header', () => {
    expect([srtText([]), vttText([])]).toEqual(['', 'WEBVTT\n']);
  });

  it.each(['srt', 'vtt'] as const)('is the same in pieces (%s)', (format) => {
    const cues = [...two, { start: 6, end: 7, text: ' ' }, { start: 8, end: 9, text: 'Good.' }];
    const writer = new SubtitleWriter(format);
    const pieces = [[], cues.slice(0, 1), [], cues.slice(1, 3), cues.slice(3), []].map((part) =>
      writer.push(part),
    );
    expect(pieces.join('')).toBe(format === 'srt' ? srtText(cues) : vttText(cues));
    expect(pieces[4]).toMatch(format === 'srt' ? /^\n3\n/ : /^\n00:00:08/);
  });
});

describe('times', () => {
  it.each<[what: string, times: [start: number, end: number][], written: string[]]>([
    ['rounds to milliseconds', [[0.0004, 1.0006]], ['00:00:00,000 --> 00:00:01,001']],
    ['carries over', [[59.9996, 3599.9999]], ['00:01:00,000 --> 01:00:00,000']],
    ['100 hours', [[360_000, 360_001.5]], ['100:00:00,000 --> 100:00:01,500']],
    ['before the beginning', [[-2, 1]], ['00:00:00,000 --> 00:00:01,000']],
    ['an end before the start', [[3, 2]], ['00:00:03,000 --> 00:00:03,001']],
    ['no length', [[3, 3]], ['00:00:03,000 --> 00:00:03,001']],
    ['no numbers', [[Number.NaN, Number.POSITIVE_INFINITY]], ['00:00:00,000 --> 00:00:00,001']],
    [
      'overlapping',
      [
        [1, 5],
        [2, 3],
      ],
      ['00:00:01,000 --> 00:00:05,000', '00:00:02,000 --> 00:00:03,000'],
    ],
    [
      'backwards',
      [
        [4, 5],
        [2, 3],
      ],
      ['00:00:02,000 --> 00:00:03,000', '00:00:04,000 --> 00:00:05,000'],
    ],
  ])('%s', (_, times, written) => {
    const text = srtText(times.map(([start, end]) => ({ start, end, text: 'x' })));
    expect(text.match(/^.*-->.*$/gm)).toEqual(written);
  });

  it('moves a cue that comes too late, and keeps its length', () => {
    const writer = new SubtitleWriter('vtt');
    writer.push([{ start: 10, end: 12, text: 'one' }]);
    expect(writer.push([{ start: 5, end: 8, text: 'two' }])).toBe('\n00:00:10.000 --> 00:00:13.000\ntwo\n');
    expect(writer.push([{ start: 9, end: 11, text: 'three' }])).toBe(
      '\n00:00:10.000 --> 00:00:11.000\nthree\n',
    );
  });
});

describe('texts', () => {
  it.each<[what: string, text: string, srt: string, vtt: string]>([
    ['blank lines', '\n one\n\n \t\ntwo \n\n', 'one\ntwo', 'one\ntwo'],
    ['other line ends', 'a\r\nb\rc\u2028d\u2029e\u0085f\vg', 'a\nb\nc\nd\ne\nf\ng', 'a\nb\nc\nd\ne\nf\ng'],
    [
      'arrows',
      'a --> b ---> c <-- d -->> e',
      'a -> b -> c <-- d ->> e',
      'a --&gt; b ---&gt; c &lt;-- d --&gt;&gt; e',
    ],
    ['an arrow with something in it', '-\u0000-\u200e>-\u202e->', '--\u200e>->', '--\u200e&gt;--&gt;'],
    ['markup', '<i>5 < 6 & "7"</i>', '<i>5 < 6 & "7"</i>', '&lt;i&gt;5 &lt; 6 &amp; "7"&lt;/i&gt;'],
    ['references', '&lt; &amp;', '&lt; &amp;', '&amp;lt; &amp;amp;'],
    ['control characters', 'a\u0000b\u001b[31mc\u0007\u007f\u009bd', 'ab[31mcd', 'ab[31mcd'],
    ['turned text', '\u202eabc\u202c \u2066def\u2069', 'abc def', 'abc def'],
    ['Arabic marks', 'مرحبا\u200f!', 'مرحبا\u200f!', 'مرحبا\u200f!'],
    ['joined emoji', '👨‍👩‍👧', '👨‍👩‍👧', '👨‍👩‍👧'],
    ['a line that shows nothing', 'a\n\u200b\u00ad\nb', 'a\nb', 'a\nb'],
    ['words of the format', 'NOTE\nSTYLE\n12\nWEBVTT', 'NOTE\nSTYLE\n12\nWEBVTT', 'NOTE\nSTYLE\n12\nWEBVTT'],
  ])('%s', (_, text, srt, vtt) => {
    const cues = [{ start: 0, end: 1, text }];
    expect(srtText(cues)).toBe(`1\n00:00:00,000 --> 00:00:01,000\n${srt}\n`);
    expect(vttText(cues)).toBe(`WEBVTT\n\n00:00:00.000 --> 00:00:01.000\n${vtt}\n`);
  });

  it.each(['', ' \n ', '\u200b', '\u0000', '\u202e'])('leaves out %j', (text) => {
    const cues = [{ start: 0, end: 1, text, speaker: 'A' }, ...two];
    expect(srtText(cues)).toBe(srtText(two));
    expect(vttText(cues)).toBe(vttText(two));
  });

  it.each([
    ['A\n\nB', 'A B: x', '<v A B>x'],
    ['A > <B> & C', 'A > <B> & C: x', '<v A &gt; &lt;B&gt; &amp; C>x'],
    ['0 --> 1', '0 -> 1: x', '<v 0 --&gt; 1>x'],
    [' \n', 'x', 'x'],
  ])('a speaker %j', (speaker, srt, vtt) => {
    const cues = [{ start: 0, end: 1, text: 'x', speaker }];
    expect(srtText(cues).split('\n').slice(2)).toEqual([srt, '']);
    expect(vttText(cues).split('\n').slice(3)).toEqual([vtt, '']);
  });
});

it.each(['srt', 'vtt'] as const)('writes any text so that it can be read again (%s)', (format) => {
  const random = seeded(7);
  for (let run = 0; run < 300; run++) {
    const cues = Array.from({ length: 1 + Math.floor(random() * 4) }, () => {
      const start = random() * 5000;
      return {
        start,
        end: start + random() * 5 - 1,
        text: `x${randomText(random, 12)}`,
        speaker: randomText(random, 2),
      };
    });
    const file = format === 'srt' ? srtText(cues) : vttText(cues);
    const read = readSubtitles(file);
    expect(read?.format).toBe(format);
    expect(read?.cues, file).toHaveLength(cues.length);
    expect(file.match(/-->/g), file).toHaveLength(cues.length);
    expect(file).not.toMatch(/\n\n\n/);
    expect(file.endsWith('\n') && !file.endsWith('\n\n')).toBe(true);
    let last = 0;
    for (const cue of read?.cues ?? []) {
      expect(cue.start).toBeGreaterThanOrEqual(last);
      expect(cue.end).toBeGreaterThan(cue.start);
      last = cue.start;
    }
  }
});
