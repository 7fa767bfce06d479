import { writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bin, node, startCommand } from '../support/bin.ts';
import { temporaryFolder } from '../support/folder.ts';
import { testServer } from '../support/server.ts';

/** The files of the build that a run loads. */
async function loaded(words: readonly string[], env: Record<string, string> = {}): Promise<string[]> {
  const hook = join(await temporaryFolder(), 'hook.cjs');
  await writeFile(
    hook,
    `process.on('exit', () => require('fs').writeSync(2, JSON.stringify(Object.keys(require.cache))));`,
  );
  const { code, stderr } = await (await startCommand(node, ['-r', hook, bin, ...words], { env })).done;
  expect(code).toBe(0);
  const paths: string[] = JSON.parse(stderr);
  return paths.filter((path) => path.includes('/dist/')).map((path) => basename(path));
}

// Each file is 0.4 ms of a start: those that are loaded together are one (scripts/build.mjs, HELD_TOGETHER).
describe('the build', () => {
  it('has in one file what every start loads', async () => {
    expect(await loaded(['--version'])).toEqual(['main.cjs']);
    expect(await loaded(['--help'])).toEqual(['main.cjs']);
  });

  it('has in three files what a question loads', async () => {
    const { port } = await testServer();
    const env = { OPENAI_BASE_URL: `http://127.0.0.1:${port}/v1`, OPENAI_API_KEY: 'sk-test-0123456789' };
    expect(await loaded(['chat', 'hello'], env)).toEqual([
      'main.cjs',
      'question.cjs',
      expect.stringMatching(/^openai-/),
    ]);
    expect(await loaded(['chat', '--help'])).toEqual(['main.cjs', 'question.cjs']);
  });
});
