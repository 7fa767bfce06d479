import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { stubApi } from '../support/api.ts';
import { temporaryFolder } from '../support/folder.ts';
import { person } from '../support/person.ts';
import { answer, messagesOf, silence } from './talk.ts';

const PROMPT = 'gpt-6-luna>';

describe('Ctrl-C ends a command that takes too long, and the session goes on:', () => {
  it.each(['/model gpt-4o', '/attach http://93.184.215.14/a.txt'])('%s', async (command) => {
    const api = stubApi(silence, answer('Hello.'));
    const { terminal, type, shows } = await person(['chat'], { fetch: api.fetch });
    await shows(PROMPT);
    await type(`${command}\r`);
    while (api.requests.length === 0) await terminal.settled();
    await type('\u0003');
    await type('hi\r');
    await shows('Hello.');
    expect(terminal.lines).toEqual([`${PROMPT} ${command}`, `${PROMPT} hi`, 'Hello.', PROMPT]);
    expect(await messagesOf(api.requests)).toEqual([['user: hi']]);
  });

  it('/copy, and the program that it waits for', async () => {
    const folder = join(await temporaryFolder(), 'bin');
    await mkdir(folder);
    const script =
      '#!/bin/sh\necho $$ > "$(dirname "$0")/id.part"\nmv "$(dirname "$0")/id.part" "$(dirname "$0")/id"\nexec sleep 60\n';
    await writeFile(join(folder, 'pbcopy'), script, { mode: 0o755 });
    const api = stubApi(answer('One.'), answer('Two.'));
    const env = { OPENAI_API_KEY: 'sk-test-0123456789', PATH: `${folder}:/bin:/usr/bin` };
    const { terminal, type, shows } = await person(['chat'], { fetch: api.fetch, env });
    await shows(PROMPT);
    await type('a\r');
    await shows('One.');
    await type('/copy\r');
    while (!(await readdir(folder)).includes('id')) await terminal.settled();
    await type('\u0003');
    await type('b\r');
    await shows('Two.');
    expect(terminal.lines.join('\n')).not.toContain('copied');
  });
});
