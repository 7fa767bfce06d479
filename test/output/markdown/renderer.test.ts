import { describe, expect, it } from 'vitest';
import { MarkdownRenderer } from '../../../src/output/markdown/renderer.ts';
import { cut, numbers, rendered, type Seen, seenOn, shown } from '../../support/rendered.ts';

const code = (lines: readonly string[], language = '') => {
  const label = language === '' ? '' : `── ${language} `;
  return [label.padEnd(40, '─'), ...lines, '─'.repeat(40)];
};

describe('Markdown on a terminal', () => {
  it('has headings without their marks', async () => {
    const seen = await shown('# One\n\n## Two ##\n### Three #3\n####### no\n#no\n');
    expect(seen.lines).toEqual(['One', '', 'Two', '', 'Three #3', '', '####### no', '#no']);
    expect([seen.look('One'), seen.look('Two'), seen.look('no')]).toEqual([
      'bold underline cyan',
      'bold cyan',
      '',
    ]);
  });

  it('has headings with a line below', async () => {
    const seen = await shown('Some title\n===\n\nAnother *one*\n---\nText\n-\n');
    expect(seen.lines).toEqual([
      'Some title',
      '══════════',
      '',
      'Another one',
      '───────────',
      '',
      'Text',
      '────',
    ]);
  });

  it('shows what stands out in its own way', async () => {
    const seen = await shown('**bold** *slanted* ***both*** `code` ~~gone~~ [here](http://x.y) and __more__');
    expect(seen.lines).toEqual(['bold slanted both code gone here (http://x.y) and more']);
    expect(
      ['bold', 'slanted', 'both', 'code', 'gone', 'here', 'http', 'and', 'more'].map((word) =>
        seen.look(word),
      ),
    ).toEqual(['bold', 'italic', 'bold italic', 'yellow', 'strike', 'underline', 'dim', '', 'bold']);
  });

  it('keeps line breaks, and takes the spaces that mean one', async () => {
    const seen = await shown("old pond  \na frog leaps in\\\nwater's sound\n\n\n\nend   ");
    expect(seen.lines).toEqual(['old pond', 'a frog leaps in', "water's sound", '', 'end']);
    expect(await rendered('a  \nb')).toBe('a\nb\n');
  });

  it('breaks lines between words, never wider than is good to read', async () => {
    expect((await shown('one two three four', { columns: 14 })).lines).toEqual(['one two three', 'four']);
    const wide = await shown('word '.repeat(60), { columns: 300 });
    expect(Math.max(...wide.lines.map((line) => line.length))).toBe(99);
    expect((await shown('exactly twenty colum next', { columns: 20 })).lines).toEqual([
      'exactly twenty colum',
      'next',
    ]);
  });

  it('counts wide characters as the terminal does', async () => {
    expect((await shown('日本語の文章はどこでも改行できます。', { columns: 14 })).lines).toEqual([
      '日本語の文章は',
      'どこでも改行で',
      'きます。',
    ]);
    // A full stop does not begin a line.
    expect((await shown('日本語の文章。', { columns: 12 })).lines).toEqual(['日本語の文', '章。']);
    // A terminal that knows emoji of several characters gives each of them two columns.
    expect(await rendered('👍🏽👍🏽👍🏽 ab 👨‍👩‍👧 cd', { columns: 13, color: false })).toBe(
      '👍🏽👍🏽👍🏽 ab 👨‍👩‍👧\ncd\n',
    );
  });

  it('leaves a long word to the terminal, so that it is copied as one', async () => {
    const address = `https://example.com/${'a'.repeat(100)}`;
    expect(await rendered(`see ${address} for more`, { color: false })).toBe(`see\n${address} for more\n`);
    expect(await rendered('x'.repeat(1_000_000), { color: false })).toBe(`${'x'.repeat(1_000_000)}\n`);
  });

  it('goes on behind a word that is longer than a line', async () => {
    const seen = await shown('- a\n  - asyncio.create_task() makes one', { columns: 22 });
    expect(seen.lines).toEqual(['• a', '  ◦ asyncio.create_tas', 'k() makes one']);
  });

  it('nests lists, with bullets of their own and lines below their text', async () => {
    const text =
      '- one\n- two is longer than a line\n  - deep\n    1. first\n\n       more\n* other\n+ last\n\ntext';
    expect((await shown(text, { columns: 20 })).lines).toEqual([
      '• one',
      '• two is longer than',
      '  a line',
      '  ◦ deep',
      '    1. first',
      '',
      '       more',
      '• other',
      '• last',
      '',
      'text',
    ]);
  });

  it('numbers as the text does', async () => {
    expect((await shown('3. three\n4. four\n   - a\n10) ten')).lines).toEqual([
      '3. three',
      '4. four',
      '   • a',
      '10) ten',
    ]);
    // Two columns are enough for a list in a list, although the text of the first begins at the third.
    expect((await shown('1. a\n  - b\n  - c\n2. d')).lines).toEqual(['1. a', '   • b', '   • c', '2. d']);
    expect((await shown('It was\n1984. Or\n2. not')).lines).toEqual(['It was', '1984. Or', '2. not']);
  });

  it('shows tasks of a list with numbers', async () => {
    expect((await shown('1. [x] a\n2. [ ] b')).lines).toEqual(['1. ☑ a', '2. ☐ b']);
  });

  it('shows tasks, and items without text', async () => {
    expect((await shown('- [ ] open\n- [x] done\n- [y] none\n-\n- end')).lines).toEqual([
      '☐ open',
      '☑ done',
      '• [y] none',
      '•',
      '• end',
    ]);
  });

  it('keeps the blank lines of a list, and makes none', async () => {
    expect((await shown('a:\n- b\n- c\n\n- d\n\n\n- e\n')).lines).toEqual([
      'a:',
      '• b',
      '• c',
      '',
      '• d',
      '',
      '• e',
    ]);
  });

  it('has a line beside quotes', async () => {
    const seen = await shown('> one two three\n> > four\n>\n> - five\n\nsix', { columns: 13 });
    expect(seen.lines).toEqual(['│ one two', '│ three', '│', '│ │ four', '│', '│ • five', '', 'six']);
    expect(seen.look('│')).toBe('dim');
  });

  it('has a line across', async () => {
    expect((await shown('a\n\n---\n* * *\n___\nb')).lines).toEqual([
      'a',
      '',
      '─'.repeat(40),
      '',
      '─'.repeat(40),
      '',
      '─'.repeat(40),
      '',
      'b',
    ]);
  });

  it('shows HTML and formulas as they were written', async () => {
    const html = '<div class="a_b_c">\n  <b>*x*</b>\n</div>';
    const math = '$$\nx_1 * y_2 * z\n$$';
    const delimited = '\\[\na_b * c * d\n\\]';
    const text = `${html}\n\n${math}\n\n${delimited}\n\n\\begin{align}\na *b* c\n\\end{align}\n*end*`;
    expect((await shown(text)).lines).toEqual([
      ...html.split('\n'),
      '',
      ...math.split('\n'),
      '',
      ...delimited.split('\n'),
      '',
      '\\begin{align}',
      'a *b* c',
      '\\end{align}',
      '',
      'end',
    ]);
    expect((await shown('<!-- a\n\n*b* -->\n*c*')).lines).toEqual(['<!-- a', '*b* -->', '', 'c']);
  });

  it('keeps footnotes and references', async () => {
    expect((await shown('a[^1] [b][c]\n\n[^1]: note\n[c]: http://x.y')).lines).toEqual([
      'a[^1] [b][c]',
      '',
      '[^1]: note',
      '[c]: http://x.y',
    ]);
  });

  it('keeps the words of a text that is nothing but marks', async () => {
    for (const text of ['#', '-', '>', '```', '|', '**', '\\', '[', '1.', '<', '$', '&', '!']) {
      expect((await shown(text)).lines.length, text).toBeLessThan(3);
    }
    expect(await rendered('')).toBe('');
    expect(await rendered('\n\n\n')).toBe('');
  });
});

describe('code', () => {
  it('is coloured, and can be copied as it is', async () => {
    const lines = ['const a: string = "b"; // note', '', `\tlong(${'x'.repeat(60)})`];
    const seen = await shown(`Text:\n\`\`\`ts\n${lines.join('\n')}\n\`\`\`\nend`);
    const [, , , , last] = code(lines, 'ts');
    expect(seen.lines).toEqual([
      'Text:',
      '',
      ...code([lines[0] ?? '', '', `        ${(lines[2] ?? '').trim()}`], 'ts'),
      '',
      'end',
    ]);
    expect(last).toBe('─'.repeat(40));
    expect([seen.look('const'), seen.look('"b"'), seen.look('// note')]).toEqual(['magenta', 'green', 'dim']);
  });

  it('knows in the next line what was opened in the last', async () => {
    const seen = await shown('```js\n/* one\n   two */ const x = `a\nb`;\n```');
    expect([seen.look('two'), seen.look('const'), seen.look('b`')]).toEqual(['dim', 'magenta', 'green']);
  });

  it.each([
    ['python', '# note', 'dim'],
    ['rust', 'fn', 'magenta'],
    ['go', '"text"', 'green'],
    ['bash', 'echo', 'cyan'],
    ['php', 'return', 'magenta'],
    ['json', '42', 'yellow'],
    ['html', 'div', 'magenta'],
    ['css', 'color', 'blue'],
    ['sql', 'SELECT', 'magenta'],
    ['yaml', 'key', 'yellow'],
    ['diff', '-old', 'red'],
    ['diff', '+new', 'green'],
    ['java', 'class', 'magenta'],
    ['unknown', 'word', ''],
    ['', 'word', ''],
  ])('in %s shows %s', async (language, word, look) => {
    const texts: Record<string, string> = {
      python: 'x = 1 # note',
      rust: 'fn main() {}',
      go: 'x := "text"',
      bash: 'echo $HOME',
      php: '<?php return $x;',
      json: '{"a": 42}',
      html: '<div class="x">y</div>',
      css: 'a { color: red; }',
      sql: 'SELECT 1',
      yaml: 'key: value',
      diff: '-old\n+new',
      java: 'class A {}',
    };
    expect((await shown(`\`\`\`${language}\n${texts[language] ?? 'word'}\n\`\`\``)).look(word)).toBe(look);
  });

  it('has the words behind its fence above it', async () => {
    expect((await shown('```ts title="a b"\nx\n```')).lines[0]).toBe('── ts title="a b" '.padEnd(40, '─'));
  });

  it('in a list stands below its text', async () => {
    const seen = await shown('1. do:\n   ```sh\n   ls\n   ```\n2. end');
    expect(seen.lines).toEqual([
      '1. do:',
      `   ${'── sh '.padEnd(40, '─')}`,
      '   ls',
      `   ${'─'.repeat(40)}`,
      '2. end',
    ]);
  });

  it('that is cut has no line below it', async () => {
    expect((await shown('```ts\nconst a')).lines).toEqual(['── ts '.padEnd(40, '─'), 'const a']);
  });

  it('that is only indented is shown so', async () => {
    expect((await shown('a\n\n    b *c*\n      d\n\ne')).lines).toEqual([
      'a',
      '',
      '    b *c*',
      '      d',
      '',
      'e',
    ]);
  });

  it('of 100,000 lines, and of one line of a megabyte, is shown whole', async () => {
    const long = 'const x = 1; '.repeat(80_000);
    const many = 'let y = "z"; // w\n'.repeat(100_000);
    const output = await rendered(`\`\`\`ts\n${many}${long}\n\`\`\``);
    const plain = output.replaceAll(/\u001b\[\d+m/g, '').split('\n');
    expect(plain.length).toBe(100_004);
    expect(plain[100_001]).toBe(long);
  }, 60_000);
});

describe('tables', () => {
  const table =
    '| Name | Age | City |\n|:--|--:|:-:|\n| Ann | 3 | Rome |\n| 鈴木 👍🏽 | 42 | `x` \\| **y** |\n';

  it('are aligned', async () => {
    const seen = await shown(`Look:\n${table}\nend`);
    expect(seen.lines).toEqual([
      'Look:',
      '',
      ' Name    │ Age │ City',
      '─────────┼─────┼───────',
      ' Ann     │   3 │ Rome',
      ' 鈴木 👍🏽 │  42 │ x | y',
      '',
      'end',
    ]);
    expect([seen.look('Name'), seen.look('x |'), seen.look('y')]).toEqual(['bold', 'yellow', 'bold']);
  });

  it('break the text of their cells where they are too wide', async () => {
    const text = '| Key | Meaning of it |\n|--|--|\n| a | one two three four five six |\n| bb | short |';
    expect((await shown(text, { columns: 25 })).lines).toEqual([
      ' Key │ Meaning of it',
      '─────┼───────────────────',
      ' a   │ one two three',
      '     │ four five six',
      '┈┈┈┈┈┼┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈',
      ' bb  │ short',
    ]);
  });

  it('are lists of their cells where they have no room at all', async () => {
    const text = '| Alpha | Beta | Gamma |\n|--|--|--|\n| one | two | three words here |\n| 1 | 2 | 3 |';
    expect((await shown(text, { columns: 18 })).lines).toEqual([
      'Alpha: one',
      'Beta: two',
      'Gamma: three words',
      'here',
      '───',
      'Alpha: 1',
      'Beta: 2',
      'Gamma: 3',
    ]);
  });

  it('lose no cell', async () => {
    const odd = await shown('| a | b |\n|--|--|\n| 1 |\n| 1 | 2 | 3 |\n| 4 | 5');
    expect(odd.lines).toEqual([' a │ b │', '───┼───┼───', ' 1 │   │', ' 1 │ 2 │ 3', ' 4 │ 5 │']);
    expect((await shown('| a | b |\n|--|--|\n')).lines).toEqual([' a │ b', '───┼───']);
    const late = `| a | b |\n|--|--|\n${'| 1 | 2 |\n'.repeat(30)}| 3 | 4 | five |\n`;
    expect((await shown(late)).lines.at(-1)).toContain('five');
  });

  it('show their rows before the last one has come, when there are many', async () => {
    const renderer = new MarkdownRenderer({ columns: 80, color: false, hyperlinks: false });
    renderer.push('| a | b |\n|--|--|\n');
    const outputs = Array.from({ length: 30 }, (_, row) => renderer.push(`| ${row} | some text |\n`));
    expect(outputs.slice(0, 19).join('')).toBe('');
    expect((outputs[19]?.match(/some text/g) ?? []).length).toBe(20);
    expect(outputs[29]).toMatch(/^ 29 +│ some text\n$/);
  });

  it('are none without a row of dashes of as many columns', async () => {
    expect((await shown('| a | b |\n| c | d |\n\n| a | b |\n|--|\n|| x')).lines).toEqual([
      '| a | b |',
      '| c | d |',
      '',
      '| a | b |',
      '|--|',
      '|| x',
    ]);
    expect((await shown('a | b\n--|--\n1 | 2')).lines).toEqual(['a | b', '--|--', '1 | 2']);
  });

  it('end at a line that is none of their rows', async () => {
    expect((await shown('| a |\n|--|\n| 1 |\n*text*')).lines).toEqual([' a', '───', ' 1', '', 'text']);
  });

  it('take line breaks in cells, and words wider than their column', async () => {
    expect((await shown('| a |\n|--|\n| x<br>y |')).lines).toEqual([' a', '───', ' x', ' y']);
    const seen = await shown(`| key | value |\n|--|--|\n| a | ${'v'.repeat(60)} |`, { columns: 30 });
    expect(seen.lines.join('').match(/v/g)?.length).toBe(61);
    expect(Math.max(...seen.lines.map((line) => line.length))).toBeLessThanOrEqual(30);
  });
});

describe('while it comes', () => {
  function stream(columns = 80) {
    const renderer = new MarkdownRenderer({ columns, color: false, hyperlinks: false });
    return (text: string) => renderer.push(text);
  }

  it('shows text word by word, and nothing that could still be a mark', () => {
    const push = stream();
    expect(['Some', ' wor', 'ds', ' here, ', 'and '].map(push)).toEqual([
      '',
      'Some',
      '',
      ' words here,',
      ' and',
    ]);
    expect(['- ', 'it', 'em ', 'x '].map(stream())).toEqual(['', '• ', 'item', ' x']);
    expect(['# Ti', 'tle', '\n'].map(stream())).toEqual(['', '', '# Title\n']);
    expect(['```', 'js\n', 'let', ' a\n', 'b'].map(stream())).toEqual([
      '',
      `${'── js '.padEnd(40, '─')}\n`,
      '',
      'let a\n',
      '',
    ]);
  });

  it('shows a paragraph before its line ends', () => {
    const push = stream(20);
    expect(push('a sentence that is longer than ')).toBe('a sentence that is\nlonger than');
  });

  it('never writes again what it wrote: no cursor is moved', async () => {
    const output = await rendered('# a\n\n| b | c |\n|--|--|\n| d | e |\n\n```ts\nlet f\n```\n- g\n> h', {
      hyperlinks: true,
    });
    expect(output.replaceAll(/\u001b\[\d+m/g, '')).not.toContain('\u001b');
  });

  it('shows the same, however the text is cut', async () => {
    const random = numbers(3);
    const parts = [
      '# ',
      '## ',
      '- ',
      '  ',
      '    ',
      '\t',
      '* ',
      '1. ',
      '> ',
      '```',
      '~~~',
      '```ts\n',
      '| ',
      '|---|---|\n',
      '| a | b |\n',
      '---',
      '===',
      '\n',
      '\n',
      '\n\n',
      'word ',
      'longer words here ',
      '**',
      '_',
      '`',
      '[x](http://u.v/w) ',
      '<div>',
      '<!--',
      '$$',
      '\\[',
      '你好',
      '👍🏽 ',
      '\r\n',
      '\\',
      '&amp; ',
      '[ ] ',
      'https://a.b/c_d_e ',
      '1984. ',
      '<br>',
      'x'.repeat(30),
      '\u001b]0;a\u0007',
    ];
    for (let round = 0; round < 1500; round++) {
      const length = 1 + Math.floor(random() * 30);
      const text = Array.from({ length }, () => parts[Math.floor(random() * parts.length)]).join('');
      const columns = [80, 20, 13, 40][round % 4] ?? 80;
      const color = round % 3 === 0;
      const pieces = cut(text, random);
      const [whole, cutUp] = await Promise.all([
        rendered(text, { columns, color }),
        rendered(text, { columns, color, pieces }),
      ]);
      // A word that is longer than the line has its look once for each of its pieces.
      expect(looks(cutUp), JSON.stringify(pieces)).toBe(looks(whole));
      expect(withoutLooks(whole).split('word').length, JSON.stringify(text)).toBeGreaterThanOrEqual(
        text.split('word').length,
      );
    }
  });
});

describe('a text that is made to take long', () => {
  it.each([
    '*a ',
    '**a*',
    '_',
    '[',
    '[`',
    '![a](',
    '`a ``b ',
    '$a ',
    '<a ',
    '&',
    '\\(',
    'http',
    '> ',
    '- ',
    '#',
    '# #',
    '|',
    '| a |\n',
    '```\n',
    '~~~a\n',
    '<div>',
    '日',
    'ก',
    '👍🏽',
    '\u001b',
    ' ',
    '\t',
    '1. ',
    '(',
    '~~',
    '\n',
    '\r',
    '---',
    '<!--',
    '$$',
    '\\[',
  ])(
    'does not: %j over and over',
    async (part) => {
      const short = part.repeat(Math.ceil(10_000 / part.length));
      expect(await rendered(short, { pieces: short.match(/[\s\S]{1,100}/g) ?? [] })).not.toBe('x');
      const long = part.repeat(Math.ceil(60_000 / part.length));
      expect(await rendered(`# ${long}x\n\n- ${long}x`, { color: false })).toContain('x');
    },
    30_000,
  );
});

function withoutLooks(output: string): string {
  return output.replaceAll(/\u001b\[\d+m/g, '');
}

/** Each character with the attributes that it is shown in. */
function looks(output: string): string {
  const ends: Record<string, readonly string[]> = {
    22: ['1', '2'],
    23: ['3'],
    24: ['4'],
    29: ['9'],
    39: ['31', '32', '33', '34', '35', '36'],
  };
  const on = new Set<string>();
  let text = '';
  for (const [, sequence, character] of output.matchAll(/\u001b\[(\d+)m|(.)/gsu)) {
    if (sequence === undefined) text += character + [...on].sort().join(',');
    else if (ends[sequence] === undefined) on.add(sequence);
    else for (const end of ends[sequence]) on.delete(end);
  }
  return text;
}

describe('a terminal', () => {
  it.each([
    ['escape sequences', '\u001b[2Jtext\u001b]0;title\u0007', '␛[2Jtext␛]0;title␇'],
    ['in code', '```ts\n\u001b[31mx\u001b]52;c;Zm9v\u0007\n```', '␛]52;c;Zm9v␇'],
    ['in what stands behind a fence', '```ts \u001b[31m\nx\n```', '␛[31m'],
    ['in a code span', '`\u009b31m`', '<U+009B>31m'],
    ['in a cell', '| \u001b[31m |\n|--|\n| \u001b[2J |', '␛[2J'],
    ['in the address of a link', '[a](http://x/\u001b]8;;evil\u001b\\)', '␛]8;;evil␛'],
    ['as an entity', 'a &#27;[31m &#x9b;', '&#27;[31m &#x9b;'],
    ['in HTML', '<div title="\u001b[31m">', '␛[31m'],
    ['turned text', 'a\u202eb\u2066c', 'a<U+202E>b<U+2066>c'],
  ])('is safe from %s', async (_, text, visible) => {
    const output = await rendered(text, { hyperlinks: true });
    expect((await seenOn(output)).lines.join('\n')).toContain(visible);
    expect(output.replaceAll(/\u001b\[\d+m|\u001b\]8;;[\x21-\x7e]*\u001b\\/g, '')).not.toMatch(
      /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/,
    );
  });

  it('gets links of the Web where it makes some, and no others', async () => {
    const link = (target: string) => rendered(`[a](${target})`, { hyperlinks: true });
    expect(await link('https://x.y/z')).toContain('\u001b]8;;https://x.y/z\u001b\\');
    for (const target of ['javascript:alert(1)', 'file:///etc/passwd', 'ssh://x', 'x']) {
      expect(await link(target), target).not.toContain('\u001b]8');
    }
    expect(await link('https://x.y/ä;;"')).toContain('\u001b]8;;https://x.y/%C3%A4;;%22\u001b\\');
    expect(await rendered('[a](https://x.y)')).not.toContain('\u001b]8');
  });

  it('without colours gets no control sequence, and the marks that say what colours would', async () => {
    const text = '# A\n\n**b** *c* `d` [e](http://f)\n\n```ts\nconst g = 1\n```\n\n| **h** |\n|--|\n| i |';
    const output = await rendered(text, { color: false });
    expect(output).not.toContain('\u001b');
    expect(output.split('\n').slice(0, 4)).toEqual(['# A', '', '**b** *c* `d` e (http://f)', '']);
    expect(output).toContain(' **h**\n───────\n i\n');
  });

  it.each([1, 8, 12, 20])('of %i columns shows every word', async (columns) => {
    const text =
      '# A heading here\n\n- list\n  - deeper\n    - deepest of words\n\n> quote\n\n| a | b | c |\n|--|--|--|\n| cell | other | third |\n\nend';
    const plain = (await rendered(text, { columns, color: false })).split('\n').join(' ');
    for (const word of text.match(/[a-z]{2,}/g) ?? []) expect(plain).toContain(word);
  });

  it('that becomes narrower meanwhile has shorter lines from there on', async () => {
    const terminal = { columns: 40, color: false, hyperlinks: false };
    const renderer = new MarkdownRenderer(terminal);
    const before = renderer.push('one two three four five\n\n');
    terminal.columns = 14;
    expect(before + renderer.push('one two three four five') + renderer.end()).toBe(
      'one two three four five\n\none two three\nfour five\n',
    );
  });
});

it('sees what a test of looks sees', async () => {
  const seen: Seen = await seenOn('\u001b[1mbold\u001b[22m plain');
  expect([seen.look('bold'), seen.look('plain')]).toEqual(['bold', '']);
});
