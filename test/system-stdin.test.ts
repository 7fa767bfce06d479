import { PassThrough } from 'node:stream';
import { afterEach, expect, it, vi } from 'vitest';
import { Stopped } from '../src/errors.ts';
import { systemContext } from '../src/system.ts';
import { settle } from './support/oai.ts';

vi.mock('node:fs', async (original) => {
  const no = () => false;
  const pipe = { isCharacterDevice: no, isFile: no, isDirectory: no, isFIFO: () => true };
  return { ...(await original<typeof import('node:fs')>()), fstatSync: () => pipe };
});

afterEach(() => void vi.useRealTimers());

/** Reads a pipe; `outcome` is how many pieces came, or what ended it. */
function reading() {
  vi.useFakeTimers({ toFake: ['setTimeout'] });
  const stdin = new PassThrough();
  const context = systemContext({ stdin, env: {}, versions: process.versions } as unknown as NodeJS.Process);
  const read = async () => {
    let pieces = 0;
    for await (const _ of context.stdin.read(context.signal)) pieces += 1;
    return pieces;
  };
  const seen: unknown[] = [];
  read().then(
    (pieces) => seen.push(pieces),
    (error) => seen.push(error),
  );
  return { stdin, context, seen };
}

it('the end of a pipe that gave nothing waits a moment for the signal that may have ended its writer', async () => {
  const { stdin, context, seen } = reading();
  stdin.end();
  await settle();
  expect(seen).toEqual([]);
  const stopped = new Stopped('SIGINT');
  context.stop(stopped);
  vi.advanceTimersByTime(10);
  await settle();
  expect(seen).toEqual([stopped]);
});

it('the end of a pipe is believed where there is no signal', async () => {
  const { stdin, seen } = reading();
  stdin.end();
  await settle();
  vi.advanceTimersByTime(10);
  await settle();
  expect(seen).toEqual([0]);
});

it('the end of a pipe that gave something is believed at once', async () => {
  const { stdin, seen } = reading();
  stdin.end('x');
  await settle();
  vi.advanceTimersByTime(1);
  await settle();
  expect(seen).toEqual([1]);
});
