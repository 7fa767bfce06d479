import type { Context } from '../../context.ts';
import { type Proxies, proxiesOf, proxyFor } from './proxies.ts';
import { withRoom } from './room.ts';

/** undici's dispatcher, as far as the built-in fetch needs to know it. */
export interface Dispatcher {
  dispatch(options: object, handler: object): boolean;
}

/** The last word on how long to wait is our own: undici's limits of 300 s would end a model's long thought. */
export const NO_LIMITS = { headersTimeout: 0, bodyTimeout: 0 };

/** Where the built-in fetch keeps its dispatcher: undici 8 (Node 26) first, then undici 6 and 7. */
const GLOBAL_DISPATCHERS = [Symbol.for('undici.globalDispatcher.2'), Symbol.for('undici.globalDispatcher.1')];

function globalDispatcher(): Dispatcher | undefined {
  const registry: { [name: symbol]: Dispatcher | undefined } = Object(globalThis);
  return GLOBAL_DISPATCHERS.map((name) => registry[name]).find((found) => found !== undefined);
}

/** The dispatcher of the built-in fetch, made patient; undefined where a new Node keeps it in a new place. */
function patientDispatcher(): Dispatcher | undefined {
  const dispatcher = globalDispatcher();
  if (dispatcher === undefined) return undefined;
  return withRoom({
    dispatch: (options, handler) => dispatcher.dispatch({ ...options, ...NO_LIMITS }, handler),
  });
}

/**
 * The first look at a class of fetch loads undici, which then registers its dispatcher. (By name: a minifier leaves
 * out a look that nothing comes of.)
 */
function loadFetch(): void {
  Reflect.get(globalThis, 'Response');
}

/**
 * The built-in fetch with what every request of this program wants: no redirects (a key is not carried to another
 * address, and a body is not kept in memory to be sent twice), no time limits but our own, and the proxy of the
 * environment.
 * @param baseUrl where the requests go
 * @throws Failure (usage) when the environment names a proxy that is no URL
 */
export async function directFetch(context: Context, baseUrl: string): Promise<typeof fetch> {
  loadFetch();
  context.spareCompiler();
  const proxies = proxiesOf(context.env);
  const dispatcher =
    proxies === undefined || proxyFor(proxies, baseUrl) === undefined
      ? patientDispatcher()
      : await throughProxies(proxies);
  return (input, init) => {
    const request = { ...init, redirect: 'error', dispatcher };
    // Node's types know a whole dispatcher only; its fetch calls no more than `dispatch`.
    return context.fetch(input, request as RequestInit);
  };
}

async function throughProxies(proxies: Proxies): Promise<Dispatcher> {
  const { proxyDispatcher } = await import('./proxy-dispatcher.ts');
  return proxyDispatcher(proxies);
}
