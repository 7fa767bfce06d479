import type { Context } from '../../context.ts';
import { warn } from '../../output/messages.ts';

/** Stands in the place of the network: the embedded API answers. Says so on a terminal. */
export async function sandboxFetch(context: Context): Promise<typeof fetch> {
  const { createSandbox } = await import('../../sandbox/sandbox.ts');
  const { env, clock, signal } = context;
  const sandbox = createSandbox({ faults: env['OAI_SANDBOX'], clock, signal });
  if (context.stderr.isTTY) warn(context, 'the sandbox answers, not a model');
  return (input, init) => sandbox.answer(new Request(input, init));
}
