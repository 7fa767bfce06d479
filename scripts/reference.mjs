// The reference in the README is what `--help` prints. `npm run docs` writes it there; a test compares.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const readme = join(root, 'README.md');
const START = '<!-- reference: written by `npm run docs` -->';
const END = '<!-- end of the reference -->';

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
  const groups = help([]).split('\n\n').slice(2, -3).join('\n');
  return [...groups.matchAll(/^ {2}(\w[\w-]*) /gm)].map(([, name = '']) => name);
}

/** The README with today's reference in it. */
export function currentReadme() {
  const text = readFileSync(readme, 'utf8');
  const [before, after] = [text.indexOf(START), text.indexOf(END)];
  if (before === -1 || after === -1) throw new Error('the README has lost the marks of its reference');
  const sections = [[], ...commandNames().map((name) => [name])].map(
    (words) => `### ${['oai', ...words].join(' ')}\n\n\`\`\`text\n${help(words)}\n\`\`\`\n`,
  );
  return `${text.slice(0, before)}${START}\n\n${sections.join('\n')}\n${text.slice(after)}`;
}

if (process.argv.includes('--write')) writeFileSync(readme, currentReadme());
