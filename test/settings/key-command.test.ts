import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { Stopped } from '../../src/errors.ts';
import { runKeyCommand } from '../../src/settings/key-command.ts';
import { CapturedOutput, type FakeContextOptions, fakeContext } from '../support/context.ts';
import { temporaryFolder } from '../support/folder.ts';
import { failureOf } from './world.ts';

vi.mock('node:child_process', { spy: true });

const LIMIT = 60_000;

async function started(command: string, options: FakeContextOptions = {}) {
  const folder = await temporaryFolder();
  const context = fakeContext({ env: { PATH: process.env['PATH'] }, ...options });
  const before = pipes();
  const output = runKeyCommand({ command, name: 'key_command' }, folder, 10 * LIMIT, context);
  const written = (file: string) => readFile(join(folder, file), 'utf8').catch(() => '');
  /** The number of a process that the command wrote to a file. */
  const pid = async (file: string) => {
    await until(async () => (await written(file)).endsWith('\n'));
    return Number(await written(file));
  };
  return { context, output, before, pid };
}

function pipes(): number {
  return process.getActiveResourcesInfo().filter((name) => name.startsWith('Pipe')).length;
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** Lets the event loop turn until something is so. */
async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setImmediate(resolve));
}

describe('a command that gives no key', () => {
  const forEver = 'echo $$ > pid; exec sleep 600';

  it('may take a minute, and is ended then', async () => {
    const { context, output, pid } = await started(forEver);
    const failure = failureOf(output);
    const running = await pid('pid');
    context.clock.advance(LIMIT - 1);
    expect(isAlive(running)).toBe(true);
    context.clock.advance(1);
    expect(await failure).toMatchObject({ kind: 'auth', message: 'key_command gave no key within 1m' });
    await until(() => !isAlive(running));
  });

  it('is ended with the run', async () => {
    const { context, output, pid } = await started(forEver);
    const stopped = new Stopped('SIGINT');
    const outcome = output.catch((error: unknown) => error);
    const running = await pid('pid');
    context.stop(stopped);
    expect(await outcome).toBe(stopped);
    await until(() => !isAlive(running));
  });

  it('is ended at once by a run that is stopped already', async () => {
    const context = fakeContext({ env: { PATH: process.env['PATH'] } });
    const stopped = new Stopped('SIGTERM');
    context.stop(stopped);
    const output = runKeyCommand({ command: 'sleep 600', name: 'key_command' }, '/', LIMIT, context);
    await expect(output).rejects.toBe(stopped);
    const child = vi.mocked(spawn).mock.results.at(-1)?.value;
    await until(() => child.signalCode === 'SIGTERM');
  });

  it('keeps no pipe open, though what it started does', async () => {
    const { context, output, before, pid } = await started('sleep 600 & echo $! > pid; wait');
    const outcome = failureOf(output);
    const left = await pid('pid');
    onTestFinished(() => void process.kill(left));
    context.clock.advance(LIMIT);
    await outcome;
    await until(() => pipes() <= before);
    expect(isAlive(left)).toBe(true);
  });
});

it('a command that is deaf to the signal keeps nobody waiting', async () => {
  const running = () => process.getActiveResourcesInfo().filter((name) => name === 'ProcessWrap').length;
  const before = running();
  const { context, output, pid } = await started('trap "" TERM; echo $$ > pid; exec sleep 600');
  const outcome = failureOf(output);
  const shell = await pid('pid');
  onTestFinished(() => void process.kill(shell, 'SIGKILL'));
  expect(running()).toBe(before + 1);
  context.clock.advance(LIMIT);
  await outcome;
  expect(running()).toBe(before);
  expect(isAlive(shell)).toBe(true);
});

describe('a command', () => {
  it.each<[string, FakeContextOptions, string[]]>([
    [
      'may ask on the terminal',
      { stdinTTY: true, stderr: new CapturedOutput({ isTTY: true }) },
      ['inherit', 'pipe', 'inherit'],
    ],
    ['has no part in what is piped in', { stdin: 'text' }, ['ignore', 'pipe', 'ignore']],
    ['is not heard where nobody is', {}, ['ignore', 'pipe', 'ignore']],
  ])('%s', async (_, options, stdio) => {
    const { output } = await started('echo x', options);
    expect(await output).toBe('x\n');
    expect(vi.mocked(spawn).mock.calls.at(-1)?.[2]).toMatchObject({ stdio });
  });
});
