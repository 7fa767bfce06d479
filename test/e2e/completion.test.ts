import { spawnSync } from 'node:child_process';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bin, node, runBin } from '../support/bin.ts';
import { temporaryFolder } from '../support/folder.ts';
import { commandOnTerminal } from '../support/pty.ts';

/** How a shell is started without anybody's settings, and told of what it needs; `$1` prints words as `<word>`. */
const SHELLS = {
  bash: {
    words: ['--norc', '--noprofile', '-i'],
    setUp: [
      `bind 'set bell-style none'; bind 'set enable-bracketed-paste off'`,
      'eval "$(oai completion bash)"',
    ],
    show: `oai() { printf '<%s>' "$@"; echo; }`,
  },
  zsh: {
    words: ['-f', '-i'],
    setUp: ['autoload -Uz compinit && compinit -u -D', 'eval "$(command oai completion zsh)"'],
    show: `oai() { printf '<%s>' "$@"; echo; }`,
  },
  fish: {
    words: ['--no-config', '-i'],
    setUp: ['set -g fish_autosuggestion_enabled 0', 'oai completion fish | source'],
    show: `function oai; printf '<%s>' $argv; echo; end`,
  },
} as const;
type Shell = keyof typeof SHELLS;

function isThere(shell: Shell): boolean {
  return spawnSync(shell, ['-c', 'true']).status === 0;
}

/** A folder with files of many kinds, and odd names. */
async function desk(): Promise<string> {
  const cwd = await temporaryFolder();
  const names = ['a b.png', 'cat.png', 'notes.txt', 'talk.mp3', 'rows.jsonl', 'pay$HOME.webp', "it's.gif"];
  for (const name of names) await writeFile(join(cwd, name), '');
  await mkdir(join(cwd, 'my pictures'));
  await writeFile(join(cwd, 'my pictures', 'dog.jpg'), '');
  return cwd;
}

/** A home with conversations whose names a shell would do something with. */
async function home(): Promise<string> {
  const folder = await temporaryFolder();
  const env = { HOME: folder };
  const names = ['my "trip" to $HOME', "café's `plan`", 'a; b & c'];
  for (const name of names) {
    const { code } = await runBin(['chat', '--sandbox', '--conversation', name, '--create', 'hi'], { env });
    expect(code).toBe(0);
  }
  // Its title has what a terminal would obey.
  const title = 'evil \u001b]0;title\u0007\nand more';
  expect((await runBin(['chat', '--sandbox', '--history', title], { env })).code).toBe(0);
  return folder;
}

/** A shell on a terminal, in which `oai` prints its words, and Tab completes them. */
async function interactive(shell: Shell) {
  const programs = await temporaryFolder();
  await symlink(node, join(programs, 'node'));
  await symlink(bin, join(programs, 'oai'));
  const HOME = await home();
  const env = { HOME, PATH: `${programs}:${process.env['PATH'] ?? ''}`, LC_ALL: 'C.UTF-8' };
  const { words, setUp, show } = SHELLS[shell];
  const screen = await commandOnTerminal(shell, words, { env, cwd: await desk() });
  let count = 0;
  /** Types a line and waits until its command is over. @returns what it printed */
  const run = async (line: string): Promise<string> => {
    count += 1;
    const mark = `end-of-${count}`;
    screen.type(`${line}\r`);
    screen.type(`echo end-of-''${count}\r`);
    await screen.shows(mark);
    return screen.lines().join('\n');
  };
  for (const line of [...setUp, show]) await run(line);
  return { run, screen };
}

describe.each(Object.keys(SHELLS) as Shell[])('completion in %s', (shell) => {
  const required = process.env['OAI_REQUIRE_SHELLS'] !== undefined;
  const there = isThere(shell);
  it.runIf(required)('is tried in a real one', () => {
    expect(there, `${shell} is not installed: apt-get install ${shell}`).toBe(true);
  });

  it.skipIf(!there)('completes what is typed', { timeout: 120_000 }, async () => {
    const { run } = await interactive(shell);
    const lines: readonly (readonly [typed: string, words: readonly string[]])[] = [
      ['oai transc', ['transcribe']],
      ['oai chat --reasoning-ef', ['chat', '--reasoning-effort']],
      ['oai chat --reasoning-effort mini', ['chat', '--reasoning-effort', 'minimal']],
      ['oai chat --verbosity=hi', ['chat', '--verbosity=high']],
      ['oai config unse', ['config', 'unset']],
      ['oai role show summ', ['role', 'show', 'summarize']],
      ['oai -P openr', ['-P', 'openrouter']],
      ['oai help struc', ['help', 'structured']],
      ['oai speak -v shim', ['speak', '-v', 'shimmer']],
      ['oai history show my', ['history', 'show', 'my "trip" to $HOME']],
      ['oai history show "my', ['history', 'show', 'my "trip" to $HOME']],
      ["oai history show 'caf", ['history', 'show', "café's `plan`"]],
      ['oai chat --conversation caf', ['chat', '--conversation', "café's `plan`"]],
      ['oai chat --conversation a\\;', ['chat', '--conversation', 'a; b & c']],
      ['oai edit a', ['edit', 'a b.png']],
      ['oai edit pay', ['edit', 'pay$HOME.webp']],
      ['oai edit cat.png --mask=a', ['edit', 'cat.png', '--mask=a b.png']],
      ['oai edit my\\ pictures/', ['edit', 'my pictures/dog.jpg']],
      ['oai edit "my pictures/d', ['edit', 'my pictures/dog.jpg']],
      ['oai transcribe t', ['transcribe', 'talk.mp3']],
      // Where none of the right kind is found, zsh shows other files, as it does everywhere.
      ['oai edit not', ['edit', shell === 'zsh' ? 'notes.txt' : 'not']],
      ['oai chat -s @not', ['chat', '-s', '@notes.txt']],
      ['oai chat -s @my\\ pictures/', ['chat', '-s', '@my pictures/dog.jpg']],
      ['oai chat --record my', ['chat', '--record', shell === 'zsh' ? 'my pictures' : 'my pictures/']],
      ['oai api GET /batc', ['api', 'GET', '/batches']],
      ['oai chat cat', ['chat', 'cat']],
      ['oai frobnicate --mo', ['frobnicate', '--mo']],
    ];
    for (const [typed, words] of lines) {
      const shown = await run(`${typed}\t`);
      expect(shown, `${typed}<Tab>`).toContain(`\n${words.map((word) => `<${word}>`).join('')}\n`);
    }
  });

  it.skipIf(!there)(
    'shows what there is, and nothing that a terminal obeys',
    { timeout: 60_000 },
    async () => {
      const { screen } = await interactive(shell);
      screen.type('oai history show \t\t');
      await screen.shows('caf');
      expect(screen.raw()).not.toContain('\u001b]0;title\u0007');
    },
  );
});

describe('the scripts', () => {
  it.each(Object.keys(SHELLS))('that of %s is printed', async (shell) => {
    const { code, stdout, stderr } = await runBin(['completion', shell]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain(`oai __complete ${shell}`);
  });
});
