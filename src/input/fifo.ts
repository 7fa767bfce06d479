import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { type Context, sleep } from '../context.ts';
import { errno } from '../errors.ts';

/** How often a pipe that has nothing yet is looked at, in ms. */
const LOOK_MS = 20;
const PIECE_BYTES = 65_536;

/** Whether a path is a pipe: a named one, or what `<(…)` of a shell stands for. @throws a system error */
export function openIfFifo(path: string): number | undefined {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  if (fstatSync(fd).isFIFO()) return fd;
  closeSync(fd);
  return undefined;
}

/**
 * The bytes of a pipe to its end, waiting for its writer as a plain read would, but so that a signal is heard meanwhile:
 * a thread that waits in a read keeps the process from ending.
 * @param fd open without waiting; closed at the end
 * @throws a system error; the reason of the signal
 */
export async function* fifoPieces(fd: number, context: Context): AsyncGenerator<Uint8Array> {
  let hasWriter = false;
  try {
    for (;;) {
      const piece = readPiece(fd);
      if (piece === 'nothing yet' || piece.length > 0) hasWriter = true;
      else if (hasWriter) return;
      if (piece === 'nothing yet' || piece.length === 0) await sleep(context.clock, LOOK_MS, context.signal);
      else yield piece;
    }
  } finally {
    closeSync(fd);
  }
}

/** An empty piece is the end, or the time before there is a writer. */
function readPiece(fd: number): Uint8Array | 'nothing yet' {
  const piece = Buffer.allocUnsafe(PIECE_BYTES);
  try {
    return piece.subarray(0, readSync(fd, piece));
  } catch (error) {
    if (errno(error) === 'EAGAIN') return 'nothing yet';
    throw error;
  }
}
