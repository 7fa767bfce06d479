import { describe, expect, it } from 'vitest';
import { CodeExtractor, extractedCode } from '../../../src/output/markdown/extract.ts';
import { LANGUAGES, languageOf } from '../../../src/output/markdown/languages.ts';
import { cut, numbers } from '../../support/rendered.ts';

const two = 'Say:\n\n```ts\nconst a = 1;\n```\n\nand\n\n~~~python title=x\nprint(1)\n~~~\n';

describe('code of an answer', () => {
  it.each<[string, string, string]>([
    ['the first block', two, 'const a = 1;\n'],
    ['a block with nothing round it', '```\na\n```', 'a\n'],
    ['one with no line break at its end', '```\na', 'a'],
    ['an empty one', '```sh\n```\n', ''],
    ['one with blank lines', '```\n\na\n\n\nb\n\n```', '\na\n\n\nb\n\n'],
    ['one with fences in it', '````md\n```ts\na\n```\n````', '```ts\na\n```\n'],
    [
      'Markdown with code in it, its fences no longer',
      '```markdown\n# A\n\n```sh\nls\n```\n\n```\nand `b`\n```\n',
      '# A\n\n```sh\nls\n```\n\n',
    ],
    ['Markdown with two', '```md\n```a\n```\n```b\n```\nc\n```\nd', '```a\n```\n```b\n```\nc\n'],
    ['text in which a fence ends it', '```text\n```sh\nls\n```\nmore\n```', '```sh\nls\n'],
    ['tildes round backticks', '~~~\n```\n~~~', '```\n'],
    ['a closing fence that is longer, with spaces behind it', '```\na\n`````  \nb', 'a\n'],
    ['what is no closing fence', '```\n``\n    ```\n``` a\n~~~\n```', '``\n    ```\n``` a\n~~~\n'],
    ['CRLF as it is', '```\r\na\r\n\r\nb\r\n```\r\n', 'a\r\n\r\nb\r\n'],
    ['tabs and trailing spaces', '```make\nall:\n\techo  \n```', 'all:\n\techo  \n'],
    ['control characters', '```\n\u001b[31m\u0000\u200b\n```', '\u001b[31m\u0000\u200b\n'],
    ['an indented one', '  ```\n  a\n    b\n c\n  ```', 'a\n  b\nc\n'],
    ['one in a list', '1. do\n\n   ```sh\n   ls\n\n     -l\n   ```\n2. x', 'ls\n\n  -l\n'],
    ['one in a list that stands further out', '- do\n  ```sh\nls\n```\n\ntext', 'ls\n'],
    ['one in a quote', '> ```\n> a\n>  b\n> ```\n', 'a\n b\n'],
    ['one behind a paragraph', 'a\n```\nb\n```', 'b\n'],
    ['no code that is only indented', 'a\n\n    b\n\n```\nc\n```', 'c\n'],
    ['no code span', 'use ```x``` here\n\n```\nc\n```', 'c\n'],
  ])('is %s', (_, text, code) => {
    expect(extractedCode(text, {}).code).toBe(code);
    expect(extractedCode(text, {}).count).toBe(1);
  });

  it.each([
    ['no code', 'text `code` ``` '],
    ['an empty text', ''],
    ['code that is only indented', '    a\n    b\n'],
  ])('is none where there is %s', (_, text) =>
    expect(extractedCode(text, {})).toMatchObject({ code: '', count: 0 }),
  );

  it('says whether its fence was closed', () => {
    expect(extractedCode(two, {}).isOpen).toBe(false);
    expect(extractedCode('```\na\n', {}).isOpen).toBe(true);
    expect(extractedCode('```\na\n```\n\n```\nb', {}).isOpen).toBe(false);
    expect(extractedCode('```\na\n```\n\n```\nb', { all: true }).isOpen).toBe(true);
  });

  it.each([
    ['python', 'print(1)\n'],
    ['py', 'print(1)\n'],
    ['Python3', 'print(1)\n'],
    ['typescript', 'const a = 1;\n'],
    ['TS', 'const a = 1;\n'],
    ['go', ''],
    ['nolang', ''],
  ])('is that in %s', (language, code) => expect(extractedCode(two, { language }).code).toBe(code));

  it('is of a dialect of the language, and of a name that nobody knows', () => {
    expect(extractedCode('```postgresql\nselect 1\n```', { language: 'sql' }).code).toBe('select 1\n');
    expect(extractedCode('```Klingon\nx\n```', { language: 'klingon' }).code).toBe('x\n');
    expect(extractedCode('```cpp\nx\n```', { language: 'c' }).count).toBe(0);
  });

  it('is all of it, a blank line between', () => {
    expect(extractedCode(two, { all: true }).code).toBe('const a = 1;\n\nprint(1)\n');
    expect(extractedCode(two, { all: true, between: '\0' }).code).toBe('const a = 1;\n\0print(1)\n');
    expect(extractedCode('```c\na\n```\n```d\nb\n```\n```c\nc\n```', { all: true, language: 'c' }).code).toBe(
      'a\n\nc\n',
    );
  });

  it('comes as it is written, and tells a closing fence from code', () => {
    const extractor = new CodeExtractor();
    expect(
      ['Some ```', '\n``', '`ts\ncon', 'st a', ' = 1;\n`', '``', '\nmore'].map((piece) =>
        extractor.push(piece),
      ),
    ).toEqual(['', '', 'con', 'st a', ' = 1;\n', '', '']);
    expect(extractor.end()).toBe('');
    expect(extractor.extension).toBe('ts');
  });

  it('is the same, however the text is cut', () => {
    const random = numbers(2);
    const parts = [
      '```',
      '~~~',
      '````',
      '\n',
      '\n\n',
      '- ',
      '1. ',
      '  ',
      '\t',
      '> ',
      'a',
      'ts',
      ' ',
      '\r\n',
      '    ',
      '|',
      '#',
    ];
    for (let round = 0; round < 3000; round++) {
      const length = 1 + Math.floor(random() * 25);
      const text = Array.from({ length }, () => parts[Math.floor(random() * parts.length)]).join('');
      const extractor = new CodeExtractor({ all: true });
      const pieces = cut(text, random);
      const code = pieces.map((piece) => extractor.push(piece)).join('') + extractor.end();
      expect(code, JSON.stringify(pieces)).toBe(extractedCode(text, { all: true }).code);
    }
  });
});

describe('languages', () => {
  it('have names of their own', () => {
    const names = LANGUAGES.flatMap((language) => language.names);
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
    expect(names.filter((name) => name !== name.toLowerCase())).toEqual([]);
  });

  it.each([
    ['ts', 'ts'],
    ['{.python .numberLines}', 'python'],
    ['language-js', 'js'],
    ['rust,ignore', 'rust'],
    ['JavaScript:src/main.js', 'javascript'],
    ['c++', 'c++'],
    ['', ''],
  ])('are named by %j', (info, name) => expect(languageOf(info).name).toBe(name));

  it.each(
    LANGUAGES.filter(({ load }) => load !== undefined).map(
      (language) => [language.names[0], language] as const,
    ),
  )('has a reader for %s', async (_, { load }) => expect(typeof (await load?.())?.token).toBe('function'));
});
