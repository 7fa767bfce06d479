import { chmod, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { installFfmpeg } from '../audio/fake-ffmpeg.ts';
import { toneFlac } from '../audio/fixtures.ts';
import { type BinOptions, type Started, start } from '../support/bin.ts';
import { temporaryFolder } from '../support/folder.ts';
import { testServer } from '../support/server.ts';

/** A run whose temporary files are in a folder of this test's own. */
async function begin(argv: readonly string[], { env, ...options }: BinOptions = {}) {
  const place = await temporaryFolder();
  const run = await start(argv, { ...options, env: { ...env, TMPDIR: place } });
  const files = async () => (await readdir(place, { recursive: true })).filter((name) => name.includes('/'));
  return { run, place, files };
}

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await wait(5);
}

async function endedBy(run: Started, signal: NodeJS.Signals, place: string) {
  run.child.kill(signal);
  const { code } = await run.done;
  return { code, left: await readdir(place) };
}

const AIFF = Buffer.concat([Buffer.from('FORM\0\0\0\0AIFFCOMM', 'latin1'), Buffer.alloc(1000)]);

describe('nothing temporary is left by a run that is ended', () => {
  it.each<[NodeJS.Signals, number]>([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ])('by %s while it keeps stdin', async (signal, code) => {
    const { run, place, files } = await begin(['transcribe', '--sandbox', '-'], { stdin: 'open' });
    run.child.stdin?.write(Buffer.alloc(100_000));
    await until(async () => (await files()).length > 0);
    expect(await endedBy(run, signal, place)).toEqual({ code, left: [] });
  });

  it('by a signal that comes just after the end of stdin, of which nothing came', async () => {
    const { run, place, files } = await begin(['transcribe', '--sandbox', '-'], { stdin: 'open' });
    await until(async () => (await files()).length > 0);
    const { stdin } = run.child;
    await new Promise<void>((resolve) => stdin?.end(resolve));
    expect(await endedBy(run, 'SIGINT', place)).toEqual({ code: 130, left: [] });
  });

  it('by two signals, of which the second leaves no time', async () => {
    const { run, place, files } = await begin(['transcribe', '--sandbox', '-'], { stdin: 'open' });
    run.child.stdin?.write(Buffer.alloc(100_000));
    await until(async () => (await files()).length > 0);
    run.child.kill('SIGINT');
    expect(await endedBy(run, 'SIGTERM', place)).toMatchObject({ left: [] });
  });

  it('while it keeps what a device gives', async () => {
    const { run, place, files } = await begin(['transcribe', '--sandbox', '/dev/zero']);
    await until(async () => (await files()).length > 0);
    expect(await endedBy(run, 'SIGINT', place)).toEqual({ code: 130, left: [] });
  });

  it('while ffmpeg converts', async () => {
    const { PATH } = await installFfmpeg("fs.writeFileSync(output, 'fLaC'); setTimeout(() => {}, 60_000);");
    const cwd = await temporaryFolder();
    await writeFile(join(cwd, 'talk.aiff'), AIFF);
    const { run, place, files } = await begin(['transcribe', '--sandbox', 'talk.aiff'], {
      cwd,
      env: { PATH },
    });
    await until(async () => (await files()).length > 0);
    expect(await endedBy(run, 'SIGINT', place)).toEqual({ code: 130, left: [] });
  });

  it('while it sends what was converted', async () => {
    const cwd = await temporaryFolder();
    await writeFile(join(cwd, 'made.flac'), toneFlac);
    await writeFile(join(cwd, 'talk.aiff'), AIFF);
    const made = JSON.stringify(join(cwd, 'made.flac'));
    const { PATH } = await installFfmpeg(`fs.copyFileSync(${made}, output);`);
    // It takes all, and says nothing.
    const server = await testServer({ listener: () => {} });
    const { run, place, files } = await begin(['transcribe', 'talk.aiff'], {
      cwd,
      env: {
        PATH,
        OPENAI_API_KEY: 'sk-test-0123456789',
        OPENAI_BASE_URL: `http://127.0.0.1:${server.port}/v1`,
      },
    });
    await until(() => server.requests.length > 0);
    expect(await files()).not.toEqual([]);
    expect(await endedBy(run, 'SIGINT', place)).toEqual({ code: 130, left: [] });
  });

  it('while a player plays a file, even one that does not mind', async () => {
    const PATH = await temporaryFolder();
    await writeFile(join(PATH, 'afplay'), '#!/bin/sh\ntrap "" TERM\necho begun >&2\nwhile :; do :; done\n');
    await chmod(join(PATH, 'afplay'), 0o755);
    const { run, place, files } = await begin(['speak', '--sandbox', '--play', 'hello'], { env: { PATH } });
    await run.complains('begun');
    expect(await files()).not.toEqual([]);
    expect(await endedBy(run, 'SIGTERM', place)).toEqual({ code: 143, left: [] });
  });
});
