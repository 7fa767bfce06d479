import { describe, expect, it } from 'vitest';
import { misreading } from '../../src/speech/misreading.ts';

describe('what was said is the text', () => {
  it.each([
    ['in another case', 'GOOD Morning', 'good morning'],
    ['with other marks', 'Good morning! All of you?', 'good morning, all of you'],
    ['without its emoji', 'well done', 'well done 👍🏽 ❤️ 👩‍👩‍👧 🇩🇪'],
    ['with a digit for a keycap', 'press 1', 'press 1️⃣'],
    ['with the vowel marks of Arabic', 'مُحَمَّد', 'محمد'],
    ['without them', 'محمد', 'مُحَمَّد'],
    ['with a stretched letter', 'محمد', 'محـــمد'],
    ['without the points of Hebrew', 'שלום', 'שָׁלוֹם'],
    ['in capitals with ß', 'STRASSE', 'straße'],
    ['in another form of Unicode', 'cafe\u0301 한', 'café \u1112\u1161\u11ab'],
    ['in other widths', 'ABC', 'ＡＢＣ'],
    ['with a final sigma', 'ΟΔΟΣ', 'οδος'],
    ['with its signs in words', 'It is 5 dollars.', 'It is $5.'],
    [
      'with its digits in words',
      'In twenty twenty-six there were seventeen of them.',
      'In 2026 there were 17 of them.',
    ],
    [
      'with digits for its words',
      'Room 101 costs 50% more',
      'Room one hundred and one costs fifty per cent more',
    ],
  ])('%s', (_, said, text) => {
    expect(misreading(said, text)).toBeUndefined();
  });
});

describe('what was said is not the text', () => {
  it.each([
    ['from the start', 'farewell', 'hello', '"farewell" for "hello"'],
    ['with nothing', '', 'hello', '"" for "hello"'],
    [
      'from some word on',
      'hello dear friend',
      'hello my friend',
      '"hello dear friend" for "hello my friend"',
    ],
    [
      'although their digits are the same',
      'In 2024 we saw Bob.',
      'In 2024 we met Bob.',
      '"…2024 we saw Bob." for "…2024 we met Bob."',
    ],
    [
      'by far more than its signs',
      'I am sorry, but I cannot read out anything about this.',
      'It is $5.',
      '"I am sorry, but I cannot read out anythi…" for "It is $5."',
    ],
    [
      'far within, in a script without spaces',
      '今日は良い天気ですので散歩に行きましょうそれから買い物をして猫と家に帰ります',
      '今日は良い天気ですので散歩に行きましょうそれから買い物をして犬と家に帰ります',
      '"…それから買い物をして猫と家に帰ります" for "…それから買い物をして犬と家に帰ります"',
    ],
    [
      'by words at the end',
      'one two three four five. Is there anything else?',
      'one two three four five.',
      '"…five. Is there anything else?" for "…four five."',
    ],
    [
      'by an end that is missing',
      'one two three',
      'one two three four five six',
      '"…two three" for "…two three four five six"',
    ],
    ['by a vowel', 'ping', 'pong', '"ping" for "pong"'],
    ['by an accent', 'peche', 'pêche', '"peche" for "pêche"'],
  ])('%s', (_, said, text, excerpt) => {
    expect(misreading(said, text)).toBe(excerpt);
  });

  it('is shown in one line, in whole characters, and not at length', () => {
    const family = '👩‍👩‍👧';
    const told = misreading('x', `${family.repeat(5)}\n\nno${family.repeat(60)}`) ?? '';
    expect(told).toBe(`"x" for "${family.repeat(5)} no${family.repeat(32)}…"`);
  });

  it('is seen at once, however much was said', () => {
    const begun = performance.now();
    expect(misreading('la '.repeat(1_000_000), 'la la land')).toBe(
      `"${'la '.repeat(13)}l…" for "la la land"`,
    );
    expect(misreading('1'.repeat(3_000_000), '2'.repeat(1500))).toMatch(/^"1+…" for "2+…"$/);
    expect(performance.now() - begun).toBeLessThan(4000);
  });
});
