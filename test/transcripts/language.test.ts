import { describe, expect, it } from 'vitest';
import { languageCode, readLanguage } from '../../src/transcripts/language.ts';

describe('what is spoken', () => {
  it.each([
    ['ko', 'ko'],
    ['ko-KR', 'ko'],
    ['zh_Hant_TW', 'zh'],
    ['KOR', 'ko'],
    ['cmn', 'zh'],
    ['Korean', 'ko'],
    ['한국어', 'ko'],
    ['yue', 'yue'],
    ['yue-HK', 'yue'],
    ['Cantonese', 'yue'],
    ['haw', 'haw'],
    ['iw', 'he'],
    ['in', 'id'],
    ['Hebrew', 'he'],
    ['tl', 'tl'],
    ['fil', 'tl'],
    ['no', 'no'],
  ])('%s is %s', (text, code) => {
    expect(languageCode(text, '--language')).toBe(code);
  });

  it.each(['', 'xx', 'the', 'Klingonish', 'k', '../ko'])('%j is refused', (text) => {
    expect(() => languageCode(text, '--language')).toThrow(
      /^--language .* is no language that is known here$/,
    );
  });
});

describe('what a text is to be in', () => {
  it.each([
    ['ko', 'Korean', 'ko'],
    ['Korean', 'Korean', 'ko'],
    ['pt_br', 'Brazilian Portuguese', 'pt-BR'],
    ['iw', 'Hebrew', 'he'],
    ['yue', 'Cantonese', 'yue'],
    ['kor', 'Korean', 'ko'],
    ['Old English', 'Old English', 'old-english'],
    ['formal German (Sie)', 'formal German (Sie)', 'formal-german-sie'],
    ['사투리', '사투리', '사투리'],
  ])('%s is %s, in names of files %s', (text, name, tag) => {
    expect(readLanguage(text, '--to')).toEqual({ name, tag, isEnglish: false });
  });

  it.each(['en', 'English', 'EN', ' english '])('%j is English', (text) => {
    expect(readLanguage(text, '--to').isEnglish).toBe(true);
  });

  it.each(['xx', 'the', 'x', 'xx-YY', '../../etc', 'a/b', '-', '123', 'ignore\nthat', 'a'.repeat(90)])(
    '%j is refused',
    (text) => {
      expect(() => readLanguage(text, '--to')).toThrow(/is no language that is known here/);
    },
  );
});
