import { afterEach, describe, expect, it } from 'vitest';
import { directFetch } from '../../../src/api/transport/direct.ts';
import { fakeContext } from '../../support/context.ts';

const DISPATCHER = Symbol.for('undici.globalDispatcher.2');
const registry: { [name: symbol]: unknown } = Object(globalThis);
const before = Object.getOwnPropertyDescriptor(globalThis, DISPATCHER);

afterEach(() => {
  if (before === undefined) delete registry[DISPATCHER];
  else Object.defineProperty(globalThis, DISPATCHER, before);
});

describe('a request to the network', () => {
  it('follows no redirect, and has no time limit but our own', async () => {
    const dispatched: object[] = [];
    const dispatch = (options: object) => dispatched.push(options) > 0;
    Object.defineProperty(globalThis, DISPATCHER, { value: { dispatch }, configurable: true });
    let sent:
      | (RequestInit & { dispatcher?: { dispatch(options: object, handler: object): boolean } })
      | undefined;
    const context = fakeContext({
      fetch: async (_, init) => {
        sent = init as typeof sent;
        return new Response();
      },
    });
    const send = await directFetch(context, 'https://api.openai.com/v1');
    await send('https://api.openai.com/v1/models', { method: 'GET' });
    expect(sent).toMatchObject({ method: 'GET', redirect: 'error' });
    sent?.dispatcher?.dispatch({ path: '/v1/models', headersTimeout: 300_000 }, {});
    expect(dispatched).toEqual([{ path: '/v1/models', headersTimeout: 0, bodyTimeout: 0 }]);
  });

  it('finds the dispatcher of the fetch that is built in', async () => {
    let dispatcher: unknown;
    const context = fakeContext({
      fetch: async (_, init) => {
        dispatcher = (init as { dispatcher?: unknown }).dispatcher;
        return new Response();
      },
    });
    await (await directFetch(context, 'https://api.openai.com/v1'))('https://api.openai.com/v1/models');
    expect(dispatcher).toHaveProperty('dispatch');
  });
});
