import type { LookupAddress } from 'node:dns';
import type { LookupFunction, Socket } from 'node:net';
import { Agent, buildConnector } from 'undici';
import { type Dispatcher, NO_LIMITS } from './direct.ts';
import { type Tap, withRoom } from './room.ts';

/**
 * Connects to these addresses and to no other, whatever the name of the host: who looks a name up again may be given
 * another answer. One connection for each request.
 */
export function pinnedDispatcher(addresses: readonly LookupAddress[]): Dispatcher {
  const connector = buildConnector({ lookup: known(addresses) });
  const tap = new SocketTap();
  const connect: buildConnector.connector = (options, callback) =>
    connector(options, (...given) => {
      // An error comes alone, whatever the types say.
      if (given[0] === null) tap.put(given[1]);
      callback(...given);
    });
  return withRoom(new Agent({ ...NO_LIMITS, pipelining: 0, connect }), tap);
}

/**
 * Stops a socket from giving what it has, and that it has ended: undici's parser sees no end while it has something to
 * read before it.
 */
class SocketTap implements Tap {
  #socket: Socket | undefined;
  #isClosed = false;

  /** The socket is the one that the tap is for. */
  put(socket: Socket): void {
    const read = socket.read.bind(socket);
    socket.read = (size) => (this.#isClosed ? null : read(size));
    this.#socket = socket;
  }

  close(): void {
    this.#isClosed = true;
  }

  open(): void {
    if (!this.#isClosed) return;
    this.#isClosed = false;
    // Not from within the parser, which may be where this comes from.
    queueMicrotask(() => {
      if (this.#socket?.destroyed === false) this.#socket.emit('readable');
    });
  }
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
