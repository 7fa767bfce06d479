import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Api } from '../api/client.ts';
import { Slots } from '../bulk/slots.ts';
import type { Context } from '../context.ts';
import { Failure, Stopped, usageError } from '../errors.ts';
import type { TranscriptOptions } from '../flags/transcripts.ts';
import { readAudioInfo } from '../input/audio-kind.ts';
import { type FoundInputs, findInputs, type InputWord, nameOf } from '../input/find-files.ts';
import { isPiped } from '../input/stdin.ts';
import { writeJson } from '../output/json.ts';
import { findTarget, isStdoutPath } from '../output/target.ts';
import { inertText } from '../output/terminal.ts';
import { toStdout, toTarget } from './deliver.ts';
import { extensionOf, isNamedSound, isSubtitles } from './format.ts';
import type { Ears } from './hear.ts';
import { eachToFile, eachToStdout } from './many.ts';
import { asRecording, type OpenedInput, openInput } from './opened-input.ts';
import { type Outcome, throwFailures } from './outcome.ts';
import { checkNotInput, planOutputs } from './outputs.ts';
import { TranscriptProgress } from './progress.ts';
import type { TranscriptPlan } from './request.ts';
import type { Result } from './result.ts';
import { transcriptOf } from './transcript.ts';

/** Requests that are under way at the same time. */
export const AT_ONCE = 4;

/**
 * Finds what is to be heard: what the words name, else what is piped in. Of a directory it is what is sound by its
 * bytes, or should be by its name.
 * @param nothing what to say where there is nothing
 * @throws Failure (usage)
 */
export function findTranscriptInputs(
  words: readonly string[],
  context: Context,
  nothing = 'no audio',
): Promise<FoundInputs> {
  if (words.length === 0 && !isPiped(context)) {
    throw usageError(nothing, 'name a file, or pipe one in; --help shows how');
  }
  // A file that is named like sound, and is none, is better complained about than left out.
  const isWanted = (start: Uint8Array, path: string) =>
    readAudioInfo(start) !== undefined || isNamedSound(path);
  return findInputs(words.length === 0 ? ['-'] : words, 'audio', isWanted, context);
}

/** How the inputs of a run become results, and where these go. */
export interface TranscriptRun {
  /** What is being done, for people: `transcribing with gpt-transcribe`. */
  readonly what: string;
  readonly format: TranscriptPlan['format'];
  /** How files are named after the name of their input: `.srt`, `.ko.txt`. */
  ending(name: string): string;
  readonly options: Pick<TranscriptOptions, 'output' | 'force' | 'concurrency' | 'json'> & {
    /** As the user said. */
    readonly stream?: boolean;
  };
  /** @param isLive the result goes to stdout, where it may come in pieces */
  result(input: OpenedInput, ears: Ears, isLive: boolean): Result;
}

/** Transcribes what was found. @throws Failure or Stopped */
export function transcribeAll(
  found: FoundInputs,
  plan: TranscriptPlan,
  options: TranscriptRun['options'] &
    Pick<TranscriptOptions, 'maxLine' | 'maxLines'> & { readonly speakers: readonly string[] },
  api: Api,
  context: Context,
): Promise<void> {
  const { fields, format, limits, timestamps } = plan;
  const { maxLine, maxLines, speakers } = options;
  const hearing = { fields, endpoint: 'transcriptions', limits, speakers } as const;
  const hasSpeakers = fields['response_format'] === 'diarized_json';
  const look = { format, timestamps, hasSpeakers, maxLine, maxLines };
  return runTranscripts(
    found,
    {
      what: `transcribing with ${fields.model}`,
      format,
      ending: () => `.${extensionOf(format)}`,
      options,
      result: (input, ears, isLive) =>
        transcriptOf(asRecording(input), { hearing, look, streams: isLive && plan.streams }, ears),
    },
    plan.explain,
    api,
    context,
  );
}

/**
 * Works through the inputs: one of them goes to stdout or to the file of `-o`, several become a file each.
 * @param explain says more of a failure
 * @throws Failure or Stopped
 */
export async function runTranscripts(
  { inputs, areSeveral }: FoundInputs,
  run: TranscriptRun,
  explain: (error: unknown) => unknown,
  api: Api,
  context: Context,
): Promise<void> {
  const { concurrency = AT_ONCE, json, force = false } = run.options;
  const output = outputOf(run);
  const toFolder = output !== undefined && output !== '-' && (await isFolder(output, context));
  const isMany = areSeveral || toFolder;
  checkOutput(run, output, isMany, toFolder);
  const progress = new TranscriptProgress(run.what, inputs.length, context);
  const ears: Ears = {
    api,
    context,
    slots: new Slots(concurrency),
    onParts: (count) => progress.expect(count),
    onHeard: (seconds) => progress.heard(seconds),
  };
  try {
    if (api.dryRun) {
      const isLive = !isMany && (output === undefined || output === '-');
      return await showRequests(inputs, isLive, run, ears);
    }
    if (!isMany) {
      return await one(inputs[0], run, ears, progress).catch((error: unknown) => {
        throw explain(error);
      });
    }
    const result = (input: OpenedInput, own: Api) => run.result(input, { ...ears, api: own }, false);
    const options = { force, concurrency, asJson: json === true, progress, result, explain };
    if (output === '-' || (json === true && output === undefined)) {
      return await eachToStdout(inputs, options, api, context);
    }
    const outputs = await planOutputs(inputs, toFolder ? output : undefined, run.ending, context);
    await eachToFile(outputs, options, api, context);
  } finally {
    progress.stop();
  }
}

/** `-` for any name of stdout. */
function outputOf({ options: { output } }: TranscriptRun): string | undefined {
  return output !== undefined && isStdoutPath(output) ? '-' : output;
}

/** @throws Failure (usage) */
function checkOutput(
  { format, options }: TranscriptRun,
  output: string | undefined,
  isMany: boolean,
  toFolder: boolean,
): void {
  if (options.stream === true && (isMany || (output !== undefined && output !== '-'))) {
    throw usageError(
      '--stream prints one transcript as it is recognised, and a file appears whole',
      isMany ? 'leave --stream out' : 'leave --stream or -o out',
    );
  }
  if (isMany && output !== undefined && output !== '-' && !toFolder) {
    throw usageError(
      `-o ${output} is one file, and there are several inputs`,
      `a directory takes them: -o ${output}/`,
    );
  }
  if (isMany && output === '-' && isSubtitles(format)) {
    throw usageError('subtitles of several inputs do not go into one stream', '-o DIR/ makes a file of each');
  }
  if (options.json === true && output === '-') throw usageError('--json and -o - both want stdout');
}

async function isFolder(path: string, { cwd }: Context): Promise<boolean> {
  if (/[/\\]$/.test(path)) return true;
  const found = await stat(resolve(cwd, path)).catch(() => undefined);
  return found?.isDirectory() === true;
}

/** The one input of a run. */
async function one(
  word: FoundInputs['inputs'][number] | undefined,
  run: TranscriptRun,
  ears: Ears,
  progress: TranscriptProgress,
): Promise<void> {
  const { context, api } = ears;
  if (word === undefined) throw usageError('no audio');
  const { force = false, json } = run.options;
  const output = outputOf(run);
  const isLive = output === undefined || output === '-';
  const place = {
    output,
    force,
    count: 1,
    subject: '',
    thing: 'a transcript',
    example: `talk${run.ending('')}`,
  };
  if (!isLive) await checkNotInput(word, output, context);
  const target = isLive ? undefined : await findTarget(place, context);
  const input = await openInput(word, api, context);
  try {
    const result = run.result(input, ears, isLive);
    if (target === undefined) return await toStdout(result, context, () => progress.stop());
    const path = await toTarget(result, target, run.format, context);
    progress.stop();
    await tellPath(path, input, json === true, context);
  } finally {
    await input.dispose();
  }
}

async function tellPath(
  path: string,
  { name }: OpenedInput,
  asJson: boolean,
  { stdout, cwd }: Context,
): Promise<void> {
  if (asJson) return void (await writeJson(stdout, { input: name, path, skipped: false }));
  const found = await stat(resolve(cwd, path));
  // Of a pipe, such as `>(…)`, the name is nobody's.
  if (found.isFile()) await stdout.write(`${stdout.isTTY ? inertText(path) : path}\n`);
}

/** Shows the requests of a dry run, of all inputs that there can be requests for. @throws Stopped; Failure */
async function showRequests(
  inputs: FoundInputs['inputs'],
  isLive: boolean,
  run: TranscriptRun,
  ears: Ears,
): Promise<void> {
  const { api, context } = ears;
  let shown: unknown;
  const outcomes: Outcome[] = [];
  for (const word of inputs) {
    const error = await showRequest(word, isLive, run, ears).catch((thrown: unknown) => thrown);
    if (error instanceof Stopped && error.by === 'dry run') {
      shown = error;
      outcomes.push({ name: nameOf(word) });
    } else if (error instanceof Failure && inputs.length > 1) outcomes.push({ name: nameOf(word), error });
    else throw error instanceof Error ? error : api.failure(error);
  }
  throwFailures(outcomes, inputs.length, { asJson: false, goesOn: false }, context);
  throw shown;
}

async function showRequest(word: InputWord, isLive: boolean, run: TranscriptRun, ears: Ears): Promise<never> {
  const input = await openInput(word, ears.api, ears.context);
  try {
    await toStdout(run.result(input, ears, isLive), ears.context, () => {});
  } finally {
    await input.dispose();
  }
  throw new Stopped('dry run');
}
