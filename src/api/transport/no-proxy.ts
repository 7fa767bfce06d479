/**
 * Whether NO_PROXY says that requests to `url` go past the proxies: `*`, or a list of hosts, each with those below
 * it and, if one is given, for that port only. As undici's `EnvHttpProxyAgent` reads it.
 */
export function goesPastProxies(noProxy: string | undefined, url: URL): boolean {
  if (noProxy === '*') return true;
  const port = url.port === '' ? { 'http:': '80', 'https:': '443' }[url.protocol] : url.port;
  return (noProxy ?? '')
    .toLowerCase()
    .split(/[,\s]/)
    .filter((entry) => entry !== '')
    .some((entry) => {
      const [, host = entry, only] = /^(.+):(\d+)$/.exec(entry) ?? [];
      const name = host.replace(/^\*?\./, '');
      return (
        (only === undefined || only === port) && (url.hostname === name || url.hostname.endsWith(`.${name}`))
      );
    });
}
