import { describe, expect, it } from 'vitest';
import { type Api, connect } from '../../src/api/client.ts';
import type { Target } from '../../src/output/target.ts';
import { deliver } from '../../src/speech/delivery.ts';
import { type FakeContext, fakeContext } from '../support/context.ts';
import { settle } from '../support/oai.ts';

/** An API whose time, 30 s, has begun. */
async function begun(): Promise<{ api: Api; context: FakeContext }> {
  const context = fakeContext({ env: { OPENAI_API_KEY: 'sk-test' } });
  const api = await connect({ timeout: 30_000 }, context);
  await api.call(async () => {});
  return { api, context };
}

/** A target that takes a piece when it is told to. */
function slowTarget() {
  const taken: string[] = [];
  let next: (() => void) | undefined;
  const target: Target = {
    isStdout: false,
    async save(_, { data }) {
      const turn = () => new Promise<void>((resolve) => (next = resolve));
      await turn();
      for await (const piece of data as AsyncIterable<Uint8Array>) {
        taken.push(Buffer.from(piece).toString());
        await turn();
      }
      return 'x.mp3';
    },
    savePreview: async () => '',
  };
  const take = async () => {
    next?.();
    await settle();
  };
  return { target, taken, take };
}

const how = { player: undefined, extension: 'mp3', onPiece() {} };

async function* sound(...pieces: (string | Promise<string>)[]) {
  for (const piece of pieces) yield Buffer.from(await piece);
}

function joined(bytes: AsyncIterable<Uint8Array>) {
  return { bytes, patch: () => undefined };
}

describe('the time of --timeout', () => {
  it('stands still while whoever takes the sound is waited for, from the start on', async () => {
    const { api, context } = await begun();
    const { target, taken, take } = slowTarget();
    const path = deliver(joined(sound('a', 'b')), { ...how, target }, api, context);
    for (let i = 0; i < 3; i++) {
      context.clock.advance(3_600_000);
      await take();
    }
    expect(api.signal.aborted).toBe(false);
    expect(taken).toEqual(['a', 'b']);
    expect(await path).toBe('x.mp3');
  });

  it('goes on while the server is waited for', async () => {
    const { api, context } = await begun();
    const { target, taken, take } = slowTarget();
    const never = new Promise<string>(() => {});
    void deliver(joined(sound('a', never)), { ...how, target }, api, context);
    context.clock.advance(3_600_000);
    await take();
    context.clock.advance(29_000);
    await take();
    expect(taken).toEqual(['a']);
    context.clock.advance(29_999);
    expect(api.signal.aborted).toBe(false);
    context.clock.advance(1);
    expect(api.signal.aborted).toBe(true);
  });

  it('counts again once the sound is refused', async () => {
    const { api, context } = await begun();
    const full = new Error('full');
    const target: Target = {
      isStdout: false,
      async save(_, { data }) {
        for await (const _piece of data as AsyncIterable<Uint8Array>) throw full;
        return '';
      },
      savePreview: async () => '',
    };
    await expect(deliver(joined(sound('a', 'b')), { ...how, target }, api, context)).rejects.toBe(full);
    context.clock.advance(30_000);
    expect(api.signal.aborted).toBe(true);
  });
});

describe('a sound', () => {
  it('has no pieces that are empty, and is told by its bytes', async () => {
    const { api, context } = await begun();
    const { target, taken, take } = slowTarget();
    const lengths: number[] = [];
    const onPiece = (length: number) => void lengths.push(length);
    const path = deliver(joined(sound('', 'ab', '', 'c')), { ...how, target, onPiece }, api, context);
    for (let i = 0; i < 4; i++) {
      await settle();
      await take();
    }
    await path;
    expect({ taken, lengths }).toEqual({ taken: ['ab', 'c'], lengths: [2, 1] });
  });

  it.each([[[]], [['']], [['', '']]])('of %j is none', async (pieces) => {
    const { api, context } = await begun();
    const { target, take } = slowTarget();
    const path = deliver(joined(sound(...pieces)), { ...how, target }, api, context);
    const refused = expect(path).rejects.toMatchObject({
      kind: 'incomplete',
      message: 'api.openai.com answered with no sound',
    });
    await settle();
    await take();
    await refused;
  });
});
