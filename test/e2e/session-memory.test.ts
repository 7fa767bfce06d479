import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { chatChunks } from '../support/api.ts';
import { node, start } from '../support/bin.ts';

/** Bytes that a process holds now. */
function residentBytes(pid: number | undefined): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1024;
}

/** A server that answers each chat with a few words, and reads no request. @returns its base URL */
async function quickServer(onQuestion: (count: number) => void): Promise<string> {
  let count = 0;
  const server = createServer((request, response) => {
    request.resume();
    request.on('end', () => {
      count += 1;
      onQuestion(count);
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      for (const chunk of chatChunks('Yes, of course.')) response.write(`data: ${JSON.stringify(chunk)}\n\n`);
      response.end('data: [DONE]\n\n');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
}

describe.skipIf(process.platform !== 'linux' || node !== process.execPath)('a session of 1,000 turns', () => {
  it('takes no more memory at its end than in its first half', async () => {
    const held = new Map<number, number>();
    let pid: number | undefined;
    const url = await quickServer((count) => {
      if (count % 100 === 0) held.set(count, residentBytes(pid));
    });
    const env = { OPENAI_BASE_URL: url, OPENAI_API_KEY: 'sk-any', NODE_OPTIONS: '--max-old-space-size=48' };
    const turns = Array.from({ length: 1000 }, (_, index) => `turn ${index + 1}\n`).join('');
    const session = await start(['chat', '-i', '-q'], { env, stdin: turns });
    pid = session.child.pid;
    expect((await session.done).code).toBe(0);
    const half = Math.max(...[100, 200, 300, 400, 500].map((count) => held.get(count) ?? 0));
    const end = Math.max(...[600, 700, 800, 900, 1000].map((count) => held.get(count) ?? 0));
    // What is kept of a turn, its words and where it is in the database, is less than 20 kB.
    expect(end - half).toBeLessThan(500 * 20_000);
  }, 120_000);
});
