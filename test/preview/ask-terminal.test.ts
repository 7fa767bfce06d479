import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { build, type Plugin } from 'esbuild';
import { describe, expect, it } from 'vitest';
import { node } from '../support/bin.ts';
import { temporaryFolder } from '../support/folder.ts';
import { commandOnTerminal, type Screen } from '../support/pty.ts';
import { png } from './sample-images.ts';

const root = join(import.meta.dirname, '..', '..');

/** The program is made in a folder from which chafa-wasm is not found by its name. */
const chafaByPath: Plugin = {
  name: 'chafa-wasm by its path',
  setup({ onResolve }) {
    onResolve({ filter: /^chafa-wasm$/ }, () => ({
      path: import.meta.resolve('chafa-wasm'),
      external: true,
    }));
  },
};

/** Makes a program of these lines, which have the context of the real system. @returns its path */
async function program(lines: string): Promise<string> {
  const outfile = join(await temporaryFolder(), 'program.mjs');
  await build({
    stdin: {
      contents: `
        import { spawnSync } from 'node:child_process';
        import { readFileSync } from 'node:fs';
        import { imagePreview } from './src/preview/image-preview.ts';
        import { systemContext } from './src/system.ts';
        const context = systemContext(process);
        context.listen();
        const modes = () => spawnSync('sh', ['-c', 'stty -g < /dev/tty'], { encoding: 'utf8' }).stdout;
        const say = (value) => context.stdout.write(JSON.stringify(value) + '\\n');
        ${lines}`,
      loader: 'ts',
      resolveDir: root,
    },
    bundle: true,
    format: 'esm',
    platform: 'node',
    outfile,
    logLevel: 'silent',
    plugins: [chafaByPath],
  });
  return outfile;
}

/** Asks, for as many ms as its argument says, and tells what came of it. */
const ASK = `
  const before = modes();
  const isAnswered = (reply) => /^\\u001b\\[.*c$/.test(reply);
  const reply = await context.askTerminal('ready?\\u001b[c', isAnswered, Number(process.argv[2]));
  const restored = before === modes();
  say({ reply, restored, stopped: context.signal.reason?.by ?? null });
`;

/** What the program tells in the end; it ends by itself. */
async function told(screen: Screen): Promise<unknown> {
  expect(await screen.done).toBe(0);
  return JSON.parse(/\{.*\}/.exec(screen.lines().join(''))?.[0] ?? 'null');
}

describe('a real terminal', () => {
  it('answers, and has its modes again', async () => {
    const screen = await commandOnTerminal(node, [await program(ASK), '5000']);
    expect(await told(screen)).toEqual({ reply: '\u001b[?1;2c', restored: true, stopped: null });
    // What it answered was not shown.
    expect(screen.raw()).not.toContain('[?1;2c\r\n');
    expect(screen.lines()[0]).toMatch(/^ready\?\{/);
  });

  it('answers where stdin and stdout are pipes', async () => {
    const line = 'echo hello | "$0" "$1" 5000 | cat';
    const screen = await commandOnTerminal('sh', ['-c', line, node, await program(ASK)]);
    expect(await told(screen)).toMatchObject({ reply: '\u001b[?1;2c', restored: true });
  });

  it('may say nothing', async () => {
    const screen = await commandOnTerminal(node, [await program(ASK), '50'], { answers: false });
    expect(await told(screen)).toEqual({ reply: '', restored: true, stopped: null });
  });

  it('stops the run by Ctrl-C while it is asked', async () => {
    const screen = await commandOnTerminal(node, [await program(ASK), '60000'], { answers: false });
    await screen.shows('ready?');
    screen.press('Ctrl-C');
    expect(await told(screen)).toEqual({ reply: '\u0003', restored: true, stopped: 'SIGINT' });
  });

  it('is left as it was when the run is stopped meanwhile', async () => {
    const screen = await commandOnTerminal(node, [await program(ASK), '60000'], { answers: false });
    await screen.shows('ready?');
    process.kill(screen.pid, 'SIGTERM');
    expect(await told(screen)).toEqual({ reply: '', restored: true, stopped: 'SIGTERM' });
  });

  it('is not asked by a run in the background, which would be stopped', async () => {
    const line = 'set -m; "$0" "$1" 60000 & wait';
    const screen = await commandOnTerminal('sh', ['-c', line, node, await program(ASK)]);
    expect(await told(screen)).toMatchObject({ reply: '', restored: true });
    expect(screen.raw()).not.toContain('ready?');
  });

  it('is drawn on', async () => {
    const file = join(await temporaryFolder(), 'picture.png');
    await writeFile(file, png(300, 300));
    const lines = `
      const preview = await imagePreview(context);
      await preview?.draw(readFileSync(process.argv[2]), { caption: 'red and blue' });`;
    const screen = await commandOnTerminal(node, [await program(lines), file]);
    expect(await screen.done).toBe(0);
    expect(screen.lines()).toEqual([...Array(20).fill('▄'.repeat(40)), 'red and blue']);
    expect(screen.raw()).toContain('\u001b_Gi=31,');
  });
});

describe('a run without a terminal', () => {
  it('gets no answer', async () => {
    // A session of its own has no terminal, whoever runs the tests.
    const argv = [await program(ASK), '60000'];
    const child = spawn(node, argv, { detached: true, stdio: ['ignore', 'pipe', 'inherit'] });
    expect(JSON.parse(await text(child.stdout))).toMatchObject({ reply: '', stopped: null });
  });
});
