import { describe, expect, it } from 'vitest';
import { sandboxFetch } from '../../src/api/transport/sandbox.ts';
import { eventStream, type Step } from '../../src/sandbox/event-stream.ts';
import { CapturedOutput, FakeClock, fakeContext } from '../support/context.ts';
import { BASE, hello } from './ask.ts';

const URL = `${BASE}/chat/completions`;
const init = (signal?: AbortSignal): RequestInit => ({
  method: 'POST',
  body: JSON.stringify(hello()),
  headers: { 'content-type': 'application/json' },
  ...(signal && { signal }),
});

class BrokenClock extends FakeClock {
  override now(): number {
    throw new RangeError('no such day');
  }
}

describe('the sandbox in place of the network', () => {
  it('answers, and says so on a terminal only', async () => {
    for (const isTTY of [true, false]) {
      const context = fakeContext({ stderr: new CapturedOutput({ isTTY }) });
      const answer = await (await sandboxFetch(context))(URL, init());
      expect(await answer.json()).toMatchObject({ object: 'chat.completion' });
      expect(context.stderr.text).toBe(isTTY ? 'oai: the sandbox answers, not a model\n' : '');
    }
  });

  it('tells a failure of its own as a bug', async () => {
    const fetch = await sandboxFetch(fakeContext({ clock: new BrokenClock() }));
    const get = fetch(`${BASE}/models`);
    await expect(get).rejects.toMatchObject({
      kind: 'bug',
      message: 'the sandbox failed: no such day',
      cause: new RangeError('no such day'),
    });
  });

  it('loses the connection as a fetch does', async () => {
    const fetch = await sandboxFetch(fakeContext({ env: { OAI_SANDBOX: 'drop' } }));
    await expect(fetch(URL, init())).rejects.toThrow(new TypeError('fetch failed'));
  });

  it('ends with the reason of the request, and with that of the run', async () => {
    const clock = new FakeClock();
    const context = fakeContext({ clock, env: { OAI_SANDBOX: 'delay=1h' } });
    const fetch = await sandboxFetch(context);
    const controller = new AbortController();
    const [one, two] = [fetch(URL, init(controller.signal)), fetch(URL, init())];
    const ends = Promise.allSettled([one, two]);
    while (clock.delays.length < 2) await new Promise((resolve) => setImmediate(resolve));
    const [enough, stopped] = [new Error('enough'), new Error('stopped')];
    controller.abort(enough);
    await expect(one).rejects.toBe(enough);
    context.stop(stopped as never);
    expect(await ends).toMatchObject([{ reason: enough }, { reason: stopped }]);
  });
});

describe('the body of a stream', () => {
  const pace = { clock: new FakeClock(), delay: undefined, batch: 0 };
  const step: Step = { kind: 'event', text: 'data: x\n\n' };

  /** Steps that tell when they are given up, and a signal that counts who listens. */
  function watched(steps: readonly Step[]) {
    const controller = new AbortController();
    const { signal } = controller;
    const seen = { listeners: 0, returned: false };
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    signal.addEventListener = (...given: Parameters<typeof add>) => {
      seen.listeners += 1;
      add(...given);
    };
    signal.removeEventListener = (...given: Parameters<typeof remove>) => {
      seen.listeners -= 1;
      remove(...given);
    };
    function* made(): Generator<Step> {
      try {
        yield* steps;
      } finally {
        seen.returned = true;
      }
    }
    const reader = eventStream(made(), { ...pace, signal }).getReader();
    return { reader, seen, controller };
  }

  it('gives its steps up when the reader goes, and listens no more', async () => {
    const { reader, seen } = watched([step, step]);
    await reader.read();
    expect(seen).toEqual({ listeners: 1, returned: false });
    await reader.cancel();
    expect(seen).toEqual({ listeners: 0, returned: true });
  });

  it.each([
    ['it has ended', [step], 0],
    ['the connection is lost', [step, { kind: 'loss' }], 0],
  ] as const)('listens no more when %s', async (_, steps, listeners) => {
    const { reader, seen } = watched(steps);
    await reader.read();
    await reader.read().catch(() => {});
    expect(seen.listeners).toBe(listeners);
  });

  it('tells a failure of its own as a bug', async () => {
    function* failing(): Generator<Step> {
      yield step;
      throw new RangeError('too deep');
    }
    const { signal } = new AbortController();
    const reader = eventStream(failing(), { ...pace, signal }).getReader();
    await reader.read();
    await expect(reader.read()).rejects.toMatchObject({
      kind: 'bug',
      message: 'the sandbox failed: too deep',
    });
  });
});
