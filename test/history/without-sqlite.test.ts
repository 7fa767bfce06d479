import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { chatChunks, eventStream, stubApi } from '../support/api.ts';
import { temporaryFolder } from '../support/folder.ts';
import { oai } from '../support/oai.ts';

vi.mock('@photostructure/sqlite', () => {
  throw new Error('it is not installed');
});

it('chat answers where SQLite is missing; what was asked for and is not kept is exit 8', async () => {
  const env = { OPENAI_API_KEY: 'sk-test-0123456789', OAI_HOME: await temporaryFolder() };
  const api = stubApi(eventStream(chatChunks('hi')));
  const { code, stdout, stderr } = await oai(['chat', '--history', 'hello'], { env, fetch: api.fetch });
  expect({ code, stdout, stderr }).toEqual({
    code: 8,
    stdout: 'hi\n',
    stderr:
      'oai: this exchange is not kept: history needs the package @photostructure/sqlite; npm install -g @photostructure/sqlite\n',
  });
});

it('a conversation that is there cannot be gone on with: exit 2, and what to install', async () => {
  const home = await temporaryFolder();
  await mkdir(join(home, 'data'));
  await writeFile(join(home, 'data', 'history.db'), 'x');
  const { code, stderr } = await oai(['chat', '-c', 'hello'], { env: { OAI_HOME: home } });
  expect({ code, stderr }).toEqual({
    code: 2,
    stderr:
      'oai: history needs the package @photostructure/sqlite\n     npm install -g @photostructure/sqlite\n',
  });
});
