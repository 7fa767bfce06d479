import type { Context } from '../../context.ts';
import { usageError } from '../../errors.ts';

export interface Proxies {
  readonly httpProxy: string | undefined;
  readonly httpsProxy: string | undefined;
  readonly noProxy: string | undefined;
}

/** What a proxy did wrong, for whoever words it: the target had no part in it. */
export class ProxyFailure extends Error {
  override readonly name = 'ProxyFailure';
}

/** Whether an error is the proxy's doing. (undici's own refusal of a tunnel is known by its text alone.) */
export function isProxyFailure(error: unknown): boolean {
  return (
    error instanceof ProxyFailure || (error instanceof Error && error.message.startsWith('Proxy response ('))
  );
}

/**
 * The proxies that the environment names, or undefined where it names none. Lower case wins, as in curl.
 * @throws Failure (usage) when one is no URL
 */
export function proxiesOf(env: Context['env']): Proxies | undefined {
  const proxy = (name: string | undefined) =>
    name === undefined ? undefined : proxyUrl(env[name] ?? '', name).href;
  const httpProxy = proxy(proxyVariable(env, 'http:'));
  const httpsProxy = proxy(proxyVariable(env, 'https:'));
  const noProxy = findVariable(env, 'no_proxy');
  if (httpProxy === undefined && httpsProxy === undefined) return undefined;
  return { httpProxy, httpsProxy, noProxy: noProxy === undefined ? undefined : env[noProxy] };
}

/** The variable that names the proxy for a URL. */
export function proxyVariable(env: Context['env'], url: string): string | undefined {
  return findVariable(env, url.startsWith('https:') ? 'https_proxy' : 'http_proxy', 'all_proxy');
}

function findVariable(env: Context['env'], ...names: readonly string[]): string | undefined {
  return names.flatMap((name) => [name, name.toUpperCase()]).find((name) => env[name]);
}

/** The proxy that requests to `url` go through, unless `NO_PROXY` says otherwise. */
export function proxyFor(proxies: Proxies, url: string): string | undefined {
  return url.startsWith('https:') ? proxies.httpsProxy : proxies.httpProxy;
}

/** The same for messages: host and port, without user name and password. */
export function proxyShown(env: Context['env'], url: string): string | undefined {
  const proxies = proxiesOf(env);
  const proxy = proxies === undefined ? undefined : proxyFor(proxies, url);
  return proxy === undefined ? undefined : new URL(proxy).host;
}

/** @throws Failure (usage); it does not show the text, which may hold a password */
function proxyUrl(text: string, name: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') {
    throw usageError(
      `the proxy in ${name} is no http:// or https:// URL`,
      `${name}=http://host:port, and NO_PROXY for the hosts that are reached without it`,
    );
  }
  return url;
}
