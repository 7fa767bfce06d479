import { EnvHttpProxyAgent } from 'undici';
import { type Dispatcher, NO_LIMITS } from './direct.ts';
import type { Proxies } from './proxies.ts';

/** Sends what the proxies are for through a CONNECT tunnel of theirs, the rest (`NO_PROXY`) without them. */
export function proxyDispatcher({ httpProxy, httpsProxy, noProxy }: Proxies): Dispatcher {
  return new EnvHttpProxyAgent({
    ...NO_LIMITS,
    // An empty text is "none" here; undefined would make undici look into the environment by itself.
    httpProxy: httpProxy ?? '',
    httpsProxy: httpsProxy ?? '',
    noProxy: noProxy ?? '',
  });
}
