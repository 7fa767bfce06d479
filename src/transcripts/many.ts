import { lstat } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import type { Api } from '../api/client.ts';
import { InOrder } from '../bulk/in-order.ts';
import { inParallel } from '../bulk/parallel.ts';
import type { Context } from '../context.ts';
import { errno, Failure, isFullDisk, isHopeless, reasonOf, Stopped, usageError } from '../errors.ts';
import { type InputWord, nameOf } from '../input/find-files.ts';
import { writeFileAtomic } from '../output/files.ts';
import { makeOutputFolder } from '../output/folders.ts';
import { warn } from '../output/messages.ts';
import { checkFolder, checkWritable } from '../output/writable.ts';
import { begun } from './deliver.ts';
import { type OpenedInput, openInput } from './opened-input.ts';
import { type Outcome, tell, throwFailures } from './outcome.ts';
import { checkNotInput, hasOwnName, isThere, type PlannedOutput } from './outputs.ts';
import type { TranscriptProgress } from './progress.ts';
import { fileText, type Result } from './result.ts';

/** What is done with each of many inputs. */
export interface ManyOptions {
  readonly force: boolean;
  /** Inputs that are worked on at the same time. */
  readonly concurrency: number;
  /** Tell in JSON Lines what became of each input. */
  readonly asJson: boolean;
  readonly progress: TranscriptProgress;
  /** What is made of an input. @param api with a time of its own */
  result(input: OpenedInput, api: Api): Result;
  /** Says more of a failure. */
  explain(error: unknown): unknown;
}

/**
 * Makes a file of each input, several at a time: their paths go to stdout, in order. What is there already is left as
 * it is. One that fails does not keep the others from being made.
 * @throws Failure where some failed: of kind `partial`, or where all did, as the first; Stopped
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
  await each(outputs, true, options, api, context, async (output, own) => {
    const { input, path } = output;
    if (!options.force && hasOwnName(input) && (await isThere(resolve(context.cwd, path)))) {
      return { path, skipped: true };
    }
    await checkOutput(output, options.force, context);
    await withInput(input, own, context, (opened) =>
      begun(options.result(opened, own), (data) => save(data, path, options.force, context)),
    );
    return { path };
  });
}

/** Before anything is paid for. @throws Failure (usage) where the file could not be made, or must not be */
async function checkOutput(
  { input, path, problem }: PlannedOutput,
  force: boolean,
  context: Context,
): Promise<void> {
  if (problem !== undefined && !force) throw problem;
  await checkNotInput(input, path, context);
  await checkName(path, context);
  await checkWritable(resolve(context.cwd, path), { force });
}

/** Of a file in a folder that is not there yet, too. @throws Failure (usage) */
async function checkName(path: string, { cwd }: Context): Promise<void> {
  await lstat(resolve(cwd, basename(path))).catch((error: unknown) => {
    if (errno(error) === 'ENAMETOOLONG') throw usageError(`cannot write ${path}: ${reasonOf(error)}`);
  });
}

async function save(
  data: AsyncIterable<string>,
  path: string,
  force: boolean,
  context: Context,
): Promise<void> {
  const absolute = resolve(context.cwd, path);
  await makeOutputFolder(dirname(absolute));
  const onKept = (part: string) => warn(context, `what arrived is in ${part}`);
  const { signal } = context;
  await writeFileAtomic(absolute, data, { force, precious: true, signal, onKept });
}

/** The same, with the results on stdout, one after the other. @throws as `eachToFile` */
export async function eachToStdout(
  inputs: readonly InputWord[],
  options: ManyOptions,
  api: Api,
  context: Context,
): Promise<void> {
  const words = inputs.map((input) => ({ input }));
  await each(words, false, options, api, context, async ({ input }, own) => {
    let outcome: Told = {};
    await withInput(input, own, context, async (opened) => {
      outcome = await taken(options.result(opened, own));
    });
    return outcome;
  });
}

/** All of a result, as far as it came. @throws what left nothing of it */
async function taken(result: Result): Promise<Told> {
  if (result.kind === 'json') {
    const { document, failure } = await result.document();
    return { document, ...(failure !== undefined && { failure }) };
  }
  let text = '';
  try {
    for await (const piece of fileText(result)) text += piece;
  } catch (failure) {
    return { text, failure };
  }
  return { text };
}

/** What became of an input, in the words of its work. */
type Told = Omit<Outcome, 'name' | 'error'> & { readonly failure?: unknown };

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

/** @param goesOn the same command does what is missing */
async function each<T extends { readonly input: InputWord }>(
  items: readonly T[],
  goesOn: boolean,
  { concurrency, asJson, progress, explain }: ManyOptions,
  api: Api,
  context: Context,
  work: (item: T, api: Api) => Promise<Told>,
): Promise<void> {
  const outcomes = new Map<number, Outcome>();
  let slowReader: Promise<void> | undefined;
  const told = new InOrder<Outcome>((outcome) => {
    slowReader = tell(outcome, asJson, context) ?? slowReader;
  });
  const unsaved = new AbortController();
  let isOver = false;
  const settle = async (index: number, outcome: Outcome) => {
    outcomes.set(index, outcome);
    if (outcome.error !== undefined) isOver ||= isHopeless(outcome.error);
    if (isFullDisk(outcome.error)) unsaved.abort(outcome.error);
    progress.fileDone();
    told.put(index + 1, outcome);
    await slowReader;
  };
  try {
    await inParallel(
      [...items.entries()],
      concurrency,
      async ([index, item]) => {
        const asked = api.each((own) => work(item, own), unsaved.signal);
        const { failure, ...made } = await asked.catch((failure: unknown): Told => ({ failure }));
        const error = failure === undefined ? {} : { error: said(explain(failure), api) };
        await settle(index, { name: nameOf(item.input), ...made, ...error });
      },
      () => !context.signal.aborted && !isOver,
    );
  } finally {
    progress.stop();
    told.end();
  }
  await slowReader;
  if (context.signal.aborted) throw context.signal.reason;
  const inOrder = [...items.keys()].flatMap((index) => outcomes.get(index) ?? []);
  throwFailures(inOrder, items.length, { asJson, goesOn }, context);
}

function said(error: unknown, api: Api): Error {
  return error instanceof Failure || error instanceof Stopped ? error : api.failure(error);
}
