import { describe, expect, it } from 'vitest';
import type { TimedWord } from '../../../src/transcripts/subtitles/cue.ts';
import { partTimes } from '../../../src/transcripts/subtitles/part-times.ts';
import { SpokenWords } from '../../../src/transcripts/subtitles/spoken-words.ts';

/** Words said one a second, each for half of it. */
function spoken(text: string, start = 0): TimedWord[] {
  return text.split(' ').map((word, index) => ({ word, start: start + index, end: start + index + 0.5 }));
}

/** The times of the parts as [start, end], to a millisecond. */
function timesOf(parts: string[], start: number, end: number, words: TimedWord[]): number[][] {
  const times = partTimes(parts, { start, end }, new SpokenWords(words));
  return times.map((time) => [time.start, time.end].map((seconds) => Math.round(seconds * 1000) / 1000));
}

describe('the times of the parts of a cue', () => {
  it.each<[what: string, parts: string[], words: TimedWord[], times: number[][]]>([
    [
      'the same words',
      ['one two', 'three four'],
      spoken('one two three four'),
      [
        [0, 1.5],
        [2, 6],
      ],
    ],
    [
      'without marks and case',
      ['One, two.', '“Three” four!'],
      spoken('one two three four'),
      [
        [0, 1.5],
        [2, 6],
      ],
    ],
    [
      'with a space before, as whisper has it',
      ['one two', 'three'],
      spoken('one two three').map((word) => ({ ...word, word: ` ${word.word}` })),
      [
        [0, 1.5],
        [2, 6],
      ],
    ],
    [
      'in any order',
      ['one two', 'three four'],
      spoken('one two three four').reverse(),
      [
        [0, 1.5],
        [2, 6],
      ],
    ],
    [
      'apostrophes',
      ["don't go", 'yet'],
      spoken('dont go yet'),
      [
        [0, 1.5],
        [2, 6],
      ],
    ],
    [
      'words of the cues around',
      ['the dog barks', 'at the cat'],
      [...spoken('and the', -1), ...spoken('dog barks at the cat', 1), ...spoken('the end', 6)],
      [
        [0, 2.5],
        [3, 6],
      ],
    ],
    [
      'a word that the text has not',
      ['one two', 'three four'],
      spoken('one uh two three four'),
      [
        [0, 2.5],
        [3, 6],
      ],
    ],
    [
      'Korean',
      ['안녕하세요 여러분,', '오늘은'],
      spoken('안녕하세요 여러분 오늘은'),
      [
        [0, 1.5],
        [2, 6],
      ],
    ],
    [
      'Japanese in other pieces',
      ['今日は、', '人工知能です。'],
      spoken('今 日 は 人工 知能 です'),
      [
        [0, 2.5],
        [3, 6],
      ],
    ],
    [
      'a word cut in two',
      ['abcd', 'efgh'],
      [{ word: 'abcdefgh', start: 1, end: 3 }],
      [
        [0, 2],
        [2, 6],
      ],
    ],
    [
      'accents composed or not',
      ['café', 'noir'],
      spoken('cafe\u0301 noir'),
      [
        [0, 0.5],
        [1, 6],
      ],
    ],
    [
      'wide letters',
      ['ＧＯ now', 'yet'],
      spoken('go now yet'),
      [
        [0, 1.5],
        [2, 6],
      ],
    ],
    [
      'the same words before',
      ['one two', 'three four'],
      [...spoken('one two three four', -50), ...spoken('one two three four')],
      [
        [0, 1.5],
        [2, 6],
      ],
    ],
    [
      'a short word that is only in another',
      ['go now please', 'then stop'],
      spoken('go now the'),
      [
        [0, 3.429],
        [3.429, 6],
      ],
    ],
    [
      'other words: by width',
      ['one two', 'three four'],
      spoken('eins zwei drei'),
      [
        [0, 2.471],
        [2.471, 6],
      ],
    ],
    [
      'no words: by width',
      ['aa', 'bbbb'],
      [],
      [
        [0, 2],
        [2, 6],
      ],
    ],
    [
      'words of another time',
      ['one two', 'three four'],
      spoken('one two three four', 100),
      [
        [0, 2.471],
        [2.471, 6],
      ],
    ],
    [
      'words without letters',
      ['aa', 'bbbb'],
      [{ word: '...', start: 1, end: 5 }],
      [
        [0, 2],
        [2, 6],
      ],
    ],
    [
      'text without letters',
      ['!!', '!!!!'],
      spoken('one two'),
      [
        [0, 2],
        [2, 6],
      ],
    ],
    [
      'all words at one time',
      ['aa', 'bbbb'],
      [
        { word: 'aa', start: 0, end: 0 },
        { word: 'bbbb', start: 0, end: 0 },
      ],
      [
        [0, 2],
        [2, 6],
      ],
    ],
    [
      'words past the end',
      ['aa', 'bbbb'],
      [
        { word: 'aa', start: 0, end: 6.5 },
        { word: 'bbbb', start: 6.5, end: 7 },
      ],
      [
        [0, 2],
        [2, 6],
      ],
    ],
    [
      'an end before its start',
      ['aa', 'bbbb'],
      [
        { word: 'aa', start: 3, end: 2 },
        { word: 'bbbb', start: 2.5, end: 3 },
      ],
      [
        [0, 2],
        [2, 6],
      ],
    ],
  ])('%s', (_, parts, words, times) => {
    expect(timesOf(parts, 0, 6, words)).toEqual(times);
  });

  it('finds its way again after words that differ', () => {
    const parts = ['We saw the colour of the sky', 'and then everybody went home'];
    const words = spoken('We saw the color of the sky and then everybody went home');
    expect(timesOf(parts, 0, 13, words)).toEqual([
      [0, 6.5],
      [7, 13],
    ]);
  });

  it('leaves out only the pause that has no room', () => {
    const words = [
      { word: 'one', start: 0, end: 1 },
      { word: 'two', start: 1, end: 1 },
      { word: 'three', start: 1, end: 3 },
      { word: 'four', start: 4, end: 5 },
    ];
    expect(timesOf(['one', 'two', 'three', 'four'], 0, 6, words)).toEqual([
      [0, 1],
      [1, 1.75],
      [1.75, 3],
      [4, 6],
    ]);
  });

  it.each([
    [
      'no time',
      3,
      3,
      [
        [3, 3],
        [3, 3],
      ],
    ],
    [
      'an end before the start',
      3,
      1,
      [
        [3, 3],
        [3, 3],
      ],
    ],
  ])('with %s', (_, start, end, times) => {
    expect(timesOf(['a', 'b'], start, end, spoken('a b'))).toEqual(times);
  });
});
