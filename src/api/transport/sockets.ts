import type { Context } from '../../context.ts';
import type { Settings } from '../../settings/settings.ts';
import { goesPastProxies } from './no-proxy.ts';
import { proxiesOf, proxyFor } from './proxies.ts';
import type { OpenSocket } from './socket.ts';

/** What a socket is opened for. */
export interface SocketSetup {
  readonly settings: Settings;
  /** The first event is shown, and nothing is sent. */
  readonly dryRun: boolean;
  /** Those of the handshake, by their names. */
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Opens a WebSocket to the API, or what stands in its place: it is on its way, and says how that goes.
 * @param path below the base URL, with its query
 * @throws Failure (usage) where a proxy or a cassette cannot be used; ProxyFailure; the reason of the signal
 */
export async function openSocket(
  path: string,
  { settings, dryRun, headers }: SocketSetup,
  context: Context,
  signal: AbortSignal,
): Promise<OpenSocket> {
  const { baseUrl, tape } = settings;
  if (dryRun) {
    const { DrySocket } = await import('./dry-socket.ts');
    const url = asWebSocket(baseUrl, path);
    return bare(new DrySocket(url, headers, settings.keyInShell(), context.stdout), url);
  }
  if (tape?.kind === 'replay') {
    const { replaySocket } = await import('./cassette/replay-socket.ts');
    return bare(replaySocket(tape, path, context), asWebSocket(baseUrl, path));
  }
  // Loaded before the socket is on its way: whoever comes later misses what it says.
  const recorder = tape?.kind === 'record' ? await import('./cassette/record-socket.ts') : undefined;
  const opened = settings.sandbox
    ? await sandboxSocket(path, headers, context)
    : await networkSocket(path, baseUrl, headers, context, signal);
  if (tape?.kind !== 'record' || recorder === undefined) return opened;
  return { ...opened, socket: recorder.recordSocket(opened.socket, tape, { path, baseUrl }, context) };
}

function asWebSocket(baseUrl: string, path: string): string {
  return `${baseUrl.replace(/^http/, 'ws')}${path}`;
}

function bare(socket: OpenSocket['socket'], url: string): OpenSocket {
  const { origin, pathname, host } = new URL(url);
  return { socket, shown: `${origin}${pathname}`, host, close() {} };
}

async function networkSocket(
  path: string,
  baseUrl: string,
  headers: Readonly<Record<string, string>>,
  context: Context,
  signal: AbortSignal,
): Promise<OpenSocket> {
  const { WebSocket } = await import('./web-socket.ts');
  const url = asWebSocket(baseUrl, path);
  const proxy = proxyOf(baseUrl, context);
  // The key would follow a redirect.
  const options = { headers, followRedirects: false };
  if (proxy === undefined) return bare(new WebSocket(url, options), url);
  const { openTunnel } = await import('./socket-tunnel.ts');
  const tunnel = await openTunnel(proxy, new URL(baseUrl), signal);
  return bare(new WebSocket(url, { ...options, createConnection: () => tunnel as never }), url);
}

/** The proxy on the way to a server, by the rules that requests have. */
function proxyOf(baseUrl: string, { env }: Context): URL | undefined {
  const proxies = proxiesOf(env);
  const proxy = proxies === undefined ? undefined : proxyFor(proxies, baseUrl);
  if (proxy === undefined || goesPastProxies(proxies?.noProxy, new URL(baseUrl))) return undefined;
  return new URL(proxy);
}

/** The sandbox has no socket of its own: a server on loopback stands in for it while it is needed. */
async function sandboxSocket(
  path: string,
  { authorization }: Readonly<Record<string, string>>,
  context: Context,
): Promise<OpenSocket> {
  const { WebSocket } = await import('./web-socket.ts');
  const { sandboxServer } = await import('./sandbox.ts');
  const { url, close } = await sandboxServer(context);
  const headers = authorization === undefined ? {} : { authorization };
  const address = asWebSocket(url, path);
  return { ...bare(new WebSocket(address, { headers, followRedirects: false }), address), close };
}
