import { execFile } from 'node:child_process';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { spoken } from '../support/heard.ts';
import { desk, long, transcribe } from './desk.ts';

/** Runs what was shown, with a curl that keeps its arguments. @returns these, a line each, and what they refer to */
async function played(script: string, cwd: string): Promise<string> {
  const curl = join(cwd, 'curl');
  await writeFile(curl, '#!/bin/sh\nfor word; do printf "%s\\n" "$word"; done >>asked\n');
  await chmod(curl, 0o755);
  await writeFile(join(cwd, 'script'), script);
  await promisify(execFile)('/bin/sh', ['-e', join(cwd, 'script')], {
    cwd,
    env: { ...process.env, PATH: `${cwd}:${process.env['PATH']}`, TMPDIR: cwd, OPENAI_API_KEY: 'k' },
  });
  return readFile(join(cwd, 'asked'), 'utf8');
}

describe('a dry run', () => {
  it('shows all parts in order, each with what makes it', async () => {
    const cwd = await desk();
    const argv = ['it is long.wav', '--dry-run', '-m', 'gpt-4o-transcribe', '-q'];
    await writeFile(join(cwd, 'it is long.wav'), long(1500, await spoken('Hi.', 'wav')));
    const { code, stdout } = await transcribe(argv, { cwd });
    expect(code).toBe(0);
    expect(stdout.match(/^curl /gm)).toHaveLength(3);
    expect(stdout).not.toContain('base64');
    const made = stdout.match(/^ffmpeg .*$/gm) ?? [];
    expect(made.map((line) => line.replace(/\d+\.\d{3}/g, 'T'))).toEqual(
      [1, 2, 3].map(
        (part) =>
          `ffmpeg -v error -ss T -t T -i 'it is long.wav' -map 0:a:0 -c copy "$dir"/it_is_long-00${part}.wav`,
      ),
    );
    // Only the first is streamed.
    expect(stdout.match(/stream=true/g)).toHaveLength(1);
  });

  it('says of a part of a pipe what it is', async () => {
    const stdin = long(1500, await spoken('Hi.', 'wav'));
    const argv = ['-', '--dry-run', '-m', 'gpt-4o-transcribe', '-q'];
    const { stdout } = await transcribe(argv, { cwd: await desk(), stdin });
    expect(stdout).toContain('# "$dir"/stdin-002.wav is to be part 2 of 3 of stdin\n');
  });

  it('goes on after an input that is none', async () => {
    const cwd = await desk('a.wav', 'b.wav');
    await writeFile(join(cwd, 'a.wav'), 'text');
    const { code, stdout, stderr } = await transcribe(['a.wav', 'b.wav', '--dry-run'], { cwd });
    expect(code).toBe(9);
    expect(stdout.match(/^curl /gm)).toHaveLength(1);
    expect(stdout).not.toContain('stream=true');
    expect(stderr).toBe(
      'oai: a.wav is text, not audio\noai: 1 of 2 failed\n     what the API takes: flac, m4a, mp3, mp4, mpeg, mpga, oga, ogg, wav, webm\n',
    );
  });

  it('fits into a shell, however long a clip is', async () => {
    const cwd = await desk('a.wav');
    await writeFile(join(cwd, 'ann.wav'), long(5, await spoken('Hi.', 'wav')));
    const argv = ['a.wav', '--diarize', '--speaker', 'Ann=ann.wav', '--dry-run'];
    const { stdout } = await transcribe(argv, { cwd });
    const asked = await played(stdout, cwd);
    const [, field = ''] = /^known_speaker_references\[\]=<(.*)$/m.exec(asked) ?? [];
    const clip = (await readFile(join(cwd, 'ann.wav'))).toString('base64');
    expect(await readFile(field, 'utf8')).toBe(`data:audio/wav;base64,${clip}`);
  });

  it('shows neither the query of a URL nor its password to the API or the terminal', async () => {
    const url = 'https://ann:hush@host.test/talk.mp3?sig=s';
    const { stdout } = await transcribe([url, '--dry-run'], { cwd: await desk() });
    expect(stdout).toContain('filename="talk.mp3"');
    expect(stdout).toContain('talk.mp3?sig=s');
    expect(stdout).not.toContain('hush');
  });
});
