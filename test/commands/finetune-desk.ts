import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run as runMain } from '../../src/main.ts';
import type { Sandbox } from '../../src/sandbox/sandbox.ts';
import { sandbox } from '../sandbox/ask.ts';
import { gradedRow, preferenceRow, rowsOf } from '../sandbox/ask-finetune.ts';
import {
  CapturedOutput,
  type FakeContext,
  type FakeContextOptions,
  fakeContext,
  HurriedClock,
} from '../support/context.ts';
import { temporaryFolder } from '../support/folder.ts';
import { oai, type Run } from '../support/oai.ts';
import { checkRequest, checkResponse } from '../support/openapi.ts';

/** One request as it was sent: `POST /files`. */
export type Line = string;

/** A folder with examples, and a sandbox that remembers from one command to the next. */
export async function tuningDesk(faults?: string) {
  const of = sandbox(faults);
  const cwd = await temporaryFolder();
  await writeFile(join(cwd, 'train.jsonl'), rowsOf(12));
  await writeFile(join(cwd, 'valid.jsonl'), rowsOf(3));
  await writeFile(join(cwd, 'pairs.jsonl'), rowsOf(10, preferenceRow));
  await writeFile(join(cwd, 'graded.jsonl'), rowsOf(10, gradedRow));
  const lines: Line[] = [];
  const bodies: unknown[] = [];
  const fetch = checkedNetwork(of, lines, bodies);
  const env = { OPENAI_API_KEY: 'sk-test-0123456789' };
  const clock = () => new HurriedClock();
  return {
    of,
    cwd,
    /** The requests so far. */
    lines,
    /** The JSON that was sent. */
    bodies,
    fetch,
    write: (name: string, text: string) => writeFile(join(cwd, name), text),
    run: (argv: readonly string[], options: FakeContextOptions = {}): Promise<Run> =>
      oai(['finetune', ...argv], { fetch, cwd, clock: clock(), ...options }),
    /** Runs a command with a context that the test may stop. */
    async runIn(
      argv: readonly string[],
      prepare: (context: FakeContext) => FakeContextOptions,
    ): Promise<Run> {
      const first = fakeContext({ env, cwd, clock: clock() });
      const context = Object.assign(first, prepare(first)) as FakeContext;
      const code = await runMain(['finetune', ...argv], context);
      return { code, stdout: context.stdout.text, stderr: context.stderr.text, context };
    },
  };
}

/** The sandbox over a network; what is sent and answered is checked against OpenAI's document. */
function checkedNetwork(of: Sandbox, lines: Line[], bodies: unknown[]): typeof fetch {
  return async (input, init) => {
    const request = new Request(input, init);
    const path = new URL(request.url).pathname.replace('/v1', '');
    lines.push(`${request.method} ${path}`);
    if (request.headers.get('content-type') === 'application/json') {
      const text = await request.clone().text();
      if (text !== '') {
        bodies.push(JSON.parse(text));
        checkRequest(request.method, path, JSON.parse(text));
      }
    }
    const answer = await of.answer(request);
    checkResponse(request.method, path, answer.status, await answer.clone().json());
    return answer;
  };
}

export const json = ({ stdout }: Run): unknown => JSON.parse(stdout);

/** The lines of JSON of a run. */
export function rows({ stdout }: Pick<Run, 'stdout'>): Record<string, unknown>[] {
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}

export const terminal = () => new CapturedOutput({ isTTY: true });
