import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { type Open, openInViewer } from '../../src/output/viewer.ts';
import { fakeContext } from '../support/context.ts';
import { temporaryFolder } from '../support/folder.ts';

/** Starts a shell script in the place of the system's program. */
function script(text: string): Open {
  return async (path) => {
    const child = spawn('/bin/sh', ['-c', text, 'sh', path], { stdio: 'ignore' });
    onTestFinished(() => void child.kill('SIGKILL'));
    await once(child, 'spawn');
    child.unref();
    return child;
  };
}

/** A folder with these programs alone is all of PATH, on a machine without a desktop. */
async function machineWith(programs: Readonly<Record<string, string>>): Promise<string> {
  const folder = await temporaryFolder();
  await symlink('/bin/sh', join(folder, 'sh'));
  for (const [name, text] of Object.entries(programs)) {
    await writeFile(join(folder, name), `#!/bin/sh\n${text}\n`);
    await chmod(join(folder, name), 0o755);
  }
  vi.stubEnv('PATH', folder);
  for (const name of ['DISPLAY', 'WAYLAND_DISPLAY', 'XDG_CURRENT_DESKTOP', 'DESKTOP_SESSION', 'BROWSER']) {
    vi.stubEnv(name, '');
  }
  onTestFinished(() => void vi.unstubAllEnvs());
  return folder;
}

describe('a saved file', () => {
  it('is handed to the program for it, and nothing is said', async () => {
    const folder = await temporaryFolder();
    const context = fakeContext();
    const path = join(folder, "a cat's.png");
    await openInViewer(path, context, script(`printf %s "$1" > ${folder}/opened`));
    expect(await readFile(join(folder, 'opened'), 'utf8')).toBe(path);
    expect(context.stderr.text).toBe('');
  });

  it('is not waited for while somebody looks at it', async () => {
    const context = fakeContext();
    const opened = openInViewer('/tmp/cat.png', context, script('exec sleep 1000'));
    await context.clock.asked(500);
    context.clock.advance(500);
    await opened;
    expect(context.stderr.text).toBe('');
  });

  it.each<[string, Open, string]>([
    ['there is no program for it', async () => spawned('no-such-program'), 'there is no program for it'],
    ['the program fails', script('exit 3'), 'the program for it failed with 3'],
    [
      'the program failed before it was listened to',
      async () => ended('exit 4'),
      'the program for it failed with 4',
    ],
    ['the program crashes', script('kill -KILL $$'), 'the program for it failed'],
    ['it is not known how', () => Promise.reject(new Error('no platform')), 'no platform'],
  ])('stays where it is, and one line says so: %s', async (_, open, reason) => {
    const context = fakeContext();
    await openInViewer('/tmp/cat.png', context, open);
    expect(context.stderr.text).toBe(
      `oai: cannot open /tmp/cat.png in a viewer (${reason}); it is saved: open it by hand\n`,
    );
  });

  it('has nothing said of it with --quiet', async () => {
    const context = fakeContext();
    context.verbosity = 'quiet';
    await openInViewer('/tmp/cat.png', context, script('exit 3'));
    expect(context.stderr.text).toBe('');
  });
});

// What `open` starts elsewhere cannot be faked by PATH.
describe.runIf(process.platform === 'linux')('the system', () => {
  it('opens a file', async () => {
    const folder = await machineWith({ 'run-mailcap': 'printf %s "$2" > "$2.opened"' });
    const context = fakeContext();
    const path = join(folder, 'a cat.png');
    await writeFile(path, 'PNG');
    await openInViewer(path, context);
    expect(context.stderr.text).toBe('');
    expect(await readFile(`${path}.opened`, 'utf8')).toBe(path);
  });

  it('has nothing that opens it', async () => {
    const folder = await machineWith({});
    const context = fakeContext();
    const path = join(folder, 'cat.png');
    await writeFile(path, 'PNG');
    await openInViewer(path, context);
    expect(context.stderr.text).toContain(
      `oai: cannot open ${path} in a viewer (the program for it failed with `,
    );
  });
});

/** What `open` does where the program is missing: it rejects with the error of the start. */
async function spawned(program: string): Promise<ChildProcess> {
  const child = spawn(program);
  const [error] = await once(child, 'error');
  throw error;
}

async function ended(text: string): Promise<ChildProcess> {
  const child = spawn('/bin/sh', ['-c', text], { stdio: 'ignore' });
  await once(child, 'exit');
  return child;
}
