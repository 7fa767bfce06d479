import { describe, expect, it } from 'vitest';
import { InlineText } from '../../../src/output/markdown/inline.ts';
import {
  CODE,
  EMPHASIS,
  LINK,
  MARK,
  QUIET,
  type Span,
  STRIKE,
  STRONG,
} from '../../../src/output/markdown/spans.ts';
import { cut, numbers } from '../../support/rendered.ts';

const TAGS: readonly (readonly [number, string])[] = [
  [STRONG, 'b'],
  [EMPHASIS, 'i'],
  [STRIKE, 's'],
  [CODE, 'c'],
  [LINK, 'a'],
  [QUIET, 'q'],
];

/** Spans as `b(bold) text`: letters of their look, marks left out. */
function noted(spans: readonly Span[]): string {
  let text = '';
  let last = '';
  for (const { text: part, look } of spans.filter((span) => (span.look & MARK) === 0)) {
    const tags = TAGS.filter(([flag]) => (look & flag) !== 0)
      .map(([, tag]) => tag)
      .join('');
    if (tags !== last) text += `${last === '' ? '' : ')'}${tags === '' ? '' : `${tags}(`}`;
    text += part;
    last = tags;
  }
  return last === '' ? text : `${text})`;
}

function read(pieces: readonly string[]): string {
  const inline = new InlineText();
  return noted([...pieces.flatMap((piece) => inline.push(piece)), ...inline.end()]);
}

describe('marks within a text', () => {
  it.each([
    ['plain text', 'plain text'],
    ['*a*', 'i(a)'],
    ['_a_', 'i(a)'],
    ['**a b**', 'b(a b)'],
    ['__a__', 'b(a)'],
    ['***a***', 'bi(a)'],
    ['**a *b* c**', 'b(a )bi(b)b( c)'],
    ['*a **b** c*', 'i(a )bi(b)i( c)'],
    ['~~gone~~ ~5', 's(gone) ~5'],
    ['a~b~c ~~~d~~~', 'a~b~c ~~~d~~~'],
    // CommonMark 0.31, section 6.2, examples of what is none.
    ['a * foo bar*', 'a * foo bar*'],
    ['a*"foo"*', 'a*"foo"*'],
    ['foo_bar_baz', 'foo_bar_baz'],
    ['5*6*78', '5i(6)78'],
    ['_(bar)_.', 'i((bar)).'],
    ['**foo bar **', '**foo bar **'],
    ['*foo**bar*', 'i(foo**bar)'],
    ['**foo*', '*i(foo)'],
    ['*foo [bar*](/url)', '*foo a(bar*)q( (/url))'],
    ['2 * 3 * 4 and snake_case_name', '2 * 3 * 4 and snake_case_name'],
    ['def f(*args, **kwargs)', 'def f(*args, **kwargs)'],
    // Scripts without spaces: CommonMark would see no bold here.
    ['**「中文」**です', 'b(「中文」)です'],
    ['これは**太字**です', 'これはb(太字)です'],
  ])('reads emphasis: %s', (text, spans) => expect(read([text])).toBe(spans));

  it.each([
    ['`a`', 'c(a)'],
    ['`` a`b ``', 'c(a`b)'],
    ['`*a*`', 'c(*a*)'],
    ['*a`*`', '*ac(*)'],
    ['`a', '`a'],
    ['``a`', '``a`'],
    ['`a\nb`', 'c(a b)'],
    ['\\`a`', '`a`'],
    ['a ` b', 'a ` b'],
  ])('reads code: %s', (text, spans) => expect(read([text])).toBe(spans));

  it.each([
    ['[a](https://x.y/z)', 'a(a)q( (https://x.y/z))'],
    ['[a](<b c> "t")', 'a(a)q( (b c "t"))'],
    ['[a **b**](u)', 'a(a )ba(b)q( (u))'],
    ['[a](u(v)w)', 'a(a)q( (u(v)w))'],
    ['[https://x.y](https://x.y)', 'a(https://x.y)'],
    ['[my bank](https://evil.example)', 'a(my bank)q( (https://evil.example))'],
    ['[https://bank.example](https://evil.example)', 'a(https://bank.example)q( (https://evil.example))'],
    ['![cat](cat.png)', 'q(image: )a(cat)q( (cat.png))'],
    ['[![b](i)](u)', 'aq(image: )a(b)aq( (i))q( (u))'],
    ['[a [b](c) d](e)', '[a a(b)q( (c)) d](e)'],
    ['[a]', '[a]'],
    ['[a][1] and a[0](', '[a][1] and a[0]('],
    ['[^1] [ ] [a] (b)', '[^1] [ ] [a] (b)'],
    ['[`]`](u)', 'ca(])q( (u))'],
    ['<https://a.b/c_d_e>', 'a(https://a.b/c_d_e)'],
    ['<me@x.org> <notme>', 'a(me@x.org) <notme>'],
    ['see https://a.b/_c_/d_e. Or', 'see a(https://a.b/_c_/d_e). Or'],
    ['(https://a.b/c_(d))', '(a(https://a.b/c_(d)))'],
    ['**https://a.b/c**', 'ba(https://a.b/c)'],
    ['xhttps://a.b', 'xhttps://a.b'],
  ])('reads links: %s', (text, spans) => expect(read([text])).toBe(spans));

  it.each([
    ['\\*a\\* \\# \\q', '*a* # \\q'],
    ['a\\\nb', 'a\nb'],
    ['a &amp; b &lt;c&gt; &#65;&#x42; &nope; &', 'a & b <c> AB &nope; &'],
    ['&#27;[31m &#x202e; &#0;', '&#27;[31m &#x202e; &#0;'],
    ['a<br>b<br/>c', 'a\nb\nc'],
    ['<b>*x*</b> a < b > c', '<b>i(x)</b> a < b > c'],
    ['<a title="*x*">', '<a title="*x*">'],
    ['$x_1 * y_2$ is *it*', '$x_1 * y_2$ is i(it)'],
    ['\\(a_b * c_d\\) and \\[x^2 _y_\\]', '\\(a_b * c_d\\) and \\[x^2 _y_\\]'],
    ['$$a_b$$ *c*', '$$a_b$$ i(c)'],
    ['costs $5 to *$10* or $_a_', 'costs $5 to i($10) or $i(a)'],
    ['set $HOME and then the _rest_ is $PATH', 'set $HOME and then the i(rest) is $PATH'],
    ['\\[not a link\\]', '[not a link]'],
  ])('leaves alone what is no mark: %s', (text, spans) => expect(read([text])).toBe(spans));

  it('reads no mark that stands too far from the other', () => {
    const far = 'a'.repeat(1001);
    expect(read([`*${far}* \`${far}\` [${far}](u)`])).toBe(`*${far}* \`${far}\` [${far}](u)`);
    expect(read([`*${'a'.repeat(990)}*`])).toBe(`i(${'a'.repeat(990)})`);
  });

  it('gives the same, however the text is cut', () => {
    const random = numbers(1);
    const parts = [
      '*',
      '**',
      '_',
      '`',
      '``',
      '[',
      '](u)',
      '(',
      ')',
      'a',
      ' b',
      '.',
      '~~',
      '\\',
      '$',
      '<',
      '>',
      '&amp;',
      '中',
      '\n',
      'https://a.b/c',
    ];
    for (let round = 0; round < 3000; round++) {
      const length = 1 + Math.floor(random() * 14);
      const text = Array.from({ length }, () => parts[Math.floor(random() * parts.length)]).join('');
      const pieces = cut(text, random);
      expect(read(pieces), JSON.stringify(pieces)).toBe(read([text]));
    }
  });

  it('gives text as soon as nothing can change it', () => {
    const inline = new InlineText();
    const taken = (text: string) =>
      inline
        .push(text)
        .map((span) => span.text)
        .join('');
    expect(taken('Some wor')).toBe('Some wor');
    expect(taken('ds 2 *')).toBe('ds 2 ');
    expect(taken(' 3 **bo')).toBe('* 3 ');
    expect(taken('ld** and')).toBe('**bold** and');
    expect(taken(' `co')).toBe(' ');
    expect(taken('de` [link](u')).toBe('`code` ');
    expect(taken(') end')).toBe('link (u) end');
  });
});
