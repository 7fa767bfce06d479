import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runBin, runShell, start } from '../support/bin.ts';
import { temporaryFolder } from '../support/folder.ts';
import { onTerminal } from '../support/pty.ts';
import { done, realtimeServer, type Turn } from '../support/realtime-server.ts';
import { spokenPcm, wavOf } from '../support/speech-file.ts';

const env = { OPENAI_API_KEY: 'sk-test-0123456789' };
const created = { type: 'response.created', response: { id: 'resp_1' } };
const text = (delta: string) => ({ type: 'response.output_text.delta', delta });

describe('a live session of the built program', () => {
  it('goes round over real sockets: typed, spoken, and written down', async () => {
    const server = await start(['sandbox', '--port', '0', '--json']);
    const { url } = JSON.parse(await server.shows('"}'));
    const cwd = await temporaryFolder();
    const options = { env: { OPENAI_BASE_URL: String(url), OPENAI_API_KEY: 'sk-any' }, cwd };
    expect(await runShell("printf 'hi\\nand again\\n' | oai realtime", options)).toMatchObject({
      code: 0,
      stdout: 'You said: hi\nYou said: and again\nBefore that: “hi”\n',
    });
    await writeFile(join(cwd, 'q.wav'), wavOf(spokenPcm('good morning')));
    expect(await runBin(['realtime', '--in', 'q.wav', '-o', 'r.mp3'], options)).toMatchObject({
      code: 0,
      stdout: 'You said: good morning\n',
      stderr: 'oai: saved as r.mp3\n',
    });
    expect(await runShell('cat r.mp3 | oai realtime --transcribe -', options)).toMatchObject({
      code: 0,
      stdout: 'You said: good morning\n',
    });
    const secret = (await runBin(['realtime', 'client-secret'], options)).stdout.trim();
    const withSecret = { ...options, env: { ...options.env, OPENAI_API_KEY: secret } };
    expect(await runBin(['realtime', 'hi'], withSecret)).toMatchObject({ code: 0, stdout: 'You said: hi\n' });
  });

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('ends with %s, and what came is printed', async (signal, code) => {
    const begins: Turn = [created, text('so far')];
    const server = await realtimeServer([begins]);
    const run = await start(['realtime', 'hi', '--base-url', server.baseUrl], { env });
    await run.shows('so far');
    run.child.kill(signal);
    expect((await run.done).code).toBe(code);
    await server.allClosed();
  });

  it('ends with 0 where the reader goes away', async () => {
    const cwd = await temporaryFolder();
    const many: Turn = [created, ...Array.from({ length: 5000 }, (_, n) => text(`line ${n}\n`)), done()];
    const server = await realtimeServer([many]);
    const line = `(oai realtime hi --base-url ${server.baseUrl}; echo "exit $?" >&2) | head -1`;
    expect(await runShell(line, { env, cwd })).toMatchObject({ stdout: 'line 0\n', stderr: 'exit 0\n' });
  });

  it('ends where stdin stays open and the server has gone', async () => {
    const server = await realtimeServer([], { onEvent: (_, socket) => socket.close() });
    const started = performance.now();
    const run = await start(
      ['realtime', '--transcribe', '-', '--retries', '0', '--base-url', server.baseUrl],
      { env, stdin: 'open' },
    );
    expect((await run.done).code).toBe(6);
    expect(performance.now() - started).toBeLessThan(15_000);
  });

  it('is interrupted by Ctrl-C on a terminal, and not ended', async () => {
    const server = await realtimeServer([[created, text('so far\n\nand ')]], {
      onEvent({ type }, socket) {
        if (type === 'response.cancel') socket.send(JSON.stringify(done('cancelled')));
      },
    });
    const screen = await onTerminal(['realtime', '--base-url', server.baseUrl], { env });
    const shows = async (words: string) =>
      expect.poll(() => screen.lines().join('\n'), { timeout: 15_000 }).toContain(words);
    await shows('gpt-realtime-2.1-mini>');
    screen.type('hi\r');
    await shows('so far');
    screen.press('Ctrl-C');
    await shows('interrupted: what came is kept');
    screen.press('Ctrl-D');
    expect(await screen.done).toBe(0);
  });

  it('asks on a terminal before a tool runs', async () => {
    const cwd = await temporaryFolder();
    await writeFile(join(cwd, 'weather.sh'), '#!/bin/sh\ncat >/dev/null\necho rain\n', { mode: 0o755 });
    await writeFile(join(cwd, 'weather.sh.json'), '{"properties":{"city":{"type":"string"}}}');
    const screen = await onTerminal(['realtime', '--sandbox', '--tool', 'weather=./weather.sh'], { cwd });
    const shows = async (words: string) =>
      expect.poll(() => screen.lines().join('\n'), { timeout: 15_000 }).toContain(words);
    await shows('gpt-realtime-2.1-mini>');
    screen.type('weather {"city":"Oslo"}\r');
    await shows('Run it?');
    screen.type('y');
    screen.press('Enter');
    await shows('weather answered: rain');
    screen.press('Ctrl-D');
    expect(await screen.done).toBe(0);
  });
});
