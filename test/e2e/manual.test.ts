import { spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { commandNames } from '../../scripts/reference.mjs';
import { bin, runBin, startCommand } from '../support/bin.ts';

const page = join(bin, '..', '..', 'dist', 'oai.1');
const UTF8 = { LC_ALL: 'C.UTF-8', MANWIDTH: '80', MANROFFOPT: '-c' };

function isThere(program: string): boolean {
  return spawnSync(program, ['--version']).status === 0;
}

/** What `man` shows, as plain text. */
async function shown(): Promise<string> {
  const man = await startCommand('man', ['--warnings', '-P', 'cat', '-l', page], { env: UTF8 });
  const { code, stdout, stderr } = await man.done;
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  // Where there are no colours, a bold letter is printed twice, a backspace between.
  return stdout.replace(/.\u0008/gu, '');
}

describe('the manual page', () => {
  it('has been built of today’s commands', async () => {
    const { stdout } = await runBin(['__manual']);
    expect(await readFile(page, 'utf8')).toBe(stdout);
    expect(stdout).toMatch(/^\.TH OAI 1 /);
    // What is not ASCII goes by its number.
    expect(stdout).toMatch(/^[\n -~]*$/);
  });

  describe('in man', () => {
    const required = process.env['OAI_REQUIRE_SHELLS'] !== undefined;
    const there = isThere('man') && isThere('groff');
    it.runIf(required)('is tried in a real one', () => {
      expect(there, 'man is not installed: apt-get install man-db').toBe(true);
    });

    it.skipIf(!there)('is formatted without a warning', async () => {
      const groff = await startCommand('groff', ['-man', '-ww', '-b', '-Tutf8', page]);
      expect(await groff.done).toMatchObject({ code: 0, stderr: '' });
      await shown();
    });

    it.skipIf(!there)('has its sections, and every command with its flags', async () => {
      const text = await shown();
      const headings = text.split('\n').filter((line) => /^[A-Z][A-Z ]+$/.test(line));
      expect(headings).toEqual([
        'NAME',
        'SYNOPSIS',
        'DESCRIPTION',
        'COMMANDS',
        'OPTIONS',
        'EXIT STATUS',
        'ENVIRONMENT',
        'FILES',
        'EXAMPLES',
      ]);
      for (const name of commandNames()) expect(text).toMatch(new RegExp(`^ {3}oai ${name}( |$)`, 'm'));
      for (const flag of ['-m, --model name', '--stall-timeout duration', '--retiring days']) {
        expect(text).toContain(`       ${flag}`);
      }
    });

    it.skipIf(!there)(
      'shows what is typed letter by letter: quotes, hyphens, dots, backslashes',
      async () => {
        const text = await shown();
        expect(text).toContain('git diff | oai chat "write the commit message"');
        expect(text).toContain('oai doctor --offline --json | jq -c .checks[0].details');
        expect(text).toContain("'Name: value'");
        expect(text).toContain('\\n is a line break');
        expect(text).toContain('~/.config/oai/config.toml');
        expect(text).toMatch(/^ {7}\.env /m);
        // Hyphens that can be copied: no U+2010, but where a word is broken at the end of a line.
        expect(text).not.toMatch(/\u2010\S/u);
      },
    );
  });

  it('says every exit code that there is', async () => {
    const main = await readFile(join(bin, '..', '..', 'src', 'main.ts'), 'utf8');
    const [, kinds = ''] = /const EXIT:.*?\{(.*?)\};/s.exec(main) ?? [];
    const codes = [...kinds.matchAll(/\w+: (\d+)/g)].map(([, code]) => code);
    expect(codes.length).toBeGreaterThan(10);
    const source = await readFile(page, 'utf8');
    for (const code of codes) expect(source).toContain(`\n\\fB${code}\\fR\n`);
  });
});
