import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Stopped } from '../../src/errors.ts';
import { runProgram } from '../../src/tools/run-program.ts';
import { fakeContext } from '../support/context.ts';
import { temporaryFolder } from '../support/folder.ts';
import { folderOf, isAlive, pidIn, until } from './programs.ts';

const TIMEOUT = 60_000;

/** Starts a line of `sh`. */
async function started(line: string, { input = '', outputLimit = 1000, env = {} } = {}) {
  const cwd = await temporaryFolder();
  const context = fakeContext();
  const start = {
    words: ['/bin/sh', '-c', line] as const,
    cwd,
    env: { PATH: process.env['PATH'], ...env },
    input,
    timeout: TIMEOUT,
    outputLimit,
  };
  const running = runProgram(start, context.signal, context);
  running.catch(() => {});
  return { context, running, pid: (file: string) => pidIn(join(cwd, file)) };
}

async function ran(line: string, options: Parameters<typeof started>[1] = {}) {
  return (await started(line, options)).running;
}

describe('a program', () => {
  it('reads its arguments, and prints its result', async () => {
    expect(await ran('read -r line; echo "got $line"', { input: '{"a":1}\n' })).toMatchObject({
      code: 0,
      endedBy: undefined,
      timedOut: false,
      problem: undefined,
      stdout: { text: 'got {"a":1}\n', size: 12, kept: 12, garbled: false },
      stderr: { text: '' },
    });
  });

  it('runs where it is told to, with the environment that it is given', async () => {
    const { stdout } = await ran('echo "$CITY $OPENAI_API_KEY"; pwd', { env: { CITY: 'Oslo' } });
    expect(stdout.text).toMatch(/^Oslo \n\/.*oai-test-/);
  });

  it('has no terminal, and a session of its own', async () => {
    const { stdout } = await ran('(: < /dev/tty) 2>/dev/null && echo terminal; ps -o sid= -p $$; echo $$');
    const [session, own] = stdout.text.trim().split(/\s+/);
    expect(session).toBe(own);
  });

  it('tells of its failure by its exit code and what it said', async () => {
    expect(await ran('echo part; echo "no such city" >&2; exit 3')).toMatchObject({
      code: 3,
      stdout: { text: 'part\n' },
      stderr: { text: 'no such city\n' },
    });
  });

  it('may be ended by a signal', async () => {
    expect(await ran('kill -SEGV $$')).toMatchObject({
      code: undefined,
      endedBy: 'SIGSEGV',
      timedOut: false,
    });
  });

  it('need not read what it is sent', async () => {
    const input = 'x'.repeat(5_000_000);
    expect(await ran('exec <&-; echo done', { input })).toMatchObject({
      code: 0,
      stdout: { text: 'done\n' },
    });
    expect(await ran('exit 0', { input })).toMatchObject({ code: 0 });
  });

  it('may print more than is kept: the rest is counted, and it goes on', async () => {
    const { code, stdout } = await ran('head -c 100000000 /dev/zero | tr "\\0" x; exit 4');
    expect(code).toBe(4);
    expect(stdout).toEqual({ text: 'x'.repeat(1000), size: 100_000_000, kept: 1000, garbled: false });
  });

  it('is not cut within a character', async () => {
    const { stdout } = await ran("printf 'aé€🎉'", { outputLimit: 8 });
    expect(stdout).toMatchObject({ text: 'aé€', garbled: false, size: 10 });
  });

  it('may print what is no UTF-8', async () => {
    const { stdout } = await ran(String.raw`printf 'a\377\376b'`);
    expect(stdout).toMatchObject({ text: 'a\ufffd\ufffdb', garbled: true, size: 4 });
  });

  it('may complain at length: the end is kept', async () => {
    const { stderr } = await ran(`head -c 200000 /dev/zero | tr '\\0' '\\303\\251' >&2; echo 'é last' >&2`);
    expect(stderr.text).toMatch(/ last\n$/);
    expect(stderr.kept).toBeLessThanOrEqual(4096);
  });

  it('keeps whole characters of the end', async () => {
    const { stderr } = await ran(`i=0; while [ $i -lt 2000 ]; do printf '€€€' >&2; i=$((i+1)); done`);
    expect(stderr).toMatchObject({ garbled: false, text: '€'.repeat(1365) });
  });
});

describe('a program that cannot be started', () => {
  it.each([
    ['#!/no/such/interpreter\n', 'there is no such program, or none that its first line names'],
    ['', 'permission denied'],
  ])('is told: %j', async (text, problem) => {
    const folder = await folderOf({ tool: '' });
    const { chmod, writeFile } = await import('node:fs/promises');
    await writeFile(join(folder, 'tool'), text);
    await chmod(join(folder, 'tool'), text === '' ? 0o644 : 0o755);
    const context = fakeContext();
    const start = {
      words: [join(folder, 'tool')] as const,
      cwd: folder,
      env: {},
      input: '',
      timeout: 1,
      outputLimit: 1,
    };
    expect(await runProgram(start, context.signal, context)).toMatchObject({ problem, code: undefined });
  });
});

describe('a program that hangs', () => {
  it('is ended with all that it started, once its time is up', async () => {
    const { context, running, pid } = await started(
      'echo part; sleep 600 & echo $! > child; echo $$ > own; wait',
    );
    const [child, own] = [await pid('child'), await pid('own')];
    context.clock.advance(TIMEOUT - 1);
    expect([isAlive(child), isAlive(own)]).toEqual([true, true]);
    context.clock.advance(1);
    expect(await running).toMatchObject({
      timedOut: true,
      endedBy: 'SIGTERM',
      stdout: { text: 'part\n' },
      duration: TIMEOUT,
    });
    await until(() => !isAlive(child) && !isAlive(own));
  });

  it('is killed where it is deaf', async () => {
    const line = 'trap "" TERM; echo $$ > own; while :; do sleep 600; done';
    const { context, running, pid } = await started(line);
    const own = await pid('own');
    context.clock.advance(TIMEOUT);
    expect(isAlive(own)).toBe(true);
    context.clock.advance(1000);
    expect(await running).toMatchObject({ timedOut: true, endedBy: 'SIGKILL' });
    await until(() => !isAlive(own));
  });

  it('is killed with a child that is deaf', async () => {
    const line = `sh -c 'trap "" TERM; echo $$ > child; while :; do sleep 600; done' & wait`;
    const { context, running, pid } = await started(line);
    const child = await pid('child');
    context.clock.advance(TIMEOUT);
    expect(await running).toMatchObject({ timedOut: true, endedBy: 'SIGTERM' });
    await until(() => !isAlive(child));
  });

  it('is ended with the run', async () => {
    const { context, running, pid } = await started('sleep 600 & echo $! > child; wait');
    const child = await pid('child');
    const stopped = new Stopped('SIGINT');
    context.stop(stopped);
    await expect(running).rejects.toBe(stopped);
    await until(() => !isAlive(child));
  });

  it('is killed with the run where it is deaf', async () => {
    const { context, running, pid } = await started(
      'trap "" TERM; echo $$ > own; while :; do sleep 600; done',
    );
    const own = await pid('own');
    const stopped = new Stopped('SIGTERM');
    context.stop(stopped);
    context.clock.advance(30);
    await expect(running).rejects.toBe(stopped);
    await until(() => !isAlive(own));
  });

  it('is not even started once the run is stopped', async () => {
    const context = fakeContext();
    const stopped = new Stopped('SIGINT');
    context.stop(stopped);
    const start = {
      words: ['/no/program'] as const,
      cwd: '/',
      env: {},
      input: '',
      timeout: 1,
      outputLimit: 1,
    };
    await expect(runProgram(start, context.signal, context)).rejects.toBe(stopped);
  });
});

it('a program that leaves something behind is not waited for', async () => {
  const { context, running, pid } = await started('sleep 600 & echo $! > child; echo done');
  const child = await pid('child');
  onTestFinished(() => void process.kill(child, 'SIGKILL'));
  await context.clock.asked(100);
  context.clock.advance(100);
  expect(await running).toMatchObject({ code: 0, timedOut: false, stdout: { text: 'done\n' } });
  expect(isAlive(child)).toBe(true);
});
