import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { Failure, Stopped } from '../../src/errors.ts';
import { findPlayer, type SoundFormat } from '../../src/output/player.ts';
import { type FakeContext, fakeContext } from '../support/context.ts';
import { temporaryFolder } from '../support/folder.ts';
import { settle } from '../support/oai.ts';

/** A machine on which only these programs are. `log` gives what one of them wrote into `$LOG/NAME`. */
async function machine(programs: Record<string, string>, env: Record<string, string> = {}) {
  const folder = await temporaryFolder();
  await mkdir(join(folder, 'bin'));
  for (const [name, script] of Object.entries(programs)) {
    await writeFile(join(folder, 'bin', name), `#!/bin/sh\n${script}\n`);
    await chmod(join(folder, 'bin', name), 0o755);
  }
  const context = fakeContext({ env: { PATH: join(folder, 'bin'), LOG: folder, ...env } });
  const log = (name: string) => readFile(join(folder, name), 'utf8').catch(() => '');
  return { context, folder, log };
}

/** Says who it is, and waits to be told to go on. */
const waits = 'echo $$ > "$LOG/pid"; while [ ! -e "$LOG/go" ]; do /bin/sleep 0.01; done';

async function* pieces(count: number, size = 65_536, onPiece: () => void = () => {}) {
  for (let number = 0; number < count; number++) {
    onPiece();
    yield Buffer.alloc(size);
  }
}

/** A sound that stops coming. */
async function* endless(signal: AbortSignal) {
  yield Buffer.alloc(10);
  await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
}

async function play(context: FakeContext, bytes: AsyncIterable<Uint8Array>, format: SoundFormat = 'mp3') {
  return (await findPlayer(format, context)).play(bytes);
}

async function pidOf(log: (name: string) => Promise<string>): Promise<number> {
  await expect.poll(() => log('pid'), { timeout: 5000 }).toMatch(/^\d+\n$/);
  return Number(await log('pid'));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe('a player', () => {
  it('is given all of the sound, in order', async () => {
    const { context, log } = await machine({ mpv: '/bin/cat > "$LOG/played"' });
    async function* sound() {
      yield Buffer.from('one ');
      yield Buffer.from('two');
    }
    await play(context, sound());
    expect(await log('played')).toBe('one two');
  });

  it('that is slow holds the sound up, without a warning', async () => {
    const { context, folder, log } = await machine({ mpv: `${waits}; exec /bin/cat > /dev/null` });
    // Node warns of listeners that pile up.
    const warned = vi.spyOn(process, 'emitWarning');
    onTestFinished(() => warned.mockRestore());
    let asked = 0;
    const playing = play(
      context,
      // Each more than a pipe holds.
      pieces(40, 300_000, () => {
        asked += 1;
      }),
    );
    await pidOf(log);
    await settle(50);
    expect(asked).toBeLessThan(5);
    await writeFile(join(folder, 'go'), '');
    await playing;
    expect(asked).toBe(40);
    expect(warned).not.toHaveBeenCalled();
  });

  it('is told no keys', async () => {
    const { context, log } = await machine(
      { mpv: '/usr/bin/env > "$LOG/env"; /bin/cat > /dev/null' },
      {
        OPENAI_API_KEY: 'sk-1',
        OPENAI_ORG_ID: 'org',
        MY_KEY: 'secret-2',
        OTHER: 'url?secret-2',
        DISPLAY: ':0',
      },
    );
    context.secrets.add('secret-2');
    await play(context, pieces(1));
    expect(await log('env')).toContain('DISPLAY=:0\n');
    expect(await log('env')).not.toMatch(/OPENAI|sk-1|secret-2/);
  });

  it('that has heard enough and fails says so', async () => {
    const { context } = await machine({ mpv: 'exit 3' });
    const playing = play(context, pieces(40));
    await expect(playing).rejects.toMatchObject({ kind: 'incomplete' });
    await expect(playing).rejects.toThrow(/^cannot play: .*\/mpv: it ended with exit code 3$/);
  });

  it('plays what came to its end, where no more comes', async () => {
    const { context, log } = await machine({ mpv: '/bin/cat > "$LOG/played"; echo " end" >> "$LOG/played"' });
    const lost = new Failure('network', 'lost');
    async function* broken() {
      yield Buffer.from('half');
      throw lost;
    }
    await expect(play(context, broken())).rejects.toBe(lost);
    expect(await log('played')).toBe('half end\n');
  });
});

describe('a run that is stopped', () => {
  it.each<[string, SoundFormat, Record<string, string>]>([
    ['while it listens', 'mp3', { mpv: `${waits}` }],
    ['by a file', 'mp3', { afplay: `${waits}` }],
  ])('ends its player, and says why: %s', async (_, format, programs) => {
    const { context, log } = await machine(programs);
    const playing = play(context, pieces(1), format);
    const pid = await pidOf(log);
    const stopped = new Stopped('SIGTERM');
    context.stop(stopped);
    await expect(playing).rejects.toBe(stopped);
    expect(isAlive(pid)).toBe(false);
  });

  it('ends its player in the middle of the sound', async () => {
    const { context, log } = await machine({ mpv: waits });
    const playing = play(context, endless(context.signal));
    const pid = await pidOf(log);
    context.stop(new Stopped('SIGINT'));
    await expect(playing).rejects.toMatchObject({ by: 'SIGINT' });
    expect(isAlive(pid)).toBe(false);
  });

  it('ends a player that does not want to, after a moment', async () => {
    const { context, log } = await machine({ mpv: `trap "" TERM; ${waits}` });
    const playing = play(context, pieces(40));
    const pid = await pidOf(log);
    context.stop(new Stopped('SIGINT'));
    await settle(20);
    expect(isAlive(pid)).toBe(true);
    // Less than a run has for tidying up.
    context.clock.advance(49);
    await expect(playing).rejects.toMatchObject({ by: 'SIGINT' });
    expect(isAlive(pid)).toBe(false);
  });

  it('starts no player any more', async () => {
    const { context, log } = await machine({ afplay: waits });
    context.stop(new Stopped('SIGINT'));
    await expect(play(context, pieces(1))).rejects.toMatchObject({ by: 'SIGINT' });
    expect(await log('pid')).toBe('');
  });
});
