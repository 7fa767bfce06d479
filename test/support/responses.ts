import { createSandbox } from '../../src/sandbox/sandbox.ts';
import { FakeClock, type FakeContextOptions, HurriedClock } from './context.ts';
import { oai } from './oai.ts';

/** A response as the API gives it: one message that says `ok`. */
export const answer = (fields: object = {}) => ({
  id: 'resp_1',
  object: 'response',
  status: 'completed',
  output: [
    {
      type: 'message',
      id: 'm',
      role: 'assistant',
      content: [{ type: 'output_text', text: 'ok', annotations: [] }],
    },
  ],
  error: null,
  incomplete_details: null,
  ...fields,
});

/** A request that the sandbox got. */
export interface SentRequest {
  /** `/v1/responses` */
  readonly path: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/** One sandbox for several command lines: it remembers. */
export function lasting(env: Record<string, string> = { OPENAI_API_KEY: 'sk-test-0123456789' }) {
  const sandbox = createSandbox({ clock: new FakeClock({ leap: true }), lifecycleOf: () => undefined });
  const sent: SentRequest[] = [];
  const fetch: typeof globalThis.fetch = async (input, init) => {
    const request = new Request(input, init);
    const text = await request.clone().text();
    const isJson = request.headers.get('content-type') === 'application/json' && text !== '';
    sent.push({ path: new URL(request.url).pathname, body: isJson ? JSON.parse(text) : {} });
    return sandbox.answer(request);
  };
  const run = (argv: readonly string[], options: FakeContextOptions = {}) =>
    oai(argv, { env, fetch, clock: new HurriedClock(), ...options });
  return { run, sent };
}
