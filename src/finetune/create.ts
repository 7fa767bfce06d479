import type { Api } from '../api/client.ts';
import { createFineTune, type FineTuneJob } from '../api/fine-tunes.ts';
import { noteEndOfBase } from '../api/notices.ts';
import type { Context } from '../context.ts';
import { Failure, Stopped } from '../errors.ts';
import { readParams, withParams } from '../input/params.ts';
import type { JsonObject } from '../json.ts';
import { say } from '../output/messages.ts';
import { quoted } from '../output/shell.ts';
import { type CheckedData, checkedData, disposeData, sentData } from './data-file.ts';
import { checkFields, type FineTuneFields, fineTuneRequest } from './request.ts';

/** A job that is to be, as it was typed. */
export interface CreateWanted extends FineTuneFields {
  /** A path, `-`, or the id of a file. */
  readonly training: string;
  readonly validation?: string | undefined;
  /** Each `name=value`. */
  readonly params: readonly string[];
}

/** The examples of a job, checked. */
interface Examples {
  readonly training: CheckedData;
  readonly validation: CheckedData | undefined;
}

/**
 * Checks the data, sends it, and has a job begin. What is wrong with any of it is said before anything is sent.
 * @param connect makes the API ready, once all that can be checked here is right
 * @throws Failure or Stopped
 */
export async function beginFineTune(
  wanted: CreateWanted,
  connect: () => Promise<Api>,
  context: Context,
): Promise<{ readonly api: Api; readonly job: FineTuneJob }> {
  checkFields(wanted);
  const params = readParams(wanted.params);
  const examples = await checkedExamples(wanted, context);
  try {
    const api = await connect();
    const model = api.settings.model('chat', wanted.model) ?? wanted.model;
    noteEndOfBase(model, api, context);
    return { api, job: await begun({ ...wanted, model }, examples, params, api, context) };
  } finally {
    await disposeData(examples.training);
    await disposeData(examples.validation);
  }
}

async function checkedExamples(wanted: CreateWanted, context: Context): Promise<Examples> {
  const { method } = wanted;
  const training = await checkedData(wanted.training, 'training', method, context);
  if (wanted.validation === undefined) return { training, validation: undefined };
  try {
    return { training, validation: await checkedData(wanted.validation, 'validation', method, context) };
  } catch (error) {
    await disposeData(training);
    throw error;
  }
}

async function begun(
  fields: FineTuneFields,
  { training, validation }: Examples,
  params: JsonObject,
  api: Api,
  context: Context,
): Promise<FineTuneJob> {
  const data = {
    training: await sentData(training, api, context),
    validation: validation && (await sentData(validation, api, context)),
  };
  const body = withParams(fineTuneRequest(fields, data), params);
  try {
    return await createFineTune(api, body, context.clock.now());
  } catch (error) {
    // What was sent need not be sent again.
    if (training.kind === 'local' && mayComeBack(error, api)) {
      const valid = data.validation === undefined ? '' : ` --validation ${quoted(data.validation)}`;
      say(context, `the data is kept: oai finetune create ${quoted(data.training)}${valid} …`);
    }
    throw error;
  }
}

/** The organization may begin jobs, and the API remembers the files. */
function mayComeBack(error: unknown, { settings }: Api): boolean {
  if (settings.sandbox) return false;
  if (error instanceof Stopped) return error.by !== 'dry run';
  return error instanceof Failure && error.kind !== 'auth';
}
