import type { RealtimeSession } from '../api/realtime.ts';

/** Sends a piece of sound. Gives a promise only when the connection is slow. */
export function sendSound(session: RealtimeSession, piece: Uint8Array): Promise<void> | undefined {
  return session.send({ type: 'input_audio_buffer.append', audio: Buffer.from(piece).toString('base64') });
}

/**
 * Sends and listens at the same time. What ends the one ends the other.
 * @param send done, there is nothing more to be sent
 * @param listen done, there is nothing more to be heard: what is still to be sent does not matter any more
 */
export async function whileSending<T>(
  signal: AbortSignal,
  send: (signal: AbortSignal) => Promise<void>,
  listen: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const ending = new AbortController();
  const both = AbortSignal.any([signal, ending.signal]);
  const sending = send(both).catch((error: unknown) => {
    ending.abort(error);
    throw error;
  });
  // It is looked at when there is nothing more to be heard.
  sending.catch(() => {});
  try {
    const heard = await listen(both);
    ending.abort(new Error('over'));
    return heard;
  } catch (error) {
    ending.abort(error);
    throw error;
  }
}
