import { expect, it } from 'vitest';
import { type BinOptions, freshEnvironment, runBin, start } from '../support/bin.ts';
import { onTerminal } from '../support/pty.ts';

/** A sandbox that lasts for several command lines, and where history is kept. */
async function world() {
  const server = await start(['sandbox', '--port', '0', '--json']);
  const { url } = JSON.parse(await server.shows('"}'));
  const env = { ...(await freshEnvironment()), OPENAI_BASE_URL: String(url), OPENAI_API_KEY: 'sk-any' };
  const run = (argv: readonly string[], options: BinOptions = {}) => runBin(argv, { ...options, env });
  return { env, run };
}

it('a wait that is interrupted says how to come back; the response is picked up, and its exchange completed', async () => {
  const { env, run } = await world();
  const id = (await run(['respond', '--background', '--history', 'a story'])).stdout.trim();
  const waiting = await start(['response', 'wait', id, '--verbose'], { env });
  // It has looked once, and sleeps before it looks again.
  await waiting.complains('< 200 after');
  waiting.child.kill('SIGINT');
  const interrupted = await waiting.done;
  expect(interrupted.stdout).toBe('');
  expect(interrupted.stderr).toContain(`it goes on by itself: oai response wait ${id}\n`);
  expect([130, 'SIGINT']).toContain(interrupted.code);
  expect((await run(['history', 'show'])).stdout).toContain('running in the background');
  expect(await run(['respond', '-c'])).toMatchObject({ code: 0, stdout: 'You said: a story\n' });
  expect((await run(['history', 'show'])).stdout).toContain('## assistant\n\nYou said: a story');
});

it('three turns go on by the response before, and three in a conversation of the API', async () => {
  const { run } = await world();
  let previous: string[] = [];
  for (const words of ['one', 'two']) {
    const { stdout } = await run(['respond', '--json', ...previous, words]);
    previous = ['--previous', JSON.parse(stdout).id];
  }
  expect((await run(['respond', ...previous, 'three'])).stdout).toBe(
    'You said: three\nBefore that: “one”, “two”\n',
  );
  const { id } = JSON.parse((await run(['api', 'POST', '/conversations', '-d', '{}'])).stdout);
  for (const words of ['one', 'two']) await run(['respond', '--api-conversation', id, words]);
  expect((await run(['chat', '--via', 'responses', '--param', `conversation=${id}`, 'three'])).stdout).toBe(
    'You said: three\nBefore that: “one”, “two”\n',
  );
});

it('a person at a terminal is asked for consent to a tool of an MCP server', async () => {
  const { env } = await world();
  const argv = ['respond', '--mcp', 'docs=https://mcp.example/', 'hello'];
  const sure = await onTerminal(argv, { env });
  await sure.shows('Let docs run echo');
  sure.type('y');
  sure.press('Enter');
  await sure.shows('You said: hello');
  expect(await sure.done).toBe(0);
});

it('Ctrl-C at such a question ends the turn of a session, and not the session', async () => {
  const { env } = await world();
  const server = { type: 'mcp', server_label: 'docs', server_url: 'https://mcp.example/' };
  const tools = `tools=${JSON.stringify([{ ...server, require_approval: 'always' }])}`;
  const talk = await onTerminal(['chat', '-i', '--via', 'responses', '--param', tools], { env });
  await talk.shows('gpt-6-luna>');
  talk.type('hello');
  talk.press('Enter');
  await talk.shows('Let docs run echo');
  talk.press('Ctrl-C');
  await talk.shows('interrupted: /retry asks again');
  await talk.shows('gpt-6-luna · hello>');
  talk.press('Ctrl-D');
  expect(await talk.done).toBe(0);
});
