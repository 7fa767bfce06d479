import { describe, expect, it } from 'vitest';
import type { SubtitleFormat } from '../../../src/transcripts/subtitles/cue-text.ts';
import type { Layout } from '../../../src/transcripts/subtitles/lay-out.ts';
import { plainLine, readMarkup } from '../../../src/transcripts/subtitles/markup.ts';
import { rewriting } from '../../../src/transcripts/subtitles/rewrite.ts';
import { readSubtitles } from '../../../src/transcripts/subtitles/subtitle-file.ts';

/** The file with its own texts. */
function rewritten(text: string, format: SubtitleFormat, layout: Layout = {}): string {
  const file = readSubtitles(text);
  if (file === undefined) throw new Error('no subtitles');
  const rewrites = rewriting(file, format, layout);
  return rewrites.cues.map((cue) => rewrites.add(cue.text)).join('') + rewrites.end();
}

const srt = (...texts: string[]) =>
  texts.map((text, at) => `${at + 1}\n00:00:0${at},000 --> 00:00:0${at + 1},000\n${text}\n`).join('\n');
const vtt = (...texts: string[]) =>
  `WEBVTT\n${texts.map((text, at) => `\n00:00:0${at}.000 --> 00:00:0${at + 1}.000\n${text}\n`).join('')}`;

const noted = `WEBVTT - a title
Kind: captions

STYLE
::cue(b) { color: papayawhip }

NOTE one

intro
00:01.500 --> 00:04.000 align:start position:10%
<v Ann>Hello &amp; welcome.</v>

NOTE two

00:04.000 --> 00:05.250
Fine.

NOTE the end
`;

describe('to SubRip', () => {
  it.each([
    ['references', 'AT&amp;T &lt;3 a&nbsp;b &#233; &#xe9;', 'AT&T <3 a\u00a0b é é'],
    ['a reference that is none', '&what; &#0; &', '&what; &#0; &'],
    ['a voice', '<v Ann>Hello.</v>', 'Ann: Hello.'],
    ['a voice with a class and a reference', '<v.loud Ann &amp; Bob>Hello.', 'Ann & Bob: Hello.'],
    ['two voices', '<v Ann>Hi.</v>\n<v Bob>Hello.</v>', 'Ann: Hi.\nBob: Hello.'],
    ['italics, bold and underlined', '<i>a</i> <B>b</B> <u.x>c</u>', '<i>a</i> <b>b</b> <u>c</u>'],
    ['what SubRip has not', '<c.yellow>a</c> <lang en>b</lang> <00:00:00.500>c', 'a b c'],
    ['lines', '- Hi.\n- Hello.', '- Hi.\n- Hello.'],
    ['what is no tag', 'a < b > c', 'a < b > c'],
  ])('WebVTT keeps or leaves out %s', (_, text, expected) => {
    expect(rewritten(vtt(text), 'srt')).toBe(srt(expected));
  });

  it('brings what is in another order into that of the times', () => {
    const [first, second] = [
      '1\n00:00:05,000 --> 00:00:06,000\nb\n',
      '2\n00:00:01,000 --> 00:00:02,000\na\n',
    ];
    expect(rewritten(`${first}\n${second}`, 'vtt')).toBe(
      'WEBVTT\n\n00:00:01.000 --> 00:00:02.000\na\n\n00:00:05.000 --> 00:00:06.000\nb\n',
    );
  });
});

describe('to WebVTT', () => {
  it.each([
    ['italics', '<i>a</i> & b', '<i>a</i> &amp; b'],
    ['where it is shown', '{\\an8}Up.', 'Up.'],
    ['colours', '<font color="#fff">a</font>', 'a'],
    ['breaks', 'a<br/>b', 'a\nb'],
    ['what is no tag', '1 < 2 <3', '1 &lt; 2 &lt;3'],
    ['lines', '- Hi.\n- Hello.', '- Hi.\n- Hello.'],
  ])('SubRip keeps or leaves out %s', (_, text, expected) => {
    expect(rewritten(srt(text), 'vtt')).toBe(vtt(expected));
  });

  it('has a header without cues as well', () => {
    const file = { format: 'srt', cues: [], around: [''] } as const;
    expect(rewriting(file, 'vtt', {}).end()).toBe('WEBVTT\n');
  });
});

describe('laid out anew', () => {
  it('escapes once', () => {
    expect(rewritten(vtt('AT&amp;T'), 'vtt', { maxLine: 40 })).toBe(vtt('AT&amp;T'));
  });

  it('keeps notes, styles, settings and voices', () => {
    expect(rewritten(noted, 'vtt', { maxLine: 40 })).toBe(`WEBVTT - a title
Kind: captions

STYLE
::cue(b) { color: papayawhip }

NOTE one

00:00:01.500 --> 00:00:04.000 align:start position:10%
<v Ann>Hello &amp; welcome.

NOTE two

00:00:04.000 --> 00:00:05.250
Fine.

NOTE the end
`);
  });

  it('reads any line breaks, and a byte order mark', () => {
    const expected = rewritten(noted, 'vtt', { maxLine: 40 });
    expect(rewritten(`\ufeff${noted.replaceAll('\n', '\r\n')}`, 'vtt', { maxLine: 40 })).toBe(expected);
  });

  it('takes no text for a tag, and writes none around nothing', () => {
    expect(rewritten(srt('a\u206ab <i></i>c'), 'srt', { maxLine: 40 })).toBe(srt('ab c'));
    expect(rewritten(vtt('a &#x110000; b'), 'srt')).toBe(srt('a &#x110000; b'));
  });

  it('of no cues keeps the rest', () => {
    expect(rewritten('WEBVTT\n\nNOTE nothing\n', 'vtt', { maxLine: 40 })).toBe('WEBVTT\n\nNOTE nothing\n');
  });

  it('counts no tags, and closes them at the end of a cue', () => {
    const text = '<i>one two three four</i>';
    const laidOut = rewritten(srt(text), 'srt', { maxLine: 10, maxLines: 1 });
    expect(laidOut.match(/<i>.*<\/i>/g)).toEqual(['<i>one two</i>', '<i>three four</i>']);
    expect(laidOut).not.toMatch(/[\u206a-\u206f]/);
  });

  it('leaves tags open where they were', () => {
    expect(rewritten(srt('a <b>b <i>c</i></b> d'), 'srt', { maxLine: 40 })).toBe(
      srt('a <b>b <i>c</i></b> d'),
    );
    expect(rewritten(srt('a <b>b <i>c</b> d'), 'srt', { maxLine: 40 })).toBe(srt('a <b>b <i>c</b> d</i>'));
  });
});

describe('as a line', () => {
  it.each([
    ['vtt', '<v Ann>Hi &amp;\n<i>hello</i>', 'Ann: Hi & hello'],
    ['srt', '{\\an8}<i>Hi</i>\nhello', 'Hi hello'],
    ['vtt', '<v Ann> ', ''],
  ] as const)('%s is without markup', (format, text, expected) => {
    expect(plainLine(readMarkup(text, format))).toBe(expected);
  });
});
