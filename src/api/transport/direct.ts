import type { Context } from '../../context.ts';
import { usageError } from '../../errors.ts';

/** undici's dispatcher, as far as the built-in fetch needs to know it. */
interface Dispatcher {
  dispatch(options: object, handler: object): boolean;
}

/** The last word on how long to wait is our own: undici's limits of 300 s would end a model's long thought. */
const NO_LIMITS = { headersTimeout: 0, bodyTimeout: 0 };

/** Where the built-in fetch keeps its dispatcher: undici 8 (Node 26) first, then undici 6 and 7. */
const GLOBAL_DISPATCHERS = [Symbol.for('undici.globalDispatcher.2'), Symbol.for('undici.globalDispatcher.1')];

function globalDispatcher(): Dispatcher | undefined {
  const registry: { [name: symbol]: Dispatcher | undefined } = Object(globalThis);
  return GLOBAL_DISPATCHERS.map((name) => registry[name]).find((found) => found !== undefined);
}

const patientDispatcher: Dispatcher = {
  dispatch(options, handler) {
    const dispatcher = globalDispatcher();
    if (dispatcher === undefined) throw new Error('the built-in fetch keeps its dispatcher in a new place');
    return dispatcher.dispatch({ ...options, ...NO_LIMITS }, handler);
  },
};

export interface Proxies {
  readonly httpProxy: string | undefined;
  readonly httpsProxy: string | undefined;
  readonly noProxy: string | undefined;
}

/** The proxies that the environment names, or undefined where it names none. Lower case wins, as in curl. */
export function proxiesOf(env: Context['env']): Proxies | undefined {
  const value = (name: string) => env[name] || env[name.toUpperCase()] || undefined;
  const every = value('all_proxy');
  const httpProxy = value('http_proxy') ?? every;
  const httpsProxy = value('https_proxy') ?? every;
  return httpProxy === undefined && httpsProxy === undefined
    ? undefined
    : { httpProxy, httpsProxy, noProxy: value('no_proxy') };
}

/** The proxy that requests to `url` may go through, for messages: without user name and password. */
export function proxyShown(proxies: Proxies | undefined, url: string): string | undefined {
  const proxy = url.startsWith('https:') ? proxies?.httpsProxy : proxies?.httpProxy;
  return proxy === undefined ? undefined : proxyUrl(proxy).host;
}

function proxyUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') {
    throw usageError(
      `the proxy in the environment is no http:// or https:// URL`,
      'HTTPS_PROXY=http://host:port, and NO_PROXY for the hosts that are reached without it',
    );
  }
  return url;
}

/**
 * The built-in fetch with what every request of this program wants: no redirects (a key is not carried to another
 * address, and a body is not kept in memory to be sent twice), no time limits but our own, and the proxy of the
 * environment.
 * @throws Failure (usage) when the environment names a proxy that is no URL
 */
export async function directFetch(context: Context): Promise<typeof fetch> {
  const proxies = proxiesOf(context.env);
  const dispatcher = proxies === undefined ? patientDispatcher : await proxyDispatcher(proxies);
  return (input, init) => {
    const request = { ...init, redirect: 'error', dispatcher };
    // Node's types know a whole dispatcher only; its fetch calls no more than `dispatch`.
    return context.fetch(input, request as RequestInit);
  };
}

async function proxyDispatcher(proxies: Proxies): Promise<Dispatcher> {
  for (const proxy of [proxies.httpProxy, proxies.httpsProxy]) if (proxy !== undefined) proxyUrl(proxy);
  const { EnvHttpProxyAgent } = await import('undici');
  const options = Object.entries({ ...proxies, ...NO_LIMITS }).filter(([, value]) => value !== undefined);
  return new EnvHttpProxyAgent(Object.fromEntries(options));
}
