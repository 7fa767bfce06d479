import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import type { Api } from '../../src/api/client.ts';
import { Stopped } from '../../src/errors.ts';
import { run } from '../../src/main.ts';
import { asRecording, openInput } from '../../src/transcripts/opened-input.ts';
import { soundParts } from '../../src/transcripts/sound-parts.ts';
import { fakeContext } from '../support/context.ts';
import { temporaryFolder } from '../support/folder.ts';
import { desk, longDesk, transcribe } from './desk.ts';

const KEY = { OPENAI_API_KEY: 'sk-test-0123456789' };

describe('a pipe', () => {
  it('of a kind that needs ffmpeg, where there is none, is told what to do about it', async () => {
    const stdin = Buffer.concat([
      Buffer.from('FORM\0\0\x01\0AIFFCOMM\0\0\0\x12', 'latin1'),
      Buffer.alloc(2000),
    ]);
    const { code, stderr } = await transcribe(['-'], { cwd: await desk(), stdin });
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /ffmpeg, which converts it, is not installed\n {5}install ffmpeg, or give it as WAV, MP3 or FLAC\n$/,
    );
  });

  it('that ends because of Ctrl-C is not an empty one', async () => {
    const context = fakeContext({
      cwd: await temporaryFolder(),
      env: KEY,
      stdin: {
        kind: 'pipe',
        async *read() {
          // Whoever pipes is gone first; the signal comes right after.
          setImmediate(() => context.stop(new Stopped('SIGINT')));
        },
      },
    });
    expect(await run(['transcribe'], context)).toBe(130);
    expect(context.stderr.text).not.toContain('empty');
  });
});

describe('a URL', () => {
  it('goes to nobody with its query or its password', async () => {
    const cwd = await longDesk();
    const [path, url] = [join(cwd, 'long.wav'), 'https://ann:hush@files.test/a/talk.wav?sig=hush'];
    const context = fakeContext({ cwd });
    const words = { kind: 'url', url } as const;
    const { name, fileName } = await openInput(words, { dryRun: true } as Api, context);
    const file = await openInput({ kind: 'file', path, below: '' }, {} as Api, context);
    const recording = asRecording({ ...file, name, fileName, source: words });
    const { parts } = await soundParts(recording, { bytes: undefined, seconds: 5 }, context);
    expect(parts.map((part) => part.name)).toEqual(['talk-001.wav', 'talk-002.wav', 'talk-003.wav']);
    const info = { ...recording.info, kind: 'aiff' } as const;
    const limits = { bytes: undefined, seconds: undefined };
    await expect(soundParts({ ...recording, info }, limits, context)).rejects.toMatchObject({
      message: expect.stringMatching(/^https:\/\/files\.test\/a\/talk\.wav: it is to be converted/),
    });
  });
});

it('what is made to be sent is deleted', async () => {
  const [tmp, bin, cwd] = [await temporaryFolder(), await temporaryFolder(), await desk()];
  const frame = Buffer.concat([
    Buffer.from('FORM\0\0\x01\0AIFFCOMM\0\0\0\x12', 'latin1'),
    Buffer.alloc(2000),
  ]);
  await writeFile(join(cwd, 'talk.aiff'), frame);
  // An FFmpeg that makes a file that is no FLAC.
  await writeFile(
    join(bin, 'ffmpeg'),
    '#!/bin/sh\nfor last; do :; done\necho x >"$(echo "$last" | cut -c 6-)"\n',
    {
      mode: 0o755,
    },
  );
  vi.stubEnv('TMPDIR', tmp);
  const env = { ...KEY, PATH: `${bin}:/bin:/usr/bin` };
  const { code } = await transcribe(['talk.aiff'], { cwd, env });
  vi.unstubAllEnvs();
  expect({ code, left: await readdir(tmp) }).toEqual({ code: 2, left: [] });
});
