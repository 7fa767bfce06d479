import { open, readFile, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { runBin, runShell, start } from '../support/bin.ts';
import { temporaryFolder } from '../support/folder.ts';
import { spoken } from '../support/heard.ts';

const MB = 1024 * 1024;
/** A frame of the sound is its own number: who has a part of it knows where it is from. */
const RATE = 48_000;
const FRAME_BYTES = 4;
const HEADER_BYTES = 44;

/** A WAV of 16 bits, two channels, whose frames count from 0. */
async function countingWav(path: string, bytes: number): Promise<void> {
  const header = Buffer.alloc(HEADER_BYTES);
  header.write('RIFF\0\0\0\0WAVEfmt ', 'latin1');
  header.writeUInt32LE(bytes + HEADER_BYTES - 8, 4);
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(2, 22);
  header.writeUInt32LE(RATE, 24);
  header.writeUInt32LE(RATE * FRAME_BYTES, 28);
  header.writeUInt16LE(FRAME_BYTES, 32);
  header.writeUInt16LE(16, 34);
  header.write('data', 36, 'latin1');
  header.writeUInt32LE(bytes, 40);
  const file = await open(path, 'w');
  await file.write(header);
  const piece = new Uint32Array(MB / FRAME_BYTES);
  for (let frame = 0; frame < bytes / FRAME_BYTES; frame += piece.length) {
    for (let index = 0; index < piece.length; index++) piece[index] = frame + index;
    await file.write(Buffer.from(piece.buffer));
  }
  await file.close();
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece);
  return Buffer.concat(pieces);
}

/** The seconds at which the sound of a form begins and ends in the whole. */
function timesOf(form: Buffer): { from: number; to: number } {
  const start = form.indexOf('RIFF');
  const data = start + HEADER_BYTES;
  const bytes = form.readUInt32LE(data - 4);
  const from = form.readUInt32LE(data) / RATE;
  return { from, to: from + bytes / FRAME_BYTES / RATE };
}

/** A server that takes 25 MB, as the API does, and tells of each sound where it is from. */
async function tellingServer(): Promise<{ url: string; sizes: number[] }> {
  const sizes: number[] = [];
  const server = createServer(async (request, response) => {
    const body = await bodyOf(request);
    sizes.push(body.length);
    if (body.length > 25 * MB) {
      response.writeHead(413, { 'content-type': 'application/json' });
      response.end('{"error":{"message":"Maximum content size limit exceeded","type":"server_error"}}');
      return;
    }
    const { from, to } = timesOf(body);
    const length = to - from;
    const segments = [
      { id: 0, start: 0, end: 1, text: `${from} to ${from + 1}` },
      { id: 1, start: length - 1, end: length, text: `${to - 1} to ${to}` },
    ];
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ text: 'x', duration: length, language: 'english', segments }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`, sizes };
}

const secondsOf = (time: string) => {
  const [hours = 0, minutes = 0, seconds = 0] = time.replace(',', '.').split(':').map(Number);
  return hours * 3600 + minutes * 60 + seconds;
};

describe('a WAV of 200 MB', () => {
  it('becomes subtitles whose times are right to 10 ms, in less than 150 MB of memory', async () => {
    const cwd = await temporaryFolder();
    await countingWav(join(cwd, 'talk.wav'), 200 * MB);
    await writeFile(
      join(cwd, 'peak.cjs'),
      // VmHWM is of this program alone; resourceUsage().maxRSS would begin with what the process that started it had.
      "const { readFileSync, writeFileSync } = require('fs');" +
        "process.on('exit', () => writeFileSync('peak', /VmHWM:\\s+(\\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'))[1]));",
    );
    const { url, sizes } = await tellingServer();
    const env = {
      OPENAI_BASE_URL: url,
      OPENAI_API_KEY: 'sk-test-0123456789',
      NODE_OPTIONS: `--require=${join(cwd, 'peak.cjs')}`,
    };
    const { code, stdout, stderr } = await runBin(['transcribe', 'talk.wav', '-f', 'srt'], { cwd, env });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(sizes[0]).toBeGreaterThan(200 * MB);
    expect(Math.max(...sizes.slice(1))).toBeLessThan(25 * MB);

    const cues = [...stdout.matchAll(/^(\d+)\n(\S+) --> (\S+)\n(\S+) to (\S+)$/gm)];
    expect(cues).toHaveLength(2 * (sizes.length - 1));
    for (const [index, [, number, start = '', end = '', from, to]] of cues.entries()) {
      expect(Number(number)).toBe(index + 1);
      expect(Math.abs(secondsOf(start) - Number(from))).toBeLessThan(0.01);
      expect(Math.abs(secondsOf(end) - Number(to))).toBeLessThan(0.01);
    }
    expect(Number(cues.at(-1)?.[5])).toBeCloseTo((200 * MB) / FRAME_BYTES / RATE, 3);
    // Kilobytes.
    expect(Number(await readFile(join(cwd, 'peak'), 'utf8')) / 1024).toBeLessThan(150);
  }, 120_000);
});

describe('a pipe', () => {
  it('carries speech to its transcript', async () => {
    const env = { OAI_PROFILE: 'sandbox' };
    const line = 'oai speak "Good morning, everyone." -o - | oai transcribe | oai translate --to ko';
    expect(await runShell(line, { env })).toMatchObject({
      code: 0,
      stdout: '[Korean] Good morning, everyone.\n',
    });
  });

  it('of a process substitution is read once', async () => {
    const cwd = await temporaryFolder();
    await writeFile(join(cwd, 'talk.mp3'), await spoken('hello there'));
    const line = "bash -c 'oai transcribe --sandbox <(cat talk.mp3)'";
    expect(await runShell(line, { cwd })).toMatchObject({ code: 0, stdout: 'hello there\n' });
  });
});

describe('Ctrl-C', () => {
  it('ends it at once, and leaves nothing behind', async () => {
    const cwd = await temporaryFolder();
    const temporary = await temporaryFolder();
    const env = { OAI_SANDBOX: 'delay=60s', TMPDIR: temporary };
    const run = await start(['transcribe', '--sandbox', '-', '-o', 'x.txt', '--verbose'], {
      cwd,
      env,
      stdin: await spoken('hello there'),
    });
    await run.complains('POST');
    run.child.kill('SIGINT');
    expect(await run.done).toMatchObject({ code: 130, stdout: '' });
    const { stdout } = await runShell('ls -A . "$TMPDIR"', { cwd, env });
    expect(stdout).toBe(`.:\n\n${temporary}:\n`);
  });
});
