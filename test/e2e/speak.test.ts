import { chmod, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bin, node, runBin, runShell, start, startCommand } from '../support/bin.ts';
import { temporaryFolder } from '../support/folder.ts';
import { heard } from '../support/heard.ts';

/** A folder, and a PATH on which only these programs are. */
async function desk(programs: Record<string, string>) {
  const cwd = await temporaryFolder();
  const bin = await temporaryFolder();
  for (const [name, script] of Object.entries(programs)) {
    await writeFile(join(bin, name), `#!/bin/sh\n${script}\n`);
    await chmod(join(bin, name), 0o755);
  }
  return { cwd, env: { OAI_PROFILE: 'sandbox', PATH: bin } };
}

describe('speech in a shell', () => {
  it('goes through a pipe, from text to words', async () => {
    const { cwd } = await desk({});
    const line = 'echo "Good morning, everyone." | oai speak -f wav -o - > said.wav';
    const { code, stderr } = await runShell(line, { cwd, env: { OAI_PROFILE: 'sandbox' } });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(await heard(join(cwd, 'said.wav'))).toBe('Good morning, everyone.');
  });

  it('ends quietly when its reader has enough', async () => {
    const line = 'oai speak -o - "a somewhat longer sentence" | head -c 3 | od -An -c';
    expect((await runShell(line, { env: { OAI_PROFILE: 'sandbox' } })).code).toBe(0);
  });

  it('is played by the player that is there, and no file is made', async () => {
    const { cwd, env } = await desk({ mpv: '/bin/cat > "$PLAYED"; echo "$@" > "$PLAYED.words"' });
    const played = join(await temporaryFolder(), 'played');
    const { code, stdout, stderr } = await runBin(['speak', '--play', 'hello there'], {
      cwd,
      env: { ...env, PLAYED: played },
    });
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(await readdir(cwd)).toEqual([]);
    expect((await readFile(played)).subarray(0, 1)).toEqual(Buffer.from([0xff]));
    expect(await readFile(`${played}.words`, 'utf8')).toBe('--no-terminal --no-video -\n');
  });

  it('is played and saved at once', async () => {
    const { cwd, env } = await desk({ aplay: '/bin/cat > "$PLAYED"' });
    const played = join(await temporaryFolder(), 'played');
    const { code, stdout } = await runBin(['speak', '--play', '-o', 'x.wav', 'hello there'], {
      cwd,
      env: { ...env, PLAYED: played },
    });
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'x.wav\n' });
    expect(await heard(join(cwd, 'x.wav'))).toBe('hello there');
    expect((await readFile(played)).length).toBe((await readFile(join(cwd, 'x.wav'))).length);
  });

  it('is saved although the player fails, which is exit 8', async () => {
    const { cwd, env } = await desk({ mpv: 'exit 3' });
    const { code, stderr } = await runBin(['speak', '--play', '-o', 'x.mp3', 'hello there'], { cwd, env });
    expect(code).toBe(8);
    expect(stderr).toMatch(/^oai: cannot play: .*\/mpv: it ended with exit code 3\n$/);
    expect(await readdir(cwd)).toEqual(['x.mp3']);
  });

  it('is played from a file by a player that reads no pipe', async () => {
    const { cwd, env } = await desk({ afplay: '/bin/cat "$1" > "$PLAYED"' });
    const played = join(await temporaryFolder(), 'played');
    const { code } = await runBin(['speak', '--play', 'hello'], { cwd, env: { ...env, PLAYED: played } });
    expect(code).toBe(0);
    expect((await readFile(played)).length).toBeGreaterThan(1000);
  });

  it.each([
    ['by /audio/speech', [], 'stall@2'],
    ['by the Realtime API', ['--via', 'realtime'], 'stall@2'],
  ])('stops at once, and leaves no file under a final name: %s', async (_, flags, fault) => {
    const { cwd, env } = await desk({});
    const text = 'a sentence that goes on for a while. '.repeat(4);
    const argv = ['speak', ...flags, '-f', 'wav', '-o', 'x.wav', text];
    const run = await start(argv, { cwd, env: { ...env, OAI_SANDBOX: fault } });
    const size = () =>
      stat(join(cwd, 'x.wav.part')).then(
        (found) => found.size,
        () => 0,
      );
    await expect.poll(size, { timeout: 5000 }).toBeGreaterThan(1000);
    run.child.kill('SIGINT');
    expect((await run.done).code).toBe(130);
    expect(await readdir(cwd)).toEqual(['x.wav.part']);
  });

  it('says the right thing when nobody is there to speak by the Realtime API', async () => {
    const { cwd } = await desk({});
    const argv = [
      'speak',
      '--via',
      'realtime',
      'hi',
      '--base-url',
      'http://127.0.0.1:9/v1',
      '--retries',
      '0',
    ];
    const { code, stderr } = await runBin(argv, { cwd });
    expect({ code, stderr }).toEqual({ code: 6, stderr: 'oai: nothing listens at 127.0.0.1:9\n' });
  });

  it('goes into a named pipe, whoever comes first', async () => {
    const { cwd, env } = await desk({});
    const line = 'mkfifo x.wav && (cat x.wav > said.wav & oai speak -o x.wav "hello there"; wait)';
    const PATH = process.env['PATH'] ?? '';
    const { code, stdout, stderr } = await runShell(line, { cwd, env: { ...env, PATH } });
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: 'x.wav\n', stderr: '' });
    expect(await heard(join(cwd, 'said.wav'))).toBe('hello there');
  });

  it.each([
    ['with a reader who does not read', 'exec 3<> x.wav'],
    ['with no reader', ':'],
  ])('stops at once when it goes into a named pipe %s', async (_, reader) => {
    const { cwd, env } = await desk({});
    const text = 'a sentence that goes on for a while. '.repeat(20);
    // `exec` makes the shell the program: the signal is for it.
    const line = `mkfifo x.wav && ${reader} && exec ${node} ${bin} speak --verbose -o x.wav '${text}'`;
    const PATH = process.env['PATH'] ?? '';
    const run = await startCommand('sh', ['-c', line], { cwd, env: { ...env, PATH } });
    await run.complains('200');
    run.child.kill('SIGTERM');
    expect(await run.done).toMatchObject({ code: 143, stdout: '' });
  });

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('stops at once, and its player too, however that takes it: %s', async (signal, exitCode) => {
    for (const script of ['', 'trap "" INT TERM;']) {
      const { cwd, env } = await desk({
        mpv: `${script} echo $$ > "$PLAYED"; while :; do /bin/sleep 0.01; done`,
      });
      const played = join(await temporaryFolder(), 'played');
      const run = await start(['speak', '--play', 'hello there'], { cwd, env: { ...env, PLAYED: played } });
      const pid = () => readFile(played, 'utf8').catch(() => '');
      await expect.poll(pid, { timeout: 5000 }).toMatch(/\n$/);
      run.child.kill(signal);
      expect((await run.done).code).toBe(exitCode);
      const isAlive = async () => {
        const stat = await readFile(`/proc/${(await pid()).trim()}/stat`, 'utf8').catch(() => '');
        return stat !== '' && !/\) Z /.test(stat);
      };
      await expect.poll(isAlive, { timeout: 5000 }).toBe(false);
    }
  });

  it('is cut: that is exit 6, and what came stays beside', async () => {
    const { cwd, env } = await desk({});
    // More than one part.
    const text = 'A sentence that goes on for a while. '.repeat(130);
    const argv = ['speak', '-o', 'x.mp3', '--speed', '4', text];
    const { code, stderr } = await runBin(argv, { cwd, env: { ...env, OAI_SANDBOX: 'cut@2' } });
    expect(code).toBe(6);
    expect(stderr).toBe(
      `oai: part 1 of the speech ends in the middle of a frame\n     what arrived is in ${cwd}/x.mp3.part\n`,
    );
    expect(await readdir(cwd)).toEqual(['x.mp3.part']);
  });
});
