// docs/reference.md is what `--help` prints, and the table of operations in the README is the index that `oai api`
// carries. `npm run docs` writes both; a test compares.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { operationsTable } from './operations-table.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const OPERATIONS = /** @type {const} */ ([
  '<!-- operations: written by `npm run docs` -->',
  '<!-- end of the operations -->',
]);

/** @param {string[]} words */
function help(words) {
  const { status, stdout } = spawnSync(process.execPath, [join(root, 'bin', 'oai.js'), ...words, '--help'], {
    encoding: 'utf8',
    env: { PATH: process.env['PATH'] },
  });
  if (status !== 0) throw new Error(`oai ${words.join(' ')} --help ended with ${status}`);
  return stdout.trimEnd();
}

/** The names of the commands, as `oai --help` lists them. */
export function commandNames() {
  const groups = help([]).split('\n\n').slice(1, -1).join('\n');
  return [...groups.matchAll(/^ {2}(\w[\w-]*) /gm)].map(([, name = '']) => name);
}

/** Today's docs/reference.md. */
function currentReference() {
  const names = commandNames();
  const index = names.map((name) => `[${name}](#oai-${name})`).join(' · ');
  const sections = [[], ...names.map((name) => [name])].map(
    (words) => `## ${['oai', ...words].join(' ')}\n\n\`\`\`text\n${help(words)}\n\`\`\`\n`,
  );
  const about =
    'What `oai --help` and `oai COMMAND --help` print; `npm run docs` writes it here. `oai --version` (`-V`) prints the version.';
  return `# Reference\n\n${about}\n\n${index}\n\n${sections.join('\n')}`;
}

/** The README with today's operations in it. */
function currentReadme() {
  const text = readFileSync(join(root, 'README.md'), 'utf8');
  const [start, end] = OPERATIONS;
  const [before, after] = [text.indexOf(start), text.indexOf(end)];
  if (before === -1 || after === -1) throw new Error(`the README has lost its mark ${start}`);
  return `${text.slice(0, before)}${start}\n\n${operationsTable()}\n${text.slice(after)}`;
}

/** What is generated, by its path from the root of the project. */
export function currentDocuments() {
  return new Map([
    ['README.md', currentReadme()],
    ['docs/reference.md', currentReference()],
  ]);
}

if (process.argv.includes('--write')) {
  for (const [path, text] of currentDocuments()) writeFileSync(join(root, path), text);
}
