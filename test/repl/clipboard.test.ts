import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { stubApi } from '../support/api.ts';
import { temporaryFolder } from '../support/folder.ts';
import { person } from '../support/person.ts';
import { answer } from './talk.ts';

const PROMPT = 'gpt-6-luna>';
const TEXT = 'Do this:\n\n```sh\nls -l\n```\n\nand:\n\n```js\nlet x;\n```\n';

/** A folder of programs for PATH, with these scripts in it. */
async function programs(scripts: Readonly<Record<string, string>>): Promise<string> {
  const folder = join(await temporaryFolder(), 'bin');
  await mkdir(folder);
  for (const [name, script] of Object.entries(scripts)) {
    await writeFile(join(folder, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  }
  return folder;
}

describe('/copy', () => {
  it.each([
    ['xclip', { DISPLAY: ':0' }],
    ['wl-copy', { WAYLAND_DISPLAY: 'wayland-0' }],
    ['pbcopy', {}],
  ])('copies the answer, or its code, with %s', async (name, more) => {
    const folder = await programs({ [name]: 'cat > "$(dirname "$0")/copied"' });
    const api = stubApi(answer(TEXT));
    const env = { OPENAI_API_KEY: 'sk-x', PATH: `${folder}:/bin:/usr/bin`, ...more };
    const { type, shows } = await person(['chat'], { fetch: api.fetch, env });
    await shows(PROMPT);
    await type('how?\r/copy code\r');
    await shows(`copied with ${name}`);
    expect(await readFile(join(folder, 'copied'), 'utf8')).toBe('ls -l\n\nlet x;\n');
    await type('/copy everything\r');
    await shows('/copy copies the answer, or its code: not everything');
  });

  it('asks the terminal where no program can', async () => {
    const folder = await programs({ xclip: 'exit 1' });
    const api = stubApi(answer('Plain words.'));
    const env = { OPENAI_API_KEY: 'sk-x', PATH: folder, DISPLAY: ':0' };
    const { type, shows, terminal } = await person(['chat'], { fetch: api.fetch, env });
    await shows(PROMPT);
    await type('how?\r/copy\r');
    await shows('copied, if this terminal lets programs do so');
    const data = Buffer.from('Plain words.').toString('base64');
    expect(terminal.writes.join('')).toContain(`\u001b]52;c;${data}\u0007`);
    await type('/copy code\r');
    await shows('there is no code in the last answer');
  });
});
