import { type Dispatcher, EnvHttpProxyAgent, Pool } from 'undici';
import { type Dispatcher as AnyDispatcher, NO_LIMITS } from './direct.ts';
import { type Proxies, ProxyFailure } from './proxies.ts';
import { withRoom } from './room.ts';

/** Sends what the proxies are for through a CONNECT tunnel of theirs, the rest (`NO_PROXY`) without them. */
export function proxyDispatcher({ httpProxy, httpsProxy, noProxy }: Proxies): AnyDispatcher {
  const agent = new EnvHttpProxyAgent({
    ...NO_LIMITS,
    clientFactory: proxyPool,
    // An empty text is "none" here; undefined would make undici look into the environment by itself.
    httpProxy: httpProxy ?? '',
    httpsProxy: httpsProxy ?? '',
    noProxy: noProxy ?? '',
  });
  return withRoom(agent);
}

/**
 * The connections to a proxy. An error of theirs gets a name of its own, for the words of it and because undici tries
 * again without end, and without a pause, when a tunnel fails with its own code for a lost socket.
 */
function proxyPool(origin: URL, options: object): Pool {
  const pool = new Pool(origin, options);
  const connect: (target: Dispatcher.ConnectOptions) => Promise<unknown> = pool.connect.bind(pool);
  return Object.assign(pool, {
    // ProxyAgent awaits it: the form with a callback is not used.
    connect: (target: Dispatcher.ConnectOptions) =>
      connect(target).catch((cause: unknown) => {
        throw new ProxyFailure('the proxy cannot be used', { cause });
      }),
  }) as Pool;
}
