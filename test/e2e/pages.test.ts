import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { node, start, startCommand } from '../support/bin.ts';
import { desk, deskPath } from '../support/desk.ts';
import { temporaryFolder } from '../support/folder.ts';
import { type Block, blocksOf, type Command, commandsOf, mannerOf, pages } from '../support/pages.ts';
import { commandOnTerminal } from '../support/pty.ts';

interface Place {
  readonly cwd: string;
  readonly env: Record<string, string>;
  /** Leads to a sandbox that remembers from one command to the next; the one in process is new each time. */
  readonly served: Record<string, string>;
}

type Where = Pick<Place, 'cwd' | 'env'>;

/** What is of use only where the server remembers. */
const REMEMBERED = /\boai (?:api|batch|files|finetune|respond|response|stored|vector-store)\b|--store\b/;

/** A folder with what the examples of a page read. */
async function place(): Promise<Place> {
  const cwd = await desk();
  const env = { PATH: await deskPath(), OAI_HOME: join(cwd, 'home'), OAI_PROFILE: 'sandbox' };
  const server = await start(['sandbox', '--port', '0', '--json']);
  const { url } = JSON.parse(await server.shows('"}'));
  const served = { ...env, OAI_PROFILE: 'openai', OPENAI_BASE_URL: String(url), OPENAI_API_KEY: 'sk-any' };
  return { cwd, env, served };
}

/** Runs the commands of a block in one shell, and says how each ended. */
async function runInPipe(commands: readonly Command[], { cwd, env }: Where): Promise<string[]> {
  const logs = await temporaryFolder();
  const steps = commands.map(
    ({ text }, n) => `exec >"$LOGS/${n}.out" 2>"$LOGS/${n}.err"\n${text}\necho $? >"$LOGS/${n}.code"`,
  );
  const script = join(logs, 'block.sh');
  await writeFile(script, `set -o pipefail\n${steps.join('\n')}\n`);
  await (await startCommand('bash', [script], { cwd, env: { ...env, LOGS: logs } })).done;
  const read = (name: string) => readFile(join(logs, name), 'utf8').catch(() => 'never');
  return Promise.all(
    commands.map(async ({ code }, n) => {
      const ended = (await read(`${n}.code`)).trim();
      return ended === String(code) ? `exit ${code}` : `exit ${ended}: ${await read(`${n}.err`)}`;
    }),
  );
}

/** Runs a command for a person who leaves, with Ctrl-D, whatever asks for a line. */
async function runAtTerminal({ text, code }: Command, { cwd, env }: Where): Promise<string> {
  const screen = await commandOnTerminal('bash', ['-c', text], { cwd, env });
  let ended = -1;
  void screen.done.then((result) => {
    ended = result;
  });
  while (ended === -1) {
    if (/^gpt-[^>]*> ?$/.test(screen.lines().at(-1) ?? '')) screen.press('Ctrl-D');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return ended === code ? `exit ${code}` : `exit ${ended}: ${screen.lines().join('\n')}`;
}

async function runBlock(block: Block, { cwd, env, served }: Place): Promise<string[]> {
  const where = { cwd, env: REMEMBERED.test(block.code) ? served : env };
  const commands = commandsOf(block);
  const manner = mannerOf(block);
  const results: string[] = [];
  if (manner === 'in a pipe') results.push(...(await runInPipe(commands, where)));
  if (manner === 'at a terminal')
    for (const command of commands) results.push(await runAtTerminal(command, where));
  return results.map((result, n) => `${commands[n]?.line}: ${commands[n]?.text} → ${result}`);
}

// On the other Nodes the examples of --help and all other end-to-end tests run; the pages add nothing to them but minutes.
describe.skipIf(node !== process.execPath)('each command line of the pages', () => {
  const themes = pages().filter((page) => blocksOf(page).some(({ language }) => language === 'sh'));

  it.each(themes)('$path', { timeout: 300_000 }, async (page) => {
    const where = await place();
    for (const block of blocksOf(page).filter(({ language }) => /^(sh|files)$/.test(language))) {
      const wrong = (await runBlock(block, where)).filter((result) => !/→ exit \d+$/.test(result));
      expect.soft(wrong).toEqual([]);
    }
  });
});
