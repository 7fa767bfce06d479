import { describe, expect, it } from 'vitest';
import type { Api } from '../../src/api/client.ts';
import type { ChatChunk } from '../../src/api/completions.ts';
import type { AnswerStream } from '../../src/api/stream.ts';
import { turnPieces } from '../../src/chat/turn.ts';
import { chatChunks } from '../support/api.ts';

/** A stream of these pieces, and what is done with it. */
function desk(...chunks: readonly (object | Error)[]) {
  const log: string[] = [];
  const left = [...chunks];
  const stream = {
    async next() {
      const chunk = left.shift();
      if (chunk instanceof Error) throw chunk;
      return chunk;
    },
    complete: () => log.push('complete'),
    pause: () => log.push('pause'),
    close: () => log.push('close'),
  } as unknown as AnswerStream<ChatChunk>;
  const api = {
    pause: () => {
      log.push('time stops');
      return () => log.push('time goes on');
    },
    failure: (error: Error) => error,
  } as unknown as Api;
  return { log, pieces: turnPieces(stream, { count: 1, api }) };
}

describe('the pieces of a turn', () => {
  it('are closed when they are at an end', async () => {
    const { log, pieces } = desk(...chatChunks('a', 'b'));
    expect(await pieces.next()).toEqual({ done: false, value: 'a' });
    expect(await pieces.next()).toEqual({ done: false, value: 'b' });
    const end = await pieces.next();
    expect(end).toMatchObject({ done: true, value: { failure: undefined, choices: [{ text: 'ab' }] } });
    expect(log).toEqual([
      ...['pause', 'time stops', 'time goes on'],
      ...['pause', 'time stops', 'time goes on'],
      ...['complete', 'close'],
    ]);
  });

  it('are closed when nobody takes the rest', async () => {
    const { log, pieces } = desk(...chatChunks('a', 'b'));
    await pieces.next();
    await pieces.return({ choices: [], failure: undefined });
    expect(log).toEqual(['pause', 'time stops', 'time goes on', 'close']);
  });

  it('end with what failed, and what came before it', async () => {
    const failure = new Error('lost');
    const { log, pieces } = desk(...chatChunks('a').slice(0, 1), failure);
    await pieces.next();
    expect((await pieces.next()).value).toMatchObject({ failure, choices: [{ text: 'a' }] });
    expect(log.at(-1)).toBe('close');
  });

  it('that are cut are said to be, and nothing of where they went', async () => {
    const { pieces } = desk(...chatChunks('a').slice(0, 1));
    await pieces.next();
    const { value } = await pieces.next();
    expect(value).toMatchObject({ failure: { kind: 'network', hint: undefined } });
  });
});
