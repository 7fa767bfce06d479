import type { Dispatcher } from './direct.ts';

/**
 * How many bytes of a body may wait for whoever takes them before its connection is told to wait. (The built-in fetch
 * would have it wait after each piece.)
 */
const ROOM_BYTES = 8 * 1024 * 1024;

/** What makes a connection wait. */
export interface Tap {
  close(): void;
  open(): void;
}

/** A method of a handler of undici's. */
type Method = (this: unknown, ...values: unknown[]) => unknown;

/**
 * A dispatcher that has a body waited for as late as can be.
 *
 * undici stops its parser where a body comes faster than it is taken, and a server that hangs up just then ends the
 * process by an assertion (up to undici 7, https://github.com/nodejs/undici/issues/5360), or has a body that is here
 * to its last byte taken for a cut one.
 * @param tap what stops and goes on in place of the parser, where there is something better
 */
export function withRoom(dispatcher: Dispatcher, tap?: Tap): Dispatcher {
  return { dispatch: (options, handler) => dispatcher.dispatch(options, roomy(handler, tap)) };
}

/** Bytes that are here and have not been taken, and who is told to wait for that. */
class Room {
  readonly #tap: Tap | undefined;
  #ahead = 0;

  constructor(tap: Tap | undefined) {
    this.#tap = tap;
  }

  arrived(piece: unknown): void {
    this.#ahead += piece instanceof Uint8Array ? piece.length : 0;
  }

  /** The taker has enough. @returns whether the parser is to stop */
  mustStop(): boolean {
    if (this.#ahead <= ROOM_BYTES) return false;
    this.#tap?.close();
    return this.#tap === undefined;
  }

  /** The taker wants more. */
  taken(): void {
    this.#ahead = 0;
    this.#tap?.open();
  }
}

/** A handler as the built-in fetch of Node 20 to 25 gives it (`onData` says whether to go on), or that of Node 26. */
function roomy(handler: object, tap: Tap | undefined): object {
  const room = new Room(tap);
  const controllers = new WeakMap<object, object>();
  const controlled = (controller: unknown) => {
    if (typeof controller !== 'object' || controller === null) return controller;
    const known = controllers.get(controller) ?? roomyController(controller, room);
    controllers.set(controller, known);
    return known;
  };
  const instead: Readonly<Record<string, (method: Method) => Method>> = {
    onHeaders:
      (method) =>
      (status, headers, resume, ...rest) => {
        const goOn = () => {
          room.taken();
          if (typeof resume === 'function') resume();
        };
        return method(status, headers, goOn, ...rest);
      },
    onData: (method) => (piece) => {
      room.arrived(piece);
      return method(piece) !== false || !room.mustStop();
    },
    onResponseData: (method) => (controller, piece) => {
      room.arrived(piece);
      return method(controlled(controller), piece);
    },
  };
  for (const name of [
    'onRequestStart',
    'onRequestUpgrade',
    'onResponseStart',
    'onResponseEnd',
    'onResponseError',
  ])
    Object.assign(instead, {
      [name]:
        (method: Method) =>
        (controller: unknown, ...rest: unknown[]) =>
          method(controlled(controller), ...rest),
    });
  return withMethods(handler, instead);
}

function roomyController(controller: object, room: Room): object {
  return withMethods(controller, {
    pause: (method) => () => (room.mustStop() ? method() : undefined),
    resume: (method) => () => {
      room.taken();
      method();
    },
  });
}

/** The same object with other methods; each is made of the one that it stands for, and is there where that one is. */
function withMethods(object: object, instead: Readonly<Record<string, (method: Method) => Method>>): object {
  return new Proxy(object, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      const method: Method = (...values) => Reflect.apply(value, target, values);
      const made =
        typeof name === 'string' && Object.hasOwn(instead, name) ? instead[name]?.(method) : undefined;
      return made ?? method;
    },
    set: (target, name, value) => Reflect.set(target, name, value, target),
  });
}
