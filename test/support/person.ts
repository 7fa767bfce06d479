import { onTestFinished } from 'vitest';
import { run } from '../../src/main.ts';
import { type FakeContext, type FakeContextOptions, fakeContext } from './context.ts';
import { FakeTerminal, TerminalOutput } from './terminal.ts';

/** A person at a terminal, on which everything is drawn that the program says. */
export interface Person {
  readonly terminal: FakeTerminal;
  readonly context: FakeContext;
  /** The exit code. */
  readonly done: Promise<number>;
  /** Keys, as a terminal sends them. */
  type(text: string): Promise<void>;
  /** Resolves when a line shows this. */
  shows(text: string): Promise<void>;
}

/** Runs a command line in process, for a person at a terminal of 80 columns and 24 rows. It has ended when the test has. */
export async function person(
  argv: readonly string[],
  {
    env = { OPENAI_API_KEY: 'sk-test-0123456789' },
    columns = 80,
    rows = 24,
    ...options
  }: FakeContextOptions & { columns?: number; rows?: number } = {},
): Promise<Person> {
  const terminal = new FakeTerminal({ columns, rows });
  const out = () => new TerminalOutput(terminal);
  const context = fakeContext({
    stdinTTY: true,
    stdout: out(),
    stderr: out(),
    env,
    openTerminal: terminal.open,
    ...options,
  });
  let ended = false;
  const done = run(argv, context).finally(async () => {
    await terminal.settled();
    ended = true;
  });
  onTestFinished(async () => {
    terminal.hangUp();
    await done;
  });
  const shows = async (text: string) => {
    while (!terminal.lines.some((line) => line.includes(text))) {
      if (ended)
        throw new Error(`ended without showing ${JSON.stringify(text)}:\n${terminal.lines.join('\n')}`);
      await terminal.settled();
    }
  };
  return { terminal, context, done, shows, type: (text) => terminal.type(text) };
}
