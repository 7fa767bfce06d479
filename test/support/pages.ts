import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const root = join(import.meta.dirname, '..', '..');

/** A page of the documentation for users. */
export interface Page {
  /** From the root of the project. */
  readonly path: string;
  readonly text: string;
}

/** The README and every page of `docs/` that is written by hand. */
export function pages(): Page[] {
  const themes = readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.md'));
  return ['README.md', ...themes.sort().map((name) => `docs/${name}`)]
    .filter((path) => path !== 'docs/reference.md')
    .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));
}

/** What stands between two fences, or makes ready for it unseen. */
export interface Block {
  /** The word behind the fence; `files` for a comment that begins with that word. */
  readonly language: string;
  /** The line in the page where the code begins, from 1. */
  readonly line: number;
  readonly code: string;
}

/** The blocks of a page, in order; the unseen ones are `<!-- files … -->`: lines of shell that make what examples read. */
export function blocksOf({ text }: Page): Block[] {
  const found = text.matchAll(/^( *)```([^\n]*)\n([\s\S]*?)^\1```$|^<!-- (files)\n([\s\S]*?)^-->$/gm);
  return [...found].map(({ index, 1: indent = '', 2: word, 3: fenced, 4: files, 5: unseen }) => ({
    language: files ?? (word ?? '').trim(),
    line: text.slice(0, index).split('\n').length + 1,
    code: (fenced ?? unseen ?? '').replace(new RegExp(`^${indent}`, 'gm'), ''),
  }));
}

/** The text of a page without its blocks. */
export function proseOf({ text }: Page): string {
  return text.replace(/^( *)```[^\n]*\n[\s\S]*?^\1```$/gm, '').replace(/<!--[\s\S]*?-->/g, '');
}

/** How a block of shell is tried: with no terminal, on one (each command by itself), or by nobody, and why not. */
export type Manner = 'in a pipe' | 'at a terminal' | { readonly untried: string };

/** What `.ci/run` begins with: it sets up the project, and so is no example to be run within its tests. */
const SET_UP = /^npm ci && npm (?:run demo|test)\b/;

/** What the first line of a block says: `# at a terminal`, `# not run in CI: REASON`. */
export function mannerOf({ code }: Block): Manner {
  const [first = ''] = code.split('\n');
  if (SET_UP.test(first)) return { untried: 'CI itself' };
  const [, word, reason] = /^# (at a terminal|not run in CI: (.+))$/.exec(first) ?? [];
  if (reason !== undefined) return { untried: reason };
  return word === undefined ? 'in a pipe' : 'at a terminal';
}

/** A command of a block: one line, or as many as the shell needs to have it whole. */
export interface Command {
  /** The line in the page, from 1. */
  readonly line: number;
  readonly text: string;
  /** What it is to end with: 0, or N where the comment of its last line ends with `exit N`. */
  readonly code: number;
}

/** The commands of a block of shell; bash says where one ends. */
export function commandsOf(block: Block): Command[] {
  const commands: Command[] = [];
  let text = '';
  let line = block.line;
  for (const [n, next] of block.code.split('\n').entries()) {
    if (text === '') line = block.line + n;
    text += text === '' ? next : `\n${next}`;
    if (/^\s*(#.*)?$/.test(text)) text = '';
    else if (isWhole(text)) {
      commands.push({ line, text, code: Number(/\s# (?:.*[\s:(])?exit (\d+)\)?$/.exec(next)?.[1] ?? 0) });
      text = '';
    }
  }
  if (text.trim() !== '') throw new Error(`line ${line} is no whole command: ${text}`);
  return commands;
}

function isWhole(text: string): boolean {
  if (text.endsWith('\\')) return false;
  // What warns is a here-document without its end.
  const { status, stderr } = spawnSync('bash', ['-n', '-c', text], { encoding: 'utf8' });
  return status === 0 && stderr === '';
}
