import type { Context } from '../../context.ts';
import { usageError } from '../../errors.ts';

export interface Proxies {
  readonly httpProxy: string | undefined;
  readonly httpsProxy: string | undefined;
  readonly noProxy: string | undefined;
}

/**
 * The proxies that the environment names, or undefined where it names none. Lower case wins, as in curl.
 * @throws Failure (usage) when one is no URL
 */
export function proxiesOf(env: Context['env']): Proxies | undefined {
  const value = (name: string) => env[name] || env[name.toUpperCase()] || undefined;
  const every = value('all_proxy');
  const httpProxy = value('http_proxy') ?? every;
  const httpsProxy = value('https_proxy') ?? every;
  if (httpProxy === undefined && httpsProxy === undefined) return undefined;
  for (const proxy of [httpProxy, httpsProxy]) if (proxy !== undefined) proxyUrl(proxy);
  return { httpProxy, httpsProxy, noProxy: value('no_proxy') };
}

/** The proxy that requests to `url` go through, unless `NO_PROXY` says otherwise. */
export function proxyFor(proxies: Proxies, url: string): string | undefined {
  return url.startsWith('https:') ? proxies.httpsProxy : proxies.httpProxy;
}

/** The same for messages: host and port, without user name and password. */
export function proxyShown(env: Context['env'], url: string): string | undefined {
  const proxies = proxiesOf(env);
  const proxy = proxies === undefined ? undefined : proxyFor(proxies, url);
  return proxy === undefined ? undefined : proxyUrl(proxy).host;
}

/** @throws Failure (usage); it does not show the text, which may hold a password */
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
