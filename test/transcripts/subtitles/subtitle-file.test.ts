import { describe, expect, it } from 'vitest';
import { readSubtitles, withText } from '../../../src/transcripts/subtitles/subtitle-file.ts';
import { randomText, seeded } from './seeded.ts';

const vtt = `WEBVTT - a title
Kind: captions
Language: en

STYLE
::cue(b) { color: papayawhip }

REGION
id:fred
width:40%

NOTE one line

NOTE
several
lines

intro
00:01.500 --> 00:04.000 align:start position:10%
<v Ann>Hello &amp; welcome.</v>
- <i>Thanks.</i>

01:00:04.000 --> 01:00:05.250
<00:00:04.500>Fine.

NOTE the end
`;

const srt =
  '1\n00:00:01,500 --> 00:00:04,000\nHello.\n- <i>Hi.</i>\n\n2\n00:00:04,000 --> 00:00:05,250\nFine.\n';

/** The file in a shape that tests can be read by. */
function read(text: string): { format: string; cues: [number, number, string][] } | undefined {
  const file = readSubtitles(text);
  if (file === undefined) return undefined;
  return { format: file.format, cues: file.cues.map(({ start, end, text: said }) => [start, end, said]) };
}

function rewritten(text: string, texts: string[]): string {
  const file = readSubtitles(text);
  if (file === undefined) throw new Error('no subtitles');
  return texts.map((said, index) => withText(file, index, said)).join('') + (file.around.at(-1) ?? '');
}

describe('reading', () => {
  const srtCues = [
    [1.5, 4, 'Hello.\n- <i>Hi.</i>'],
    [4, 5.25, 'Fine.'],
  ];
  it.each([
    ['SubRip', srt],
    ['with CRLF', srt.replaceAll('\n', '\r\n')],
    ['with CR', srt.replaceAll('\n', '\r')],
    ['with a byte order mark', `\ufeff${srt}`],
    ['with a byte order mark and no numbers', `\ufeff${srt.replace(/^\d\n/gm, '')}`],
    ['with points', srt.replace(/,(\d{3})/g, '.$1')],
    ['without numbers', srt.replace(/^\d\n/gm, '')],
    ['with wrong numbers', srt.replace(/^\d\n/gm, '7\n')],
    ['with blank lines before', `\n\n${srt}`],
    ['with more blank lines between', srt.replace('\n\n', '\n\n \n\n')],
    ['without a blank line between', srt.replace('\n\n', '\n')],
    ['without an end of line', srt.trim()],
    ['with a blank line before a text', srt.replace('Hello', '\nHello')],
    ['with positions', srt.replace(',000\n', ',000 X1:40 X2:600 Y1:20 Y2:50\n')],
    ['with no spaces about the arrow', srt.replaceAll(' --> ', '-->')],
    ['without hours', srt.replaceAll('00:00:', '00:')],
  ])('%s', (_, text) => {
    expect(read(text)).toEqual({ format: 'srt', cues: srtCues });
  });

  it('WebVTT, whatever else is in it', () => {
    const cues = [
      [1.5, 4, '<v Ann>Hello &amp; welcome.</v>\n- <i>Thanks.</i>'],
      [3604, 3605.25, '<00:00:04.500>Fine.'],
    ];
    expect(read(vtt)).toEqual({ format: 'vtt', cues });
    expect(read(`\ufeff${vtt.replaceAll('\n', '\r\n')}`)).toEqual({ format: 'vtt', cues });
  });

  it.each<[what: string, text: string, cues: [number, number, string][]]>([
    ['only the signature', 'WEBVTT', []],
    ['only notes', 'WEBVTT\n\nNOTE nothing\n', []],
    ['a cue right below the header', 'WEBVTT\n00:01.000 --> 00:02.000\nx', [[1, 2, 'x']]],
    [
      'a bad time and its text',
      'WEBVTT\n\n00:01 -> 2\nx\n\n1 --> 2\ny\n\n00:03.000 --> 00:04.000\nz',
      [[3, 4, 'z']],
    ],
    ['a bad time that ends a text', 'WEBVTT\n\n00:03.000 --> 00:04.000\nz\na --> b\nc', [[3, 4, 'z']]],
    [
      'no blank line between',
      'WEBVTT\n\n00:01.000 --> 00:02.000\nx\n00:02.000 --> 00:03.000\ny',
      [
        [1, 2, 'x'],
        [2, 3, 'y'],
      ],
    ],
    [
      'no text',
      'WEBVTT\n\n00:01.000 --> 00:02.000\n\n00:02.000 --> 00:03.000',
      [
        [1, 2, ''],
        [2, 3, ''],
      ],
    ],
    ['100 hours', 'WEBVTT\n\n100:00:00.000 --> 100:00:01.000\nx', [[360_000, 360_001, 'x']]],
  ])('WebVTT with %s', (_, text, cues) => {
    expect(read(text)).toEqual({ format: 'vtt', cues });
  });

  it.each<[what: string, text: string, cues: [number, number, string][]]>([
    [
      'a blank line in a text',
      '1\n00:00:01,000 --> 00:00:02,000\na\n\nb\n\n2\n00:00:02,000 --> 00:00:03,000\nc',
      [
        [1, 2, 'a\n\nb'],
        [2, 3, 'c'],
      ],
    ],
    [
      'a number as its text',
      '1\n00:00:01,000 --> 00:00:02,000\n42\n\n2\n00:00:02,000 --> 00:00:03,000\n7\n',
      [
        [1, 2, '42'],
        [2, 3, '7'],
      ],
    ],
    ['an arrow in a text', '1\n00:00:01,000 --> 00:00:02,000\na --> b\n', [[1, 2, 'a --> b']]],
    ['short fractions', '1\n0:0:1,5 --> 0:0:2\na\n', [[1.5, 2, 'a']]],
    [
      'no text',
      '1\n00:00:01,000 --> 00:00:02,000\n\n2\n00:00:02,000 --> 00:00:03,000\n',
      [
        [1, 2, ''],
        [2, 3, ''],
      ],
    ],
    ['times backwards', '1\n00:00:05,000 --> 00:00:02,000\na\n', [[5, 2, 'a']]],
  ])('SubRip with %s', (_, text, cues) => {
    expect(read(text)).toEqual({ format: 'srt', cues });
  });

  it.each([
    ['nothing', ''],
    ['white space', ' \n\n'],
    ['prose', 'Hello there.\nHow are you?'],
    ['prose with times in it', `About SubRip\n\n${srt}`],
    ['a number', '1'],
    ['a number and prose', '1\nHello'],
    ['an arrow', 'a --> b'],
    ['half a time', '00:00:01,000 -->'],
    ['another signature', 'WEBVTTX\n\n00:01.000 --> 00:02.000\nx'],
    ['JSON', '{"text":"00:00:01,000 --> 00:00:02,000"}'],
  ])('not %s', (_, text) => {
    expect(readSubtitles(text)).toBeUndefined();
  });
});

describe('writing', () => {
  it('keeps all but the texts', () => {
    const expected = vtt
      .replace('<v Ann>Hello &amp; welcome.</v>\n- <i>Thanks.</i>', '<v Ann>안녕하세요.</v>')
      .replace('<00:00:04.500>Fine.', '좋아요.\n네.');
    expect(rewritten(vtt, ['<v Ann>안녕하세요.</v>', '좋아요.\n네.'])).toBe(expected);
  });

  it('keeps the line ends and the mark of the file', () => {
    const windows = `\ufeff${srt.replaceAll('\n', '\r\n')}`;
    const expected = windows.replace('Hello.\r\n- <i>Hi.</i>', 'a\r\nb').replace('Fine.', 'c');
    expect(rewritten(windows, ['a\nb', 'c'])).toBe(expected);
  });

  it.each<[what: string, file: string, text: string, written: string]>([
    ['a blank line', srt, 'a\n\nb', 'a\nb'],
    ['an arrow', srt, '00:00:01,000 --> 00:00:02,000', '00:00:01,000 -> 00:00:02,000'],
    ['a control character', srt, 'a\u0000\u202eb', 'ab'],
    ['markup', srt, '{\\an8}<i>a</i> & <b', '{\\an8}<i>a</i> & <b'],
    ['a blank line in WebVTT', vtt, 'a\r\n\r\nb', 'a\nb'],
    ['an arrow in WebVTT', vtt, 'a --> b', 'a --&gt; b'],
    [
      'tags and references of WebVTT',
      vtt,
      '<c.red>a</c> &amp; <00:01.000><v.x B&amp;C>b</v> &nbsp;&#39;',
      '<c.red>a</c> &amp; <00:01.000><v.x B&amp;C>b</v> &nbsp;&#39;',
    ],
    [
      'what is no tag of it',
      vtt,
      'a < b & c > d <script> <i',
      'a &lt; b &amp; c &gt; d &lt;script&gt; &lt;i',
    ],
    ['an arrow out of a tag', vtt, '<i --> x', '&lt;i --&gt; x'],
    ['an arrow in a tag', vtt, '<c --> x', '&lt;c --&gt; x'],
    ['no text', srt, '', ''],
  ])('makes %s harmless', (_, file, text, written) => {
    const first = readSubtitles(file)?.cues[0]?.text ?? '';
    const second = readSubtitles(file)?.cues[1]?.text ?? '';
    expect(rewritten(file, [text, second])).toBe(file.replace(first, () => written));
  });

  it.each([
    ['WEBVTT\n\n00:01.000 --> 00:02.000\n\n00:02.000 --> 00:03.000', ['a', 'b']],
    ['1\r\n00:00:01,000 --> 00:00:02,000\r\n\r\n2\r\n00:00:02,000 --> 00:00:03,000\r\n', ['a', 'b']],
    ['1\n00:00:01,000 --> 00:00:02,000\n2\n00:00:02,000 --> 00:00:03,000', ['a\nb', 'c']],
  ])('puts texts where there was none (%#)', (file, texts) => {
    const written = readSubtitles(rewritten(file, texts));
    expect(written?.cues.map(({ text }) => text)).toEqual(texts);
  });

  it.each([
    srt,
    vtt,
    srt.replaceAll('\n', '\r\n'),
    `\ufeff${vtt}`,
    srt.replace('Hello.', 'a\n\n\u202bb'),
    vtt.replace('Fine', '1 < 2'),
  ])('is the same file with the same texts (%#)', (file) => {
    const cues = readSubtitles(file)?.cues ?? [];
    expect(
      rewritten(
        file,
        cues.map(({ text }) => text),
      ),
    ).toBe(file);
  });

  it('keeps cues and times whatever is written', () => {
    const random = seeded(11);
    for (let run = 0; run < 300; run++) {
      const file = [srt, vtt, srt.replaceAll('\n', '\r\n'), vtt.replaceAll('\n', '\r')][run % 4] ?? '';
      const before = readSubtitles(file);
      const written = rewritten(file, [randomText(random, 12), randomText(random, 12)]);
      const after = readSubtitles(written);
      const times = (read: typeof before) => read?.cues.map(({ start, end }) => [start, end]);
      expect(times(after), written).toEqual(times(before));
      expect(written.match(/-->/g), written).toHaveLength(2);
    }
  });
});
