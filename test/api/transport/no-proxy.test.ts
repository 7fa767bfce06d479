import { EnvHttpProxyAgent, Pool } from 'undici';
import { describe, expect, it } from 'vitest';
import { goesPastProxies } from '../../../src/api/transport/no-proxy.ts';

const PROXY = 'http://127.0.0.1:9';

/** What undici makes of it: what goes past the proxies is connected to by another agent than the proxies' own. */
async function asUndici(noProxy: string, url: URL): Promise<boolean> {
  let past = false;
  const agent = new EnvHttpProxyAgent({
    httpProxy: PROXY,
    httpsProxy: PROXY,
    noProxy,
    connect: (_, callback) => {
      past = true;
      callback(new Error('far enough'), null);
    },
    clientFactory: (origin, options) =>
      Object.assign(new Pool(origin, options), { connect: () => Promise.reject(new Error('far enough')) }),
  });
  await expect(agent.request({ origin: url.origin, path: '/', method: 'GET' })).rejects.toThrow('far enough');
  return past;
}

describe('NO_PROXY', () => {
  it.each<[string | undefined, string, boolean]>([
    [undefined, 'https://example.com/', false],
    ['', 'https://example.com/', false],
    ['*', 'https://example.com/', true],
    ['example.com', 'https://example.com/', true],
    ['example.com', 'https://sub.example.com/', true],
    ['example.com', 'https://notexample.com/', false],
    ['.example.com', 'https://sub.example.com/', true],
    ['*.example.com', 'https://example.com/', true],
    ['EXAMPLE.com', 'https://example.com/', true],
    ['a.test, example.com b.test', 'https://example.com/', true],
    ['example.com:443', 'https://example.com/', true],
    ['example.com:443', 'http://example.com/', false],
    ['example.com:8443', 'https://example.com:8443/', true],
    ['example.com:8443', 'https://example.com/', false],
    ['10.0.0.1', 'http://10.0.0.1/', true],
    ['10.0.0.0/8', 'http://10.0.0.1/', false],
    ['a.test,*', 'https://example.com/', false],
  ])('%o for %s: past the proxies %s', async (noProxy, url, expected) => {
    expect(goesPastProxies(noProxy, new URL(url))).toBe(expected);
    expect(await asUndici(noProxy ?? '', new URL(url))).toBe(expected);
  });
});
