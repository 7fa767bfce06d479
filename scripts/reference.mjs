// The reference in the README is what `--help` prints, and the table of operations is the index that `oai api` carries.
// `npm run docs` writes both there; a test compares.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { operationsTable } from './operations-table.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const readme = join(root, 'README.md');
const REFERENCE = /** @type {const} */ ([
  '<!-- reference: written by `npm run docs` -->',
  '<!-- end of the reference -->',
]);
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
  const groups = help([]).split('\n\n').slice(2, -2).join('\n');
  return [...groups.matchAll(/^ {2}(\w[\w-]*) /gm)].map(([, name = '']) => name);
}

/** The README with today's reference in it. */
export function currentReadme() {
  const text = readFileSync(readme, 'utf8');
  const sections = [[], ...commandNames().map((name) => [name])].map(
    (words) => `### ${['oai', ...words].join(' ')}\n\n\`\`\`text\n${help(words)}\n\`\`\`\n`,
  );
  return between(between(text, OPERATIONS, operationsTable()), REFERENCE, sections.join('\n'));
}

/**
 * The text with something else between two marks.
 * @param {string} text
 * @param {readonly [start: string, end: string]} marks
 * @param {string} content
 */
function between(text, [start, end], content) {
  const [before, after] = [text.indexOf(start), text.indexOf(end)];
  if (before === -1 || after === -1) throw new Error(`the README has lost its mark ${start}`);
  return `${text.slice(0, before)}${start}\n\n${content}\n${text.slice(after)}`;
}

if (process.argv.includes('--write')) writeFileSync(readme, currentReadme());
