import type { Context } from '../../context.ts';
import { warn } from '../../output/messages.ts';
import type { RealtimeSandbox } from '../../sandbox/sandbox.ts';
import { lifecycleOf } from '../models.ts';
import { PerRun } from './per-run.ts';

/**
 * Stands in the place of the network: the embedded API answers. Says so on a terminal. The fetch throws what a fetch
 * would throw (an abort's reason, a lost connection), and Failure('bug') where the sandbox itself fails.
 */
export async function sandboxFetch(context: Context): Promise<typeof fetch> {
  const { createSandbox, crash, isConnectionLost } = await import('../../sandbox/sandbox.ts');
  const { env, clock, signal } = context;
  const sandbox = createSandbox({ faults: env['OAI_SANDBOX'], clock, signal, lifecycleOf });
  if (context.stderr.isTTY) warn(context, 'the sandbox answers, not a model');
  return async (input, init) => {
    const request = new Request(input, init);
    try {
      return await sandbox.answer(request);
    } catch (error) {
      const expected = request.signal.aborted || signal.aborted || isConnectionLost(error);
      throw expected ? error : crash(error);
    }
  };
}

/** The sandbox of the sockets of a run: what it was told in one conversation it knows in the next. */
const served = new PerRun<RealtimeSandbox>();

/** The same over HTTP, on a free port of loopback, until it is closed or the run ends. */
export async function sandboxServer(context: Context): Promise<{ readonly url: string; close(): void }> {
  const { createSandbox } = await import('../../sandbox/sandbox.ts');
  const { serve } = await import('../../sandbox/http.ts');
  const { env, clock } = context;
  const closing = new AbortController();
  const signal = AbortSignal.any([context.signal, closing.signal]);
  const sandbox = served.get(context, '', () =>
    createSandbox({ faults: env['OAI_SANDBOX'], clock, signal: context.signal, lifecycleOf }),
  );
  const { url } = await serve(sandbox, { port: 0, host: '127.0.0.1', signal });
  return { url, close: () => closing.abort() };
}
