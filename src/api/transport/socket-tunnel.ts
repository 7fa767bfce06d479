import { isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import { Client } from 'undici';
import { NO_LIMITS } from './direct.ts';
import { ProxyFailure } from './proxies.ts';

/**
 * A way through a proxy: its CONNECT tunnel, with TLS in it where the target speaks that. The proxy learns the target's
 * host and port, and nothing of what is said.
 * @param proxy its URL, perhaps with user name and password
 * @param target of the WebSocket, as `http:` or `https:`
 * @throws ProxyFailure; the reason of the signal
 */
export async function openTunnel(proxy: URL, target: URL, signal: AbortSignal): Promise<Duplex> {
  const port = target.port === '' ? { 'http:': '80', 'https:': '443' }[target.protocol] : target.port;
  const path = `${target.hostname}:${port}`;
  const client = new Client(proxy.origin, NO_LIMITS);
  const answer = await client
    .connect({ path, headers: { host: path, ...credentials(proxy) }, signal })
    .catch((cause: unknown) => {
      signal.throwIfAborted();
      throw new ProxyFailure('the proxy cannot be used', { cause });
    });
  const { socket, statusCode } = answer;
  if (statusCode !== 200) {
    socket.on('error', () => {}).destroy();
    // In the words that undici has for it.
    throw new ProxyFailure(`Proxy response (${statusCode}) !== 200 when HTTP Tunneling`);
  }
  if (target.protocol !== 'https:') return socket;
  const host = target.hostname.replace(/^\[|\]$/g, '');
  // An address is no server name (RFC 6066, 3).
  const named = isIP(host) === 0 && { servername: host };
  return connectTls({ socket, host, ...named, ALPNProtocols: ['http/1.1'] });
}

function credentials({ username, password }: URL): Record<string, string> {
  if (username === '' && password === '') return {};
  const text = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { 'proxy-authorization': `Basic ${Buffer.from(text).toString('base64')}` };
}
