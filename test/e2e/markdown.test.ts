import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runBin, runShell } from '../support/bin.ts';
import { temporaryFolder } from '../support/folder.ts';
import { onTerminal } from '../support/pty.ts';

// The sandbox says what it was told.
const PROMPT = 'this:\n\n# A **title**\n\n| a | b |\n|--|--|\n| 1 | 2 |\n\n```ts\nconst x = 1; // y\n```';
const RULE = '─'.repeat(40);

describe('Markdown on a terminal', () => {
  it('is rendered, its code coloured by the language that is loaded for it', async () => {
    const screen = await onTerminal(['chat', '--sandbox', '-q', PROMPT]);
    expect(await screen.done).toBe(0);
    expect(screen.lines()).toEqual([
      'You said: this:',
      '',
      'A title',
      '',
      ' a │ b',
      '───┼───',
      ' 1 │ 2',
      '',
      '── ts '.padEnd(40, '─'),
      'const x = 1; // y',
      RULE,
    ]);
    expect(screen.raw()).toContain('\u001b[35mconst\u001b[39m');
  });

  it('has no colours with NO_COLOR, and is the source with --raw', async () => {
    const [plain, raw] = await Promise.all([
      onTerminal(['chat', '--sandbox', '-q', PROMPT], { env: { NO_COLOR: '1' } }),
      onTerminal(['chat', '--sandbox', '-q', '--raw', PROMPT]),
    ]);
    await Promise.all([plain.done, raw.done]);
    expect(plain.raw()).not.toContain('\u001b[');
    expect(plain.lines()).toContain('# A **title**');
    expect(raw.lines().join('\n')).toBe(`You said: ${PROMPT}`);
  });

  it('shows what came before Ctrl-C, and leaves nothing coloured behind', async () => {
    const screen = await onTerminal(['chat', '--sandbox', '-q', 'this: **bold words** and then\n\nmore'], {
      env: { OAI_SANDBOX: 'stall@8' },
    });
    await screen.shows('bold');
    screen.press('Ctrl-C');
    expect(await screen.done).toBe(130);
    expect(screen.raw().lastIndexOf('\u001b[22m')).toBeGreaterThan(screen.raw().lastIndexOf('\u001b[1m'));
    expect(screen.raw().endsWith('\n')).toBe(true);
  });

  it('shows the answer while it is saved, and its path', async () => {
    const cwd = await temporaryFolder();
    const screen = await onTerminal(['chat', '--sandbox', '-q', '-o', 'a.md', '**bold**'], { cwd });
    expect(await screen.done).toBe(0);
    expect(screen.lines()).toEqual(['You said: bold', 'a.md']);
    expect(await readFile(join(cwd, 'a.md'), 'utf8')).toBe('You said: **bold**\n');
  });
});

describe('an answer in a file', () => {
  it('that is interrupted stays beside', async () => {
    const cwd = await temporaryFolder();
    const screen = await onTerminal(['chat', '--sandbox', '-o', 'a.md', 'one two three four'], {
      cwd,
      env: { OAI_SANDBOX: 'stall@3' },
    });
    await screen.shows('You said');
    screen.press('Ctrl-C');
    expect(await screen.done).toBe(130);
    expect(await readdir(cwd)).toEqual(['a.md.part']);
    expect(screen.lines().join('')).toContain('what arrived is in');
  });

  it('is lost by no full disk', async () => {
    const { code, stdout, stderr } = await runBin(['chat', '--sandbox', '-o', '/dev/full', 'hello there']);
    expect({ code, stdout }).toEqual({ code: 8, stdout: '' });
    expect(stderr).toMatch(
      /You said: hello there\noai: cannot write \/dev\/full: no space left on the device/,
    );
  });

  it('is code alone with -x, which a pipe gets too', async () => {
    const { code, stdout } = await runShell('printf "%s" "$PROMPT" | oai chat --sandbox -x | cat -A', {
      env: { PROMPT },
    });
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'const x = 1; // y$\n' });
  });
});
