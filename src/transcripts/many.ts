import { stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { Api } from '../api/client.ts';
import { InOrder } from '../bulk/in-order.ts';
import { inParallel } from '../bulk/parallel.ts';
import type { Context } from '../context.ts';
import { Failure, reasonOf, Stopped, usageError } from '../errors.ts';
import type { InputWord } from '../input/find-files.ts';
import { checkFolder, writeFileAtomic } from '../output/files.ts';
import { makeFolders } from '../output/folders.ts';
import { joined, say, warn } from '../output/messages.ts';
import { inertText } from '../output/terminal.ts';
import { type OpenedInput, openInput } from './opened-input.ts';
import type { PlannedOutput } from './outputs.ts';
import type { TranscriptProgress } from './progress.ts';
import { fileText, type Result, wholeDocument } from './result.ts';

/** What is done with each of many inputs. */
export interface ManyOptions {
  readonly force: boolean;
  /** Inputs that are worked on at the same time. */
  readonly concurrency: number;
  /** Tell in JSON Lines what became of each input. */
  readonly asJson: boolean;
  readonly progress: TranscriptProgress;
  /** What is made of an input. */
  result(input: OpenedInput): Result;
}

/** What became of one input. */
type Outcome =
  | { readonly kind: 'written' | 'skipped'; readonly path: string }
  /** Its result, which goes to stdout. */
  | { readonly kind: 'shown'; readonly text: string }
  | { readonly kind: 'failed'; readonly error: Error };

/**
 * Makes a file of each input, several at a time: their paths go to stdout, in order. What is there already is left as
 * it is. One that fails does not keep the others from being made.
 * @throws Failure where some failed: of kind `partial`, or where all did, the first; Stopped
 */
export async function eachToFile(
  outputs: readonly PlannedOutput[],
  options: ManyOptions,
  api: Api,
  context: Context,
): Promise<void> {
  for (const folder of new Set(outputs.map(({ path }) => dirname(resolve(context.cwd, path))))) {
    await checkFolder(folder);
  }
  const inputs = outputs.map(({ input }) => input);
  await each(inputs, options, api, context, async (input, index) => {
    const path = outputs[index]?.path ?? '';
    const absolute = resolve(context.cwd, path);
    if (!options.force && (await isThere(absolute))) return { kind: 'skipped', path };
    await withInput(input, api, context, async (opened) => {
      await makeFolders(dirname(absolute), 0o777).catch((error: unknown) => {
        throw usageError(`cannot make the directory ${dirname(path)}: ${reasonOf(error)}`, undefined, error);
      });
      const onKept = (part: string) => warn(context, `what arrived is in ${part}`);
      const { force } = options;
      const { signal } = context;
      await writeFileAtomic(absolute, fileText(options.result(opened)), {
        force,
        precious: true,
        signal,
        onKept,
      });
    });
    return { kind: 'written', path };
  });
}

/** The same, with the results on stdout, one after the other. @throws as `eachToFile` */
export async function eachToStdout(
  inputs: readonly InputWord[],
  options: ManyOptions,
  api: Api,
  context: Context,
): Promise<void> {
  await each(inputs, options, api, context, async (input) => {
    let text = '';
    await withInput(input, api, context, async (opened) => {
      const result = options.result(opened);
      if (result.kind === 'json') {
        text = `${JSON.stringify({ input: opened.name, ...(await wholeDocument(result)) })}\n`;
      } else for await (const piece of fileText(result)) text += piece;
    });
    return { kind: 'shown', text };
  });
}

async function withInput(
  input: InputWord,
  api: Api,
  context: Context,
  work: (opened: OpenedInput) => Promise<void>,
): Promise<void> {
  const opened = await openInput(input, api, context);
  try {
    await work(opened);
  } finally {
    await opened.dispose();
  }
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

async function each(
  inputs: readonly InputWord[],
  { concurrency, asJson, progress }: ManyOptions,
  api: Api,
  context: Context,
  work: (input: InputWord, index: number) => Promise<Outcome>,
): Promise<void> {
  const outcomes = new Map<number, Outcome>();
  const told = new InOrder<() => void>((tell) => tell());
  const settle = (index: number, outcome: Outcome) => {
    outcomes.set(index, outcome);
    progress.fileDone();
    const input = inputs[index];
    if (input !== undefined) told.put(index + 1, () => tell(nameOf(input), outcome, asJson, context));
  };
  let isOver = false;
  const indices = [...inputs.keys()];
  const goOn = () => !context.signal.aborted && !isOver;
  try {
    await inParallel(
      indices,
      concurrency,
      async (index) => {
        const input = inputs[index];
        if (input === undefined) return;
        const outcome = await work(input, index).catch((error: unknown): Outcome => {
          const isSaid = error instanceof Failure || error instanceof Stopped;
          return { kind: 'failed', error: isSaid ? error : api.failure(error) };
        });
        if (outcome.kind === 'failed') isOver ||= isHopeless(outcome.error);
        settle(index, outcome);
      },
      goOn,
    );
  } finally {
    progress.stop();
    told.end();
  }
  if (context.signal.aborted) throw context.signal.reason;
  throwFailures(inputs, outcomes, context);
}

/** What an input is called. */
function nameOf(input: InputWord): string {
  if (input.kind === 'file') return input.path;
  return input.kind === 'url' ? input.url : 'stdin';
}

function tell(name: string, outcome: Outcome, asJson: boolean, context: Context): void {
  const { stdout, statusLine } = context;
  statusLine?.clear();
  if (outcome.kind === 'shown') stdout.write(stdout.isTTY ? inertText(outcome.text) : outcome.text);
  else if (asJson) stdout.write(`${JSON.stringify(lineOf(name, outcome))}\n`);
  else if (outcome.kind === 'written')
    stdout.write(`${stdout.isTTY ? inertText(outcome.path) : outcome.path}\n`);
  if (outcome.kind === 'skipped' && !asJson)
    warn(context, `${outcome.path} exists: ${name} is left out (--force makes it anew)`);
}

function lineOf(input: string, outcome: Exclude<Outcome, { kind: 'shown' }>): object {
  if (outcome.kind !== 'failed') return { input, path: outcome.path, skipped: outcome.kind === 'skipped' };
  const { error } = outcome;
  const { code, status, requestId } = error instanceof Failure ? error : {};
  return {
    input,
    error: {
      message: error.message,
      code: code ?? null,
      status: status ?? null,
      requestId: requestId ?? null,
    },
  };
}

/** What would meet every other input as well: a bad key, no credit, a stop. */
function isHopeless(error: Error): boolean {
  if (error instanceof Stopped) return true;
  return !(error instanceof Failure) || ['auth', 'bug', 'limit'].includes(error.kind);
}

function throwFailures(
  inputs: readonly InputWord[],
  outcomes: ReadonlyMap<number, Outcome>,
  context: Context,
): void {
  const failed = inputs.flatMap((input, index) => {
    const outcome = outcomes.get(index);
    return outcome?.kind === 'failed' ? [{ name: nameOf(input), error: outcome.error }] : [];
  });
  const [first] = failed;
  if (first === undefined) return;
  const untried = inputs.length - outcomes.size;
  for (const { name, error } of failed.slice(1)) say(context, naming(name, error.message));
  if (!(first.error instanceof Failure)) throw first.error;
  const { hint, code, status, requestId, kind } = first.error;
  const count = `${failed.length} of ${inputs.length} failed`;
  const left = untried === 0 ? count : `${count}, ${untried} not tried after that`;
  const isAll = failed.length + untried === inputs.length;
  throw new Failure(isAll ? kind : 'partial', `${left}: ${naming(first.name, first.error.message)}`, {
    hint: isAll ? hint : joined(hint ?? '', 'the same command does what is missing').replace(/^; /, ''),
    code,
    status,
    requestId,
    cause: first.error,
  });
}

/** Most failures of files name them. */
function naming(name: string, message: string): string {
  return message.includes(name) ? message : `${name}: ${message}`;
}
