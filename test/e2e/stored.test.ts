import { expect, it } from 'vitest';
import { runBin, start } from '../support/bin.ts';
import { onTerminal } from '../support/pty.ts';

it('deleting asks a person, who has to say yes', async () => {
  const server = await start(['sandbox', '--port', '0', '--json']);
  const { url } = JSON.parse(await server.shows('"}'));
  const env = { OPENAI_BASE_URL: String(url), OPENAI_API_KEY: 'sk-any' };
  const asked = await runBin(['chat', 'hi', '--json', '--store'], { env });
  const { id } = JSON.parse(asked.stdout);
  const kept = async () => (await runBin(['stored', 'list'], { env })).stdout;

  const hasty = await onTerminal(['stored', 'delete', id], { env });
  await hasty.shows('cannot be had back');
  hasty.press('Enter');
  expect(await hasty.done).toBe(0);
  expect(await kept()).toContain(id);

  const sure = await onTerminal(['stored', 'delete', id], { env });
  await sure.shows('cannot be had back');
  sure.type('y');
  sure.press('Enter');
  expect(await sure.done).toBe(0);
  expect(await kept()).toBe('');
});
