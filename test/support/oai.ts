import { run } from '../../src/main.ts';
import { type FakeContext, type FakeContextOptions, fakeContext } from './context.ts';

export interface Run {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly context: FakeContext;
}

/** Runs one command line in process. With no other word on it there is a key in the environment. */
export async function oai(
  argv: readonly string[],
  { env = { OPENAI_API_KEY: 'sk-test-0123456789' }, ...options }: FakeContextOptions = {},
): Promise<Run> {
  const context = fakeContext({ env, ...options });
  const code = await run(argv, context);
  return { code, stdout: context.stdout.text, stderr: context.stderr.text, context };
}

/** Lets everything that can happen without time passing happen. */
export async function settle(turns = 5): Promise<void> {
  for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve));
}
