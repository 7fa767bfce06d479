import { Writable } from 'node:stream';
import { ReadStream } from 'node:tty';
import { aborted, type Context } from '../context.ts';
import { Stopped, usageError } from '../errors.ts';

/** Questions to the person at the terminal. Tests answer in their place. */
export interface Ask {
  choose<T extends string>(question: string, choices: Readonly<Record<T, string>>): Promise<T>;
  /**
   * The same by letters, which are typed: a line break that was typed before the question came is no answer.
   * @param choices by their letters; not `h`
   */
  pick<T extends string>(question: string, choices: Readonly<Record<T, string>>): Promise<T>;
  /** @param problem what is wrong with an answer, or undefined */
  text(question: string, problem: Problem, suggestion?: string): Promise<string>;
  /** The same for a text that is there and may be changed. */
  edit(question: string, problem: Problem, before: string): Promise<string>;
  /** Shows a star for each character, and never the characters. */
  secret(question: string, problem: Problem): Promise<string>;
  /**
   * One of many, found by typing a part of its name.
   * @returns undefined where the person leaves without a choice: that does not stop the run
   */
  find(question: string, choices: readonly Found[]): Promise<string | undefined>;
  /** @param preset what Enter alone says; yes where nothing else is given */
  confirm(question: string, preset?: boolean): Promise<boolean>;
}

/** One of many things to choose from. */
export interface Found {
  readonly value: string;
  /** What is shown, and searched. */
  readonly name: string;
}

export type Problem = (answer: string) => string | undefined;

/** Whether there is somebody to ask: questions are put on stderr and answered on stdin. */
export function canAsk(context: Context): boolean {
  return context.stdin.kind === 'terminal' && context.stderr.isTTY;
}

/** Flags that answer a question before it is put. */
export interface Consent {
  readonly yes?: boolean | undefined;
  /** Nothing is done at all. */
  readonly dryRun?: boolean | undefined;
}

/**
 * Whether something may be deleted: a person on a terminal is asked, elsewhere `--yes` has to say so.
 * @param what it is called in the question
 * @throws Failure (usage) where there is nobody to ask
 */
export async function mayDelete(what: string, { yes, dryRun }: Consent, context: Context): Promise<boolean> {
  if (yes === true || dryRun === true) return true;
  if (!canAsk(context)) {
    throw usageError(`nobody is asked here whether to delete ${what}`, '--yes deletes it');
  }
  return askOnTerminal(context).confirm(`Delete ${what}? It cannot be had back.`, false);
}

/** What inquirer's questions have in common. */
interface Question {
  readonly type: 'select' | 'search' | 'expand' | 'input' | 'password' | 'confirm';
  readonly message: string;
  readonly choices?: readonly { readonly value: string; readonly name: string; readonly key?: string }[];
  readonly expanded?: boolean;
  readonly default?: string | boolean;
  readonly mask?: string;
  readonly prefill?: 'editable';
  readonly toggleMask?: boolean;
  readonly validate?: (answer: string) => string | true;
  readonly source?: (term: string | undefined) => readonly Found[];
  readonly pageSize?: number;
}

/** Asks on the terminal. Ctrl-C and Ctrl-D stop the run. */
export function askOnTerminal(context: Context): Ask {
  const validate = (problem: Problem) => (answer: string) => problem(answer) ?? true;
  return {
    async choose(question, choices) {
      const list = entriesOf(choices).map(([value, name]) => ({ value, name }));
      const answer = await put({ type: 'select', message: question, choices: list }, context);
      return list.find(({ value }) => value === answer)?.value ?? stopped(context);
    },
    async pick(question, choices) {
      const list = entriesOf(choices).map(([value, name]) => ({ key: value, value, name }));
      const asked = { type: 'expand', message: question, choices: list, expanded: true } as const;
      const answer = await put(asked, context);
      return list.find(({ value }) => value === answer)?.value ?? stopped(context);
    },
    async text(question, problem, suggestion) {
      const given = suggestion === undefined ? {} : { default: suggestion };
      return String(
        await put({ type: 'input', message: question, validate: validate(problem), ...given }, context),
      );
    },
    async edit(question, problem, before) {
      const given = { default: before, prefill: 'editable' } as const;
      return String(
        await put({ type: 'input', message: question, validate: validate(problem), ...given }, context),
      );
    },
    async secret(question, problem) {
      const asked = {
        type: 'password',
        message: question,
        mask: '*',
        toggleMask: false,
        validate: validate(problem),
      } as const;
      return String(await put(asked, context));
    },
    async find(question, choices) {
      const source = (term = '') => {
        const wanted = term.toLowerCase();
        return choices.filter(({ name }) => name.toLowerCase().includes(wanted));
      };
      const asked = { type: 'search', message: question, source, pageSize: 10 } as const;
      const answer = await put(asked, context, () => undefined);
      return choices.find(({ value }) => value === answer)?.value;
    },
    async confirm(question, preset = true) {
      return (await put({ type: 'confirm', message: question, default: preset }, context)) === true;
    },
  };
}

function entriesOf<T extends string>(record: Readonly<Record<T, string>>): [T, string][] {
  // The keys of a record of these names are these names.
  return Object.entries(record) as [T, string][];
}

/** @param leave what it means that the person leaves without an answer */
function put(
  question: Question,
  context: Context,
  leave: (context: Context) => unknown = stopped,
): Promise<unknown> {
  return context.lendTerminal(() => putOn(question, context, leave));
}

async function putOn(
  question: Question,
  context: Context,
  leave: (context: Context) => unknown,
): Promise<unknown> {
  const { default: inquirer } = await import('inquirer');
  const input = new ReadStream(0);
  const prompt = inquirer.createPromptModule({
    input,
    output: terminalOutput(context),
    signal: context.signal,
  });
  try {
    const asked = prompt([{ ...question, name: 'answer' }]);
    const answers = await Promise.race([asked, ended(input), aborted(context.signal)]);
    return answers['answer'];
  } catch (error) {
    if (context.signal.aborted) throw context.signal.reason;
    if (error instanceof Error && error.name === 'ExitPromptError') return leave(context);
    throw error;
  } finally {
    input.destroy();
  }
}

/** After Ctrl-D inquirer waits for ever: it closes its reader, which pauses the terminal, and gives no answer. */
function ended(input: ReadStream): Promise<never> {
  return new Promise((_, reject) => {
    input.once('pause', () => {
      // An answer pauses the terminal too, and is given in this turn.
      setImmediate(() => reject(Object.assign(new Error('no answer'), { name: 'ExitPromptError' })));
    });
  });
}

function stopped(context: Context): never {
  const reason = new Stopped('SIGINT');
  context.stop(reason);
  throw reason;
}

function terminalOutput({ stderr }: Context): Writable {
  const output = new Writable({
    write(chunk: Uint8Array, _encoding, done) {
      Promise.resolve(stderr.write(chunk)).then(() => done(), done);
    },
  });
  return Object.assign(output, { isTTY: true, columns: stderr.columns });
}
