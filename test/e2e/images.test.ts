import { chmod, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runBin, runShell, start, startCommand } from '../support/bin.ts';
import { decodeImage } from '../support/decode-image.ts';
import { temporaryFolder } from '../support/folder.ts';
import { png } from '../support/images.ts';
import { onTerminal } from '../support/pty.ts';
import { testServer } from '../support/server.ts';

/** A folder with `logo.png`, and a PATH with programs of the test's own. */
async function desk(programs: Record<string, string> = {}) {
  const cwd = await temporaryFolder();
  const bin = await temporaryFolder();
  await writeFile(join(cwd, 'logo.png'), png(128, 128));
  for (const [name, script] of Object.entries(programs)) {
    await writeFile(join(bin, name), `#!/bin/sh\n${script}\n`);
    await chmod(join(bin, name), 0o755);
  }
  return { cwd, bin, env: { OAI_PROFILE: 'sandbox', PATH: `${bin}:${process.env['PATH'] ?? ''}` } };
}

describe('images in a shell', () => {
  it('turns a logo blue in a pipe', async () => {
    const { cwd } = await desk();
    const line = 'cat logo.png | oai edit - -p "make it blue" -o - > blue.png';
    const { code, stderr } = await runShell(line, { cwd, env: { OAI_PROFILE: 'sandbox' } });
    expect({ code, stderr: stderr.replace(/^oai: \d+ tokens.*\n/, '') }).toEqual({ code: 0, stderr: '' });
    expect(await decodeImage(await readFile(join(cwd, 'blue.png')))).toMatchObject({
      width: 1024,
      height: 1024,
    });
  });

  it('prints paths that the next program can take', async () => {
    const { cwd } = await desk();
    const line = 'oai image -q "two otters" -n 2 -o otters | xargs -n 1 head -c 4 | od -An -c';
    const { code, stdout } = await runShell(line, { cwd, env: { OAI_PROFILE: 'sandbox' } });
    expect(code).toBe(0);
    expect(stdout.match(/211 {3}P {3}N {3}G/g)).toHaveLength(2);
    expect(await readdir(join(cwd, 'otters')).catch(() => [])).toEqual([]);
  });

  it('writes every format that it is asked for', async () => {
    const { cwd, env } = await desk();
    for (const name of ['x.png', 'x.jpg', 'x.webp']) {
      const { code } = await runBin(['image', 'a cat', '-o', name, '--size', '1536x1024'], { cwd, env });
      expect(code).toBe(0);
      const bytes = await readFile(join(cwd, name));
      expect(await decodeImage(bytes)).toMatchObject({ width: 1536, height: 1024 });
    }
  });

  it('opens what it saved in the viewer', async () => {
    const { cwd, env } = await desk({ 'xdg-open': 'echo "$@" > "$OPENED.new"; mv "$OPENED.new" "$OPENED"' });
    const opened = join(cwd, 'opened');
    const { code } = await runBin(['image', 'a cat', '--open'], { cwd, env: { ...env, OPENED: opened } });
    expect(code).toBe(0);
    await expect
      .poll(() => readFile(opened, 'utf8').catch(() => ''), { timeout: 5000 })
      .toBe(`${cwd}/a-cat.png\n`);
  });

  it('leaves nothing under a final name when it is interrupted', async () => {
    const { cwd, env } = await desk();
    const run = await start(['image', 'a cat', '--partial', '3', '-o', 'cat.png'], {
      cwd,
      env: { ...env, OAI_SANDBOX: 'stall@1' },
    });
    await run.complains('preview 1: cat.partial-1.png');
    run.child.kill('SIGINT');
    expect((await run.done).code).toBe(130);
    expect((await readdir(cwd)).sort()).toEqual(['cat.partial-1.png', 'logo.png']);
  });

  it('stops at once although nobody reads the pipe that it writes to', async () => {
    const { cwd, env } = await desk();
    expect((await (await startCommand('mkfifo', [join(cwd, 'pipe.png')])).done).code).toBe(0);
    const run = await start(['image', 'a cat', '-o', 'pipe.png', '--partial', '1'], { cwd, env });
    await run.complains('preview 1: pipe.partial-1.png');
    run.child.kill('SIGTERM');
    expect((await run.done).code).toBe(143);
  });

  it('says when it is interrupted which images are saved', async () => {
    const { cwd } = await desk();
    let asked = 0;
    const server = await testServer({
      listener: (_, response) => {
        asked += 1;
        // The second is never answered.
        if (asked === 2) return;
        const data = [{ b64_json: png(8, 8).toString('base64') }];
        response.setHeader('content-type', 'application/json');
        response.end(JSON.stringify({ created: 1, data }));
      },
    });
    const argv = [
      'image',
      'a cat',
      '-n',
      '2',
      '-m',
      'dall-e-3',
      '--base-url',
      `http://127.0.0.1:${server.port}/v1`,
    ];
    const run = await start(argv, { cwd });
    await expect
      .poll(async () => (await readdir(cwd)).filter((name) => /cat-\d\.png$/.test(name)).length)
      .toBe(1);
    run.child.kill('SIGTERM');
    const { code, stdout, stderr } = await run.done;
    expect(code).toBe(143);
    const [saved] = (await readdir(cwd)).filter((name) => name.startsWith('a-cat'));
    expect(stdout).toBe(`${saved}\n`);
    expect(stderr).toContain(`oai: saved 1 of 2: ${saved}\n`);
  });

  it('leaves nothing under a final name where there is no room, and names what is saved', async () => {
    const { cwd, env } = await desk();
    // Files of 16 KiB at the most: previews of the sandbox fit, its images do not.
    const line = `ulimit -f 16; oai image "a cat" --partial 1 -o cat.png`;
    const { code, stdout, stderr } = await runShell(line, { cwd, env: { ...env, OAI_PROFILE: 'sandbox' } });
    expect({ code, stdout }).toEqual({ code: 8, stdout: '' });
    expect(stderr).toContain('oai: preview 1: cat.partial-1.png\n');
    expect(stderr).toMatch(
      /oai: cannot write .*\/cat\.png: the file would be too large\n {5}what arrived is in .*\/cat\.png\.part/,
    );
    expect((await readdir(cwd)).sort()).toEqual(['cat.partial-1.png', 'cat.png.part', 'logo.png']);
  });

  it('is exit 2 where it must not write', async () => {
    const { cwd, env } = await desk();
    const { code, stderr } = await runBin(['image', 'a cat', '-o', '/proc/nothing/cat.png'], { cwd, env });
    expect(code).toBe(2);
    expect(stderr).toContain('oai: cannot make the directory /proc/nothing: ');
  });
});

describe('images on a terminal', () => {
  it('are shown in coloured half-blocks, and their paths told', async () => {
    const { cwd, env } = await desk();
    const screen = await onTerminal(['image', 'a cat', '--show'], {
      cwd,
      env: { ...env, COLORTERM: 'truecolor' },
    });
    expect(await screen.done).toBe(0);
    expect(screen.lines()).toContain('a-cat.png');
    expect(screen.lines().filter((line) => /[▀▄]{8,}/.test(line)).length).toBeGreaterThan(4);
    expect(screen.raw()).toMatch(/\u001b\[[\d;]*48;2;/);
  });

  it('are shown when the config says so, unless a flag says otherwise', async () => {
    const { cwd, env } = await desk();
    const home = await temporaryFolder();
    await writeFile(join(home, 'config.toml'), 'show_images = true\n', { mode: 0o600 });
    const shown = await onTerminal(['image', 'a cat'], { cwd, env: { ...env, OAI_HOME: home } });
    expect(await shown.done).toBe(0);
    expect(shown.raw()).toMatch(/[▀▄]/);
    const hidden = await onTerminal(['image', 'a cat', '--no-show'], {
      cwd,
      env: { ...env, OAI_HOME: home },
    });
    expect(await hidden.done).toBe(0);
    expect(hidden.raw()).not.toMatch(/[▀▄]/);
  });

  it('come with a spinner that goes away', async () => {
    const { cwd, env } = await desk();
    const screen = await onTerminal(['image', 'a cat'], {
      cwd,
      env: { ...env, OAI_SANDBOX: 'delay=1500ms' },
    });
    await screen.shows('drawing with gpt-image-2.5-sunburst');
    expect(await screen.done).toBe(0);
    expect(screen.lines().join('\n')).not.toContain('drawing');
    expect(screen.lines()).toContain('a-cat.png');
  });

  it('are never drawn into a pipe', async () => {
    const { cwd, env } = await desk();
    const { code, stdout, stderr } = await runBin(['image', 'a cat', '--show'], { cwd, env });
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'a-cat.png\n' });
    expect(stderr).toMatch(/^oai: \d+ tokens: \d+ in, \d+ out\n$/);
  });
});
