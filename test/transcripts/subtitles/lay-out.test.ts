import { describe, expect, it } from 'vitest';
import { columnsOf, graphemesOf } from '../../../src/transcripts/subtitles/columns.ts';
import type { TimedWord } from '../../../src/transcripts/subtitles/cue.ts';
import { type Layout, layOut } from '../../../src/transcripts/subtitles/lay-out.ts';
import { randomText, seeded } from './seeded.ts';

function textsOf(text: string, layout: Layout): string[] {
  return layOut([{ start: 0, end: 10, text }], layout).map((cue) => cue.text);
}

const unspaced = (text: string) => text.replace(/\s+/g, '');

describe('lines', () => {
  it.each<[what: string, text: string, layout: Layout, texts: string[]]>([
    ['without limits, one line', ' one\ntwo \r\n\n three ', {}, ['one two three']],
    ['a line that fits stays', 'just as wide as that', { maxLine: 20 }, ['just as wide as that']],
    ['one that does not is broken', 'just as wide as that', { maxLine: 19 }, ['just as wide\nas that']],
    ['line breaks that came in go', 'one\ntwo', { maxLine: 20 }, ['one two']],
    ['no lonely last word', 'aaaaaaaaaa bbbbbbbbbb cc', { maxLine: 21 }, ['aaaaaaaaaa\nbbbbbbbbbb cc']],
    [
      'nor on the third line',
      'twenty-one-columns-ab bbbbbbbbb cccccccccc d',
      { maxLine: 21, maxLines: 3 },
      ['twenty-one-columns-ab\nbbbbbbbbb\ncccccccccc d'],
    ],
    [
      'lines alone: of 42 columns',
      'The quick brown fox jumps over the lazy dog, and then it runs away. Nobody knows where it went.',
      { maxLines: 2 },
      ['The quick brown fox jumps over the\nlazy dog, and then it runs away.', 'Nobody knows where it went.'],
    ],
    ['42 columns exactly', 'x'.repeat(42), { maxLines: 1 }, ['x'.repeat(42)]],
    ['43 columns', `${'x'.repeat(20)} ${'y'.repeat(22)}`, { maxLines: 1 }, ['x'.repeat(20), 'y'.repeat(22)]],
    [
      'Korean at spaces',
      '오늘은 인공지능이 우리의 일상을',
      { maxLine: 18 },
      ['오늘은 인공지능이\n우리의 일상을'],
    ],
    ['a Korean particle stays', '가 民國에서는', { maxLine: 12 }, ['가\n民國에서는']],
    ['French marks go first', 'Bonjour « longtemps »', { maxLine: 11 }, ['Bonjour «\nlongtemps »']],
    [
      'Japanese between words, marks kept to them',
      'こんにちは、皆さん。今日は「人工知能」です。',
      { maxLine: 24 },
      ['こんにちは、皆さん。今日\nは「人工知能」です。'],
    ],
    ['no line begins with a mark', '首先看翻译。', { maxLine: 10 }, ['首先看\n翻译。']],
    ['nor ends with an opening one', '今日「東京」', { maxLine: 6 }, ['今日\n「東', '京」']],
    ['Thai between words', 'วันนี้เราจะมาพูดคุย', { maxLine: 12 }, ['วันนี้เราจะ\nมาพูดคุย']],
    ['Arabic', 'مرحبا بكم جميعا، اليوم', { maxLine: 16 }, ['مرحبا بكم\nجميعا، اليوم']],
    ['an ideographic space stays', '東京　大阪', { maxLine: 20 }, ['東京　大阪']],
    ['a no-break space is not broken', 'aaa bbb\u00a0ccc', { maxLine: 9 }, ['aaa\nbbb\u00a0ccc']],
    ['a no-break space among others', 'aaa \u00a0\n bbb', {}, ['aaa bbb']],
    ['French marks stay', 'Bonjour ! Vous', { maxLine: 9 }, ['Bonjour !\nVous']],
    ['French quotes stay', 'dit « oui » là', { maxLine: 8, maxLines: 3 }, ['dit\n« oui »\nlà']],
    ['a long word is cut', 'abcdefghij', { maxLine: 4 }, ['abc\nde', 'fgh\nij']],
    ['not within an emoji', '👨‍👩‍👧‍👦👨‍👩‍👧‍👦👍🏽', { maxLine: 4 }, ['👨‍👩‍👧‍👦👨‍👩‍👧‍👦\n👍🏽']],
    ['a wide character in a narrow line', '가나', { maxLine: 1 }, ['가\n나']],
    ['only marks', '！！！！', { maxLine: 4, maxLines: 1 }, ['！！', '！！']],
    ['empty', '', { maxLine: 10 }, []],
    ['blank', ' \n\t', {}, []],
  ])('%s', (_, text, layout, texts) => {
    expect(textsOf(text, layout)).toEqual(texts);
  });
});

describe('several cues of one', () => {
  it.each<[what: string, text: string, layout: Layout, texts: string[]]>([
    [
      'after a sentence',
      'It rained. We all went home and slept until noon.',
      { maxLine: 20 },
      ['It rained.', 'We all went home and\nslept until noon.'],
    ],
    [
      'after a clause',
      'When it rains, all of us go home and sleep well',
      { maxLine: 20 },
      ['When it rains,', 'all of us go home\nand sleep well'],
    ],
    ['in Thai at a space', 'สวัสดีทุกคน วันนี้เราจะมา', { maxLine: 16, maxLines: 1 }, ['สวัสดีทุกคน', 'วันนี้เราจะมา']],
    [
      'in Chinese',
      '今天很好。我们去公园散步',
      { maxLine: 14, maxLines: 1 },
      ['今天很好。', '我们去公园散步'],
    ],
    [
      'after a quotation',
      '“Go home.” And so all of us went',
      { maxLine: 21, maxLines: 1 },
      ['“Go home.”', 'And so all of us went'],
    ],
    [
      'no lonely word',
      'one two three four five six',
      { maxLine: 23, maxLines: 1 },
      ['one two three', 'four five six'],
    ],
  ])('%s', (_, text, layout, texts) => {
    expect(textsOf(text, layout)).toEqual(texts);
  });

  it('keeps the speaker, and shares the time out by width', () => {
    const cue = { start: 4, end: 10, text: 'aaaa bbbbbbbb', speaker: 'A' };
    expect(layOut([cue], { maxLine: 8, maxLines: 1 })).toEqual([
      { start: 4, end: 6, text: 'aaaa', speaker: 'A' },
      { start: 6, end: 10, text: 'bbbbbbbb', speaker: 'A' },
    ]);
  });

  it('takes the times of the words', () => {
    const words = [
      { word: 'Aaaa', start: 4.2, end: 5 },
      { word: 'bbbbbbbb', start: 7.5, end: 9 },
    ];
    expect(
      layOut([{ start: 4, end: 10, text: 'aaaa, bbbbbbbb.' }], { maxLine: 9, maxLines: 1 }, words),
    ).toEqual([
      { start: 4, end: 5, text: 'aaaa,' },
      { start: 7.5, end: 10, text: 'bbbbbbbb.' },
    ]);
  });

  it('leaves other cues as they are, overlapping and backwards too', () => {
    const cues = [
      { start: 5, end: 9, text: 'one' },
      { start: 7, end: 8, text: 'two' },
      { start: 2, end: 1, text: 'three' },
    ];
    expect(layOut(cues, { maxLine: 10 })).toEqual(cues);
  });

  it('takes a cue of an hour', () => {
    const text = 'All of this is said without a stop, again and again. '.repeat(2000);
    const cues = layOut([{ start: 0, end: 3600, text }], { maxLines: 2 });
    expect(cues).toHaveLength(2000);
    expect(cues.at(-1)).toMatchObject({ end: 3600 });
  });
});

describe('any text', () => {
  const random = seeded(20261121);
  for (let run = 0; run < 400; run++) {
    const text = randomText(random, 40);
    const maxLine = 2 + Math.floor(random() * 45);
    const maxLines = 1 + Math.floor(random() * 3);
    const start = Math.round(random() * 1e6) / 100;
    const end = start + random() * 20;
    const words: TimedWord[] =
      run % 3 === 0
        ? []
        : text.split(/\s+/).map((word) => {
            const from = start + (random() * 1.4 - 0.2) * (end - start);
            return { word, start: from, end: from + random() - 0.1 };
          });
    const cues = layOut([{ start, end, text }], { maxLine, maxLines }, words);
    const about = `run ${run}: ${JSON.stringify(text)} at ${maxLine} x ${maxLines}`;

    it(`is kept, in width and in time (${run})`, () => {
      expect(unspaced(cues.map((cue) => cue.text).join('')), about).toBe(unspaced(text));
      let last = start;
      for (const cue of cues) {
        const lines = cue.text.split('\n');
        expect(lines.length, about).toBeLessThanOrEqual(maxLines);
        for (const line of lines) {
          expect(line.trim(), about).not.toBe('');
          if (graphemesOf(line).length > 1) expect(columnsOf(line), about).toBeLessThanOrEqual(maxLine);
        }
        expect(cue.start, about).toBeGreaterThanOrEqual(last);
        expect(cue.end, about).toBeGreaterThan(cue.start);
        last = cue.end;
      }
      if (cues.length > 0) expect(last, about).toBe(end);
    });
  }

  it('has two lines of the smallest width there is', () => {
    for (let run = 0; run < 300; run++) {
      const words = Array.from({ length: 2 + Math.floor(random() * 8) }, () =>
        'x'.repeat(1 + Math.floor(random() * 9)),
      );
      const whole = words.join(' ').length;
      const widths = words.slice(1).map((_, cut) => {
        const first = words.slice(0, cut + 1).join(' ').length;
        return Math.max(first, whole - first - 1);
      });
      const least = Math.min(...widths);
      const [cue] = layOut([{ start: 0, end: 1, text: words.join(' ') }], { maxLine: whole - 1 });
      const lines = cue?.text.split('\n') ?? [];
      expect(lines, words.join(' ')).toHaveLength(2);
      expect(Math.max(...lines.map((line) => line.length))).toBe(least);
    }
  });
});
