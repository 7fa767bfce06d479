import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../support/folder.ts';
import { oai } from '../../support/oai.ts';

/** The header that carries the key in what `--dry-run` prints. */
async function shownKey(
  flags: readonly string[],
  env: Record<string, string>,
  files: Record<string, string> = {},
): Promise<string | undefined> {
  const cwd = await temporaryFolder();
  for (const [name, text] of Object.entries(files)) await writeFile(join(cwd, name), text, { mode: 0o600 });
  const result = await oai(['chat', '--dry-run', 'hi', ...flags], { env: { OAI_HOME: cwd, ...env }, cwd });
  expect({ code: result.code, stderr: result.stderr }).toEqual({ code: 0, stderr: '' });
  expect(result.stdout).not.toContain('hush');
  return /-H "Authorization: (.*)"/.exec(result.stdout)?.[1];
}

const blank = (profile: string) => `Bearer \${OAI_KEY:?put the key of profile ${profile} here}`;
const config = (line: string) => ({
  'config.toml': `[profiles.work]\nbase_url = "https://gateway.test/v1"\n${line}\n`,
});

describe('the key of a dry run', () => {
  it.each<[string, string[], Record<string, string>, Record<string, string>, string | undefined]>([
    ['the variable that holds it', [], { OPENAI_API_KEY: 'hush' }, {}, 'Bearer $OPENAI_API_KEY'],
    ['the variable that would', [], {}, {}, 'Bearer $OPENAI_API_KEY'],
    [
      'the variable of another profile',
      ['-P', 'groq'],
      { OPENAI_API_KEY: 'hush' },
      {},
      'Bearer $GROQ_API_KEY',
    ],
    ['a variable of the config', ['-P', 'work'], { W: 'hush' }, config('key_env = "W"'), 'Bearer $W'],
    ['not read from a command', ['-P', 'work'], {}, config('key_command = "echo hush"'), blank('work')],
    ['not read from a file', ['-P', 'work'], {}, config('key_file = "missing.key"'), blank('work')],
    ['never the shell’s own for a project’s', [], {}, { '.env': 'OPENAI_API_KEY=hush\n' }, blank('openai')],
    [
      'never the shell’s own for a project’s URL',
      [],
      { OPENAI_API_KEY: 'hush' },
      { '.env': 'OPENAI_BASE_URL=https://project.test/v1\nOPENAI_API_KEY=hush-2\n' },
      blank('openai'),
    ],
    ['absent where none is needed', ['-P', 'ollama'], { OPENAI_API_KEY: 'hush' }, {}, undefined],
  ])('is %s', async (_, flags, env, files, shown) => {
    expect(await shownKey(flags, env, files)).toBe(shown);
  });

  it('is not shown for a URL that must not get it', async () => {
    const cwd = await temporaryFolder();
    await writeFile(join(cwd, '.env'), 'OPENAI_BASE_URL=https://project.test/v1\n');
    const { code, stdout } = await oai(['chat', '--dry-run', 'hi'], { env: { OPENAI_API_KEY: 'hush' }, cwd });
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
  });
});
