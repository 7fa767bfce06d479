import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { freshEnvironment, runBin, runShell, start } from '../support/bin.ts';
import { onTerminal } from '../support/pty.ts';
import { folderOf, isAlive, pidIn, until } from '../tools/programs.ts';

const CITY =
  '{"description":"The weather","parameters":{"type":"object","properties":{"city":{"type":"string"}}}}';
const ask = ['--sandbox', '--tool', 'weather=./weather.sh'];

/** A folder with a tool that does this. */
async function desk(line: string): Promise<string> {
  const cwd = await folderOf({ 'weather.sh': line });
  await writeFile(join(cwd, 'weather.sh.json'), CITY);
  return cwd;
}

describe('a person at a terminal', () => {
  const question = 'weather {"city":"Oslo"}';

  it('is asked, sees what would run, and lets it', async () => {
    const cwd = await desk('touch ran; cat');
    const screen = await onTerminal(['chat', ...ask, question], { cwd });
    await screen.shows('y) yes');
    const text = screen.lines().join('\n');
    expect(text).toContain('oai: the model asks for weather: {"city":"Oslo"}');
    expect(screen.lines().join('')).toContain(join(cwd, 'weather.sh'));
    expect(existsSync(join(cwd, 'ran'))).toBe(false);
    // An empty line is no answer: it may have been typed before the question came.
    screen.press('Enter');
    await screen.shows('Please input a value');
    screen.type('y');
    screen.press('Enter');
    await screen.shows('weather answered: {"city":"Oslo"}');
    expect(await screen.done).toBe(0);
    expect(screen.lines().join('\n')).toMatch(/oai: weather {"city":"Oslo"}: 16 bytes in [\d.]+ m?s/);
  });

  it('may change the arguments', async () => {
    const cwd = await desk('cat');
    const screen = await onTerminal(['chat', ...ask, question], { cwd });
    await screen.shows('y) yes');
    screen.type('e');
    screen.press('Enter');
    await screen.shows('Arguments: {"city":"Oslo"}');
    screen.type('\u007f\u007f\u007fa"}');
    screen.press('Enter');
    await screen.shows('(The user changed the arguments to {"city":"Osla"}.)');
    expect(await screen.done).toBe(0);
  });

  it('may say no', async () => {
    const cwd = await desk('touch ran');
    const screen = await onTerminal(['chat', ...ask, question], { cwd });
    await screen.shows('y) yes');
    screen.type('n');
    screen.press('Enter');
    await screen.shows('the user declined this call');
    expect(await screen.done).toBe(0);
    expect(existsSync(join(cwd, 'ran'))).toBe(false);
  });

  it('may leave, and go on later', async () => {
    const cwd = await desk('echo $$ > pid; cat');
    const env = await freshEnvironment();
    const screen = await onTerminal(['chat', ...ask, question], { cwd, env });
    await screen.shows('y) yes');
    screen.press('Ctrl-C');
    expect(await screen.done).toBe(130);
    expect(existsSync(join(cwd, 'pid'))).toBe(false);

    const later = (...words: string[]) => runBin(['chat', '-c', ...words], { cwd, env });
    expect(await later()).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('a call has no result: call_'),
    });
    expect(await later(...ask, '--yes', '--fork')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('weather answered: {"city":"Oslo"}'),
    });
  });
});

describe('a tool that runs', () => {
  const deaf = `trap "" TERM INT HUP; echo $$ > own; sh -c 'trap "" TERM INT HUP; echo $$ > child; while :; do sleep 600; done' & while :; do sleep 600; done`;

  it('is killed with its children by Ctrl-C, and the conversation is kept', async () => {
    const cwd = await desk(deaf);
    const env = await freshEnvironment();
    const screen = await onTerminal(['chat', ...ask, '--yes', 'weather'], { cwd, env });
    const pids = [await pidIn(join(cwd, 'own')), await pidIn(join(cwd, 'child'))];
    screen.press('Ctrl-C');
    expect(await screen.done).toBe(130);
    await until(() => !pids.some(isAlive));

    const later = (...words: string[]) => runBin(['chat', '-c', '--history', ...words], { cwd, env });
    const { code, stdout } = await later('never mind');
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'You said: never mind\nBefore that: “weather”\n' });
  });

  it.each(['SIGTERM', 'SIGHUP', 'SIGINT'] as const)('is killed with its children by %s', async (signal) => {
    const cwd = await desk(deaf);
    const { child, done } = await start(['chat', ...ask, '--yes', 'weather'], { cwd });
    const pids = [await pidIn(join(cwd, 'own')), await pidIn(join(cwd, 'child'))];
    child.kill(signal);
    // In a hurry.
    if (signal === 'SIGINT') child.kill(signal);
    expect((await done).code).toBe({ SIGTERM: 143, SIGHUP: 129, SIGINT: 130 }[signal]);
    await until(() => !pids.some(isAlive));
  });

  it('is killed with its children once its time is up, and the model is told', async () => {
    const cwd = await desk(deaf);
    const line = ['chat', ...ask, '--yes', '--tool-timeout', '300ms', 'weather'];
    const { code, stdout } = await runBin(line, { cwd });
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: expect.stringContaining('The tool failed: ended, for it took longer than 300ms.'),
    });
    const pids = [await pidIn(join(cwd, 'own')), await pidIn(join(cwd, 'child'))];
    await until(() => !pids.some(isAlive));
  });

  it('may print 100 MB: the limit holds', async () => {
    const cwd = await desk('head -c 100000000 /dev/zero | tr "\\0" x');
    const { code, stdout } = await runBin(['chat', ...ask, '--yes', '--tool-limit', '100', 'weather'], {
      cwd,
    });
    expect(code).toBe(0);
    expect(stdout).toContain('(This is the beginning: 100 bytes of 95.4 MB.)');
  });
});

describe('a script', () => {
  it('runs what docs/tools.md shows: a tool of ours, and the calls that it answers itself', async () => {
    const page = await readFile(join(import.meta.dirname, '..', '..', 'docs', 'tools.md'), 'utf8');
    const blocks = [...page.matchAll(/^```sh\n([\s\S]*?)^```/gm)].map(([, block = '']) => block);
    const [first = '', second = ''] = [blocks[0], blocks.at(-1)];
    const options = { cwd: await desk('exit 1'), env: { OAI_PROFILE: 'sandbox' } };
    for (const block of [first, second]) {
      const { code, stdout, stderr } = await runShell(block, options);
      expect({ code, stderr }).toMatchObject({ code: 0 });
      expect(stdout).toContain('weather answered: rain in city\n');
    }
  });

  it('goes on with the conversation that is kept', async () => {
    const cwd = await desk('exit 1');
    const script = `
oai chat --history --tool weather=./weather.sh "weather" > calls.json
[ $? = 10 ] || exit 1
oai chat -c --tool-result "$(jq -r '.tool_calls[0].id' calls.json)=rain"`;
    const env = { ...(await freshEnvironment()), OAI_PROFILE: 'sandbox' };
    const { code, stdout, stderr } = await runShell(script, { cwd, env });
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(stdout).toContain('weather answered: rain\n');
  });
});
