import { expect, it, vi } from 'vitest';
import { temporaryFolder } from '../support/folder.ts';
import { oai } from '../support/oai.ts';

vi.mock('@photostructure/sqlite', () => {
  throw new Error('it is not installed');
});

it('says what to install where SQLite is missing', async () => {
  const { code, stdout, stderr } = await oai(['index', 'add', '-'], {
    cwd: await temporaryFolder(),
    env: { OAI_PROFILE: 'sandbox' },
    stdin: 'hello',
  });
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toBe(
    'oai: an index needs the package @photostructure/sqlite\n     npm install -g @photostructure/sqlite\n',
  );
});
