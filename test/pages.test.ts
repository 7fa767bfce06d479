import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';
import { benches } from '../scripts/bench/benches.mjs';
import { blocksOf, commandsOf, mannerOf, type Page, pages, proseOf, root } from './support/pages.ts';

const read = (path: string): Page => ({ path, text: readFileSync(join(root, path), 'utf8') });
const reference = read('docs/reference.md');
const all = [...pages(), reference, read('CONTRIBUTING.md'), read('CHANGELOG.md')];

/** Where a page leads: its relative links and images, without those to other sites. */
function linksOf(page: Page): string[] {
  const prose = proseOf(page).replace(/`[^`\n]*`/g, '');
  const found = prose.matchAll(/\]\(([^)\s]+)\)|<(?:img|a)\s[^>]*(?:src|href)="([^"]+)"/g);
  return [...found].map(([, link, attribute]) => link ?? attribute ?? '').filter((to) => !/^\w+:/.test(to));
}

/** The anchors of a page, as GitHub makes them of its headings. */
function anchorsOf(page: Page): string[] {
  const headings = proseOf(page).matchAll(/^#+ (.+)$/gm);
  return [...headings].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

/** The path of a link from the root of the project, and its anchor. */
function target(page: Page, link: string): [path: string, anchor: string | undefined] {
  const [path = '', anchor] = link.split('#');
  return [path === '' ? page.path : normalize(join(dirname(page.path), path)), anchor];
}

describe('the reader of pages', () => {
  const page: Page = {
    path: 'docs/example.md',
    text: [
      '# Example',
      '<!-- files',
      'echo hi > hi.txt',
      '-->',
      '```sh',
      '# at a terminal',
      "cat > a <<'END'",
      'oai chat # exit 5',
      'END',
      '',
      'for n in 1 2; do',
      '  oai chat "$n"   # talk',
      'done  # both fail: exit 2',
      'oai chat one \\',
      '  two',
      '```',
      '- in a list:',
      '',
      '  ```sh',
      '  # not run in CI: it installs',
      '  npm link',
      '  ```',
      '',
      '```json',
      '{}',
      '```',
    ].join('\n'),
  };

  it('finds blocks, also in lists, and those that nobody sees', () => {
    expect(blocksOf(page).map(({ language, line }) => [language, line])).toEqual([
      ['files', 3],
      ['sh', 6],
      ['sh', 20],
      ['json', 25],
    ]);
    expect(proseOf(page).trim()).toMatch(/^# Example\n\s+- in a list:$/);
  });

  it('finds commands, of one line or of several, and what they are to end with', () => {
    const commands = blocksOf(page).slice(0, 3).map(commandsOf);
    expect(commands).toEqual([
      [{ line: 3, text: 'echo hi > hi.txt', code: 0 }],
      [
        { line: 7, text: "cat > a <<'END'\noai chat # exit 5\nEND", code: 0 },
        { line: 11, text: expect.stringMatching(/^for n[\s\S]*exit 2$/), code: 2 },
        { line: 14, text: 'oai chat one \\\n  two', code: 0 },
      ],
      [{ line: 21, text: 'npm link', code: 0 }],
    ]);
  });

  it('refuses what is no whole command', () => {
    expect(() => commandsOf({ language: 'sh', line: 7, code: 'echo "a\n' })).toThrow(
      'line 7 is no whole command: echo "a',
    );
  });

  it('knows how a block is tried', () => {
    expect(blocksOf(page).map(mannerOf)).toEqual([
      'in a pipe',
      'at a terminal',
      { untried: 'it installs' },
      'in a pipe',
    ]);
  });
});

describe('links', () => {
  it.each(all)('of $path lead somewhere', (page) => {
    const broken = linksOf(page).filter((link) => {
      const [path, anchor] = target(page, link);
      if (!existsSync(join(root, path))) return true;
      return anchor !== undefined && !anchorsOf(read(path)).includes(anchor);
    });
    expect(broken).toEqual([]);
  });

  it('lead from the README to every page', () => {
    const linked = linksOf(read('README.md')).map((link) => target(read('README.md'), link)[0]);
    const names = readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.md'));
    expect(names.filter((name) => !linked.includes(`docs/${name}`))).toEqual([]);
  });
});

/** The sections of the reference, by command; that of `oai` alone has the name `''`. */
const help = new Map(
  reference.text
    .split(/^## oai ?/m)
    .slice(1)
    .map((section) => [section.slice(0, section.indexOf('\n')), section]),
);

/** Commands and flags of `oai` in a text that the reference does not know. */
function unknownIn(text: string): string[] {
  return [...text.matchAll(/\boai ([a-z][a-z-]*)([^|;&\n`]*)/g)].flatMap(([line, name = '', words = '']) => {
    const section = help.get(name);
    if (section === undefined) return [line];
    const flags = words.replace(/"[^"]*"|'[^']*'/g, '').match(/(?<=\s)--[a-z][a-z-]*/g) ?? [];
    return flags.filter((flag) => !new RegExp(`${flag}\\b`).test(section)).map((flag) => `${line}: ${flag}`);
  });
}

/** Blocks of these are no commands of a shell. */
const LANGUAGES = ['text', 'json', 'jsonl', 'toml', 'yaml', 'markdown', 'csv', 'srt'];

describe('what is printed as code', () => {
  it.each(pages())('in $path is run, or is of a kind that nobody runs', (page) => {
    for (const { language, code, line } of blocksOf(page)) {
      if (language === 'sh' || language === 'files') continue;
      expect(LANGUAGES, `line ${line}`).toContain(language);
      expect(code, `line ${line}`).not.toMatch(/^\s*(?:\$ )?oai /m);
    }
  });

  it.each(pages().filter(({ path }) => path !== 'docs/comparison.md'))(
    'in $path names commands and flags that there are',
    (page) => {
      const inline = [...proseOf(page).matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code);
      const others = blocksOf(page).filter((block) => !/^(?:sh|files)$/.test(block.language));
      const untried = blocksOf(page).filter((block) => typeof mannerOf(block) === 'object');
      const texts = [...inline, ...[...others, ...untried].map(({ code }) => code)];
      expect(texts.flatMap(unknownIn)).toEqual([]);
      const flags = inline.flatMap((code) => code.match(/(?<![\w-])--[a-z][a-z-]+/g) ?? []);
      expect(flags.filter((flag) => !reference.text.includes(flag))).toEqual([]);
    },
  );

  // Whoever adds to this list says in the page, in the first line of the block, why CI cannot run it.
  it('is not run for these reasons alone', () => {
    const untried = pages().flatMap((page) =>
      blocksOf(page).flatMap((block) => {
        const manner = mannerOf(block);
        if (block.language !== 'sh' || typeof manner === 'string') return [];
        return commandsOf(block).map(({ text }) => `${manner.untried}: ${text.replace(/\s+#.*/, '')}`);
      }),
    );
    expect(untried).toEqual([
      'CI itself: npm ci && npm run demo',
      'CI itself: npm ci && npm test',
      'it installs: npm link',
      'it installs: oai config init',
      'it takes minutes: npm run bench',
      'it takes minutes: npm run bench -- --only stream --rounds 10',
      'it takes minutes: npm run bench -- --json > figures.json',
      'it asks: oai config init',
    ]);
  });

  it('is what CI itself does, where it sets up the project', () => {
    const lines = read('.ci/run').text.split('\n');
    for (const command of [/^npm ci\b/, /^npm test\b/, /\bnpm run (?:-s )?demo\b/])
      expect(lines.some((line) => command.test(line))).toBe(true);
  });

  it('names scripts of the project that there are', () => {
    const { scripts } = JSON.parse(read('package.json').text) as { scripts: Record<string, string> };
    const named = all.flatMap(({ text }) =>
      [...text.matchAll(/npm run (?:-s )?([a-z]+)/g)].map(([, name]) => name),
    );
    expect(named.length).toBeGreaterThan(3);
    for (const name of named) expect(Object.keys(scripts)).toContain(name);
  });
});

describe('the list of benches', () => {
  it('has those that there are', () => {
    const listed = [...read('docs/performance.md').text.matchAll(/^\| `([\w-]+)` \|/gm)].map(
      ([, name]) => name,
    );
    expect(listed).toEqual(benches.map(({ name }) => name));
  });
});

describe('the list of packages', () => {
  it('has what the program is made of, and nothing else', () => {
    const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' });
    const imported = sources
      .filter((path) => path.endsWith('.ts'))
      .flatMap((path) => [
        ...read(join('src', path)).text.matchAll(
          /^(?:import|export)\s+(?!type\b)[^;'"]*?from\s+'([^'.][^']*)'|\bimport\(\s*'([^'.][^']*)'\s*\)/gm,
        ),
      ])
      .map(([, fixed, lazy]) => fixed ?? lazy ?? '')
      .filter((name) => !name.startsWith('node:'))
      .map((name) =>
        name
          .split('/')
          .slice(0, name.startsWith('@') ? 2 : 1)
          .join('/'),
      );
    const listed = proseOf(read('docs/packages.md'));
    const [table = '', beside = ''] = listed.split('Beside it');
    const rows = [...table.matchAll(/^\| ([^|]+) \|/gm)].flatMap(([, names = '']) => names.split(', '));
    const optional = [...beside.matchAll(/`([^`]+)`/g)].map(([, name]) => name);
    const names = [...new Set(imported)];
    expect(names.filter((name) => !rows.includes(name) && !optional.includes(name))).toEqual([]);
    expect(rows.slice(2).filter((name) => !names.includes(name))).toEqual([]);
  });
});
