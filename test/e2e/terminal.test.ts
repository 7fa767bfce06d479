import { readdir } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { bin, node } from '../support/bin.ts';
import { temporaryFolder } from '../support/folder.ts';
import { commandOnTerminal, onTerminal } from '../support/pty.ts';

describe('on a terminal', () => {
  it('shows the answer, says that it is the sandbox, and leaves no spinner', async () => {
    const screen = await onTerminal(['chat', '--sandbox', 'hello']);
    expect(await screen.done).toBe(0);
    expect(screen.lines()).toEqual(['oai: the sandbox answers, not a model', 'You said: hello']);
  });

  it('draws a spinner until the first word, and removes it', async () => {
    const screen = await onTerminal(['chat', '--sandbox', 'hello, and so on and on'], {
      env: { OAI_SANDBOX: 'delay=800ms' },
    });
    await screen.shows('waiting for gpt-6-luna');
    await screen.shows('You said');
    expect(screen.lines().join('\n')).not.toContain('waiting for');
    screen.press('Ctrl-C');
    expect(await screen.done).toBe(130);
  });

  it('draws it on a terminal of no size as on one of 80 columns', async () => {
    const line = 'stty cols 0 rows 0; exec "$0" "$@"';
    const screen = await commandOnTerminal('/bin/sh', ['-c', line, node, bin, 'chat', '--sandbox', 'hello'], {
      env: { OAI_SANDBOX: 'delay=800ms' },
    });
    await screen.shows('You said: hello');
    expect(await screen.done).toBe(0);
    expect(screen.raw()).toContain('waiting for gpt-6-luna');
    expect(screen.raw().length).toBeLessThan(5000);
  });

  it('makes what the model writes harmless', async () => {
    const screen = await onTerminal(['chat', '--sandbox', '\u001b]0;owned\u0007\u001b[2Jhi']);
    expect(await screen.done).toBe(0);
    expect(screen.lines().join('\n')).toContain('␛]0;owned␇␛[2Jhi');
    expect(screen.raw()).not.toContain('\u001b]0;');
  });

  it('Ctrl-C keeps what came and gives the prompt back', async () => {
    const screen = await onTerminal(['chat', '--sandbox', 'one two three four'], {
      env: { OAI_SANDBOX: 'stall@2' },
    });
    await screen.shows('You said');
    screen.press('Ctrl-C');
    expect(await screen.done).toBe(130);
    expect(screen.raw().endsWith('\n')).toBe(true);
  });

  it('offers to set up a key when there is none, and asks nothing by itself', async () => {
    const screen = await onTerminal(['chat', 'hello']);
    expect(await screen.done).toBe(3);
    expect(screen.lines().join('')).toContain('oai config init');
  });

  it('colours the word in front of an error, unless NO_COLOR says not to', async () => {
    const coloured = await onTerminal(['chat', '-t', 'hot', 'x']);
    await coloured.done;
    expect(coloured.raw()).toContain('\u001b[31moai:');
    for (const run of [
      onTerminal(['chat', '-t', 'hot', 'x'], { env: { NO_COLOR: '1' } }),
      onTerminal(['chat', '--no-color', '-P', 'nobody', 'x']),
    ]) {
      const plain = await run;
      await plain.done;
      expect(plain.raw()).not.toContain('\u001b[');
    }
  });

  it('Ctrl-C in a pipe is one, whichever of its programs ends first', async () => {
    const line =
      'trap : INT; for n in 1 2 3 4 5; do cat | "$0" "$1" transcribe --sandbox; echo "$n: exit $?"; done';
    const place = await temporaryFolder();
    const screen = await commandOnTerminal('/bin/sh', ['-c', line, node, bin], { env: { TMPDIR: place } });
    for (const n of [1, 2, 3, 4, 5]) {
      while ((await readdir(place)).length === 0) await wait(10);
      screen.press('Ctrl-C');
      await screen.shows(`${n}: exit`);
    }
    await screen.done;
    expect(screen.lines().filter((line) => line.includes('exit'))).toEqual(
      [1, 2, 3, 4, 5].map((n) => `^C${n}: exit 130`),
    );
  });
});
