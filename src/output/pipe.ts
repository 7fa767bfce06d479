import { constants, openSync } from 'node:fs';
import type { Socket } from 'node:net';
import { errno, Failure } from '../errors.ts';

/** How often a pipe that nobody reads yet is looked at, in ms. */
const LOOK_MS = 20;

/** A named pipe that somebody reads. A reader who does not read holds a write up, and never a thread. */
export class Pipe {
  readonly #path: string;
  readonly #socket: Socket;
  readonly #signal: AbortSignal | undefined;
  readonly #stop: () => void;

  private constructor(path: string, socket: Socket, signal: AbortSignal | undefined) {
    this.#path = path;
    this.#socket = socket;
    this.#signal = signal;
    this.#stop = () => void socket.destroy();
    // Each write tells of its own failure.
    socket.on('error', () => {});
    signal?.addEventListener('abort', this.#stop, { once: true });
  }

  /**
   * Waits until somebody reads a pipe.
   * @param signal ends that wait, and every write, with its reason
   * @throws a system error; the signal's reason
   */
  static async open(path: string, signal: AbortSignal | undefined): Promise<Pipe> {
    const fd = await openWithReader(path, signal);
    const { Socket } = await import('node:net');
    return new Pipe(path, new Socket({ fd, readable: false, writable: true }), signal);
  }

  /**
   * Resolves when the pipe has taken all of it.
   * @throws Failure (incomplete) when its reader goes away; a system error; the signal's reason
   */
  async writeFile(piece: string | Uint8Array): Promise<void> {
    this.#signal?.throwIfAborted();
    const error = await new Promise<Error | null | undefined>((resolve) => {
      this.#socket.write(piece, resolve);
    });
    this.#signal?.throwIfAborted();
    if (errno(error) === 'EPIPE') {
      throw new Failure('incomplete', `cannot write ${this.#path}: its reader went away`, { cause: error });
    }
    if (error !== null && error !== undefined) throw error;
  }

  async close(): Promise<void> {
    this.#signal?.removeEventListener('abort', this.#stop);
    this.#socket.destroy();
  }
}

/**
 * Opens a pipe to be written to without waiting. (To wait in `open` or in a write would keep a thread, and with it the
 * process, from ending. To close what was opened, and open it again, would be the end of the data for the reader.)
 * @returns the descriptor
 */
async function openWithReader(path: string, signal: AbortSignal | undefined): Promise<number> {
  for (;;) {
    signal?.throwIfAborted();
    try {
      return openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
    } catch (error) {
      if (errno(error) !== 'ENXIO') throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}
