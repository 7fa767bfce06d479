import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runBin } from '../support/bin.ts';
import { temporaryFolder } from '../support/folder.ts';
import { onTerminal } from '../support/pty.ts';

/** A home, an editor that is this shell script (the file is `$1`), and where roles are. */
async function desk(script: string) {
  const home = await temporaryFolder();
  const folder = join(home, '.config', 'oai', 'roles');
  await mkdir(folder, { recursive: true });
  const editor = join(home, 'my editor');
  await writeFile(editor, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  const env = { HOME: home, EDITOR: 'false', VISUAL: `'${editor}' --wait` };
  return { folder, env, edit: (name: string) => onTerminal(['role', 'edit', name], { env }) };
}

describe('oai role edit', () => {
  it('opens a role in the editor, with its arguments and on the terminal', async () => {
    const { folder, edit } = await desk('test "$1" = --wait -a -t 0 -a -t 1 && echo "Be kind." >> "$2"');
    await writeFile(join(folder, 'r.md'), 'Be brief.\n');
    const screen = await edit('r');
    expect(await screen.done).toBe(0);
    expect(screen.lines().join('')).toContain('r.md');
    expect(await readFile(join(folder, 'r.md'), 'utf8')).toBe('Be brief.\nBe kind.\n');
  });

  it('makes a copy of one that comes along, and says what is wrong with it', async () => {
    const { folder, edit, env } = await desk('printf -- "---\\nmodle: m\\n---\\nx\\n" > "$2"');
    const screen = await edit('commit');
    await screen.shows('modle is no setting of a role; did you mean model?');
    expect(await screen.done).toBe(0);
    expect(await readFile(join(folder, 'commit.md'), 'utf8')).toContain('modle');
    expect((await runBin(['chat', '-r', 'commit', '--sandbox', 'x'], { env })).code).toBe(2);
  });

  it.each([
    ['nothing was changed', 'exit 0', 0, 'as it was'],
    ['the editor fails', 'exit 3', 2, 'exit code 3'],
  ])('leaves no copy where %s', async (_, script, code, message) => {
    const { folder, edit } = await desk(script);
    const screen = await edit('commit');
    await screen.shows(message);
    expect(await screen.done).toBe(code);
    await expect(stat(join(folder, 'commit.md'))).rejects.toThrow('ENOENT');
  });

  it('names an editor that there is not', async () => {
    const home = await temporaryFolder();
    const screen = await onTerminal(['role', 'edit', 'commit'], {
      env: { HOME: home, EDITOR: 'no-such-editor' },
    });
    await screen.shows('no-such-editor failed (exit code 127)');
    expect(await screen.done).toBe(2);
  });
});
