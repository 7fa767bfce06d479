import type { Api } from '../api/client.ts';
import type { Context } from '../context.ts';
import { Stopped } from '../errors.ts';
import type { Desk } from './desk.ts';

/**
 * Does what takes a while for a command. Ctrl-C ends it at once, and not the session.
 * @param work with an API whose calls, and a context whose signal, end then
 * @throws what the work throws; Stopped; the reason of the run's end
 */
export async function interruptible<T>(
  { context, session, lines, ending }: Desk,
  work: (api: Api, context: Context) => Promise<T>,
): Promise<T> {
  const interrupted = ending.begin();
  lines.onInterrupt(() => ending.end(new Stopped('SIGINT')));
  const { api, end } = session.api.apart(interrupted);
  const signal = AbortSignal.any([context.signal, interrupted]);
  try {
    return await Promise.race([work(api, ending.within(context, signal)), stopped(signal)]);
  } finally {
    end();
    ending.done();
  }
}

/** Rejects when it is. */
function stopped(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}
