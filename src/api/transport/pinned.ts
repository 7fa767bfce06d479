import type { LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { Agent } from 'undici';
import { type Dispatcher, NO_LIMITS } from './direct.ts';

/**
 * Connects to these addresses and to no other, whatever the name of the host: who looks a name up again may be given
 * another answer. One connection for each request.
 */
export function pinnedDispatcher(addresses: readonly LookupAddress[]): Dispatcher {
  return new Agent({ ...NO_LIMITS, pipelining: 0, connect: { lookup: known(addresses) } });
}

/** Gives what is known already, in the place of a lookup. */
function known(addresses: readonly LookupAddress[]): LookupFunction {
  return (hostname, { all }, callback) => {
    const [first] = addresses;
    if (all === true) callback(null, [...addresses]);
    else if (first !== undefined) callback(null, first.address, first.family);
    else callback(Object.assign(new Error(`no address of ${hostname}`), { code: 'ENOTFOUND' }), '', 0);
  };
}
