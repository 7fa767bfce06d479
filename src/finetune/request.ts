import type { NewFineTune } from '../api/fine-tunes.ts';
import { usageError } from '../errors.ts';
import type { FineTuneMethod } from '../files/lint-fine-tune.ts';
import { labels, type Pair } from '../flags/metadata.ts';
import { isObject, type JsonObject } from '../json.ts';

/** A hyperparameter as it was read: `auto` leaves it to the API. */
export type Auto = number | 'auto';

/** What a job is asked for, beside its data. */
export interface FineTuneFields {
  readonly model: string;
  readonly method: FineTuneMethod;
  readonly epochs?: Auto | undefined;
  readonly batchSize?: Auto | undefined;
  readonly learningRateMultiplier?: Auto | undefined;
  readonly beta?: Auto | undefined;
  /** What judges answers, for reinforcement. */
  readonly grader?: JsonObject | undefined;
  readonly seed?: number | undefined;
  readonly suffix?: string | undefined;
  readonly metadata?: readonly Pair[] | undefined;
  readonly integrations?: readonly JsonObject[] | undefined;
}

/** The ids of its files. */
export interface FineTuneData {
  readonly training: string;
  readonly validation: string | undefined;
}

/**
 * What can be told to be wrong before anything is sent.
 * @throws Failure (usage)
 */
export function checkFields({ method, beta, grader, metadata = [] }: FineTuneFields): void {
  if (beta !== undefined && method !== 'dpo') {
    throw usageError(`--beta is for --method dpo, and the method is ${method}`);
  }
  if (grader !== undefined && method !== 'reinforcement') {
    throw usageError(`--grader is for --method reinforcement, and the method is ${method}`);
  }
  if (grader === undefined && method === 'reinforcement') {
    throw usageError(
      '--method reinforcement needs --grader FILE: what judges the answers',
      'see https://developers.openai.com/api/docs/guides/graders',
    );
  }
  labels(metadata);
}

/** The request for a job. What was not asked for is left to the API. */
export function fineTuneRequest(fields: FineTuneFields, data: FineTuneData): NewFineTune {
  const { model, seed, suffix, metadata, integrations } = fields;
  return {
    model,
    training_file: data.training,
    ...(data.validation !== undefined && { validation_file: data.validation }),
    ...methodPart(fields),
    ...(suffix !== undefined && { suffix }),
    ...(seed !== undefined && { seed }),
    ...(metadata !== undefined && { metadata: labels(metadata) }),
    ...(integrations !== undefined && { integrations }),
  };
}

/** Servers that know no methods but the usual one need not be told of it. */
function methodPart(fields: FineTuneFields): JsonObject {
  const { method, epochs, batchSize, learningRateMultiplier, beta, grader } = fields;
  const hyperparameters = {
    ...(epochs !== undefined && { n_epochs: epochs }),
    ...(batchSize !== undefined && { batch_size: batchSize }),
    ...(learningRateMultiplier !== undefined && { learning_rate_multiplier: learningRateMultiplier }),
    ...(beta !== undefined && { beta }),
  };
  const hasOwn = Object.keys(hyperparameters).length > 0;
  if (method === 'supervised' && !hasOwn) return {};
  const own = { ...(grader !== undefined && { grader }), ...(hasOwn && { hyperparameters }) };
  return { method: { type: method, ...(Object.keys(own).length > 0 && { [method]: own }) } };
}

/** Graders that the API knows for reinforcement (OpenAPI, `FineTuneReinforcementMethod`). */
const GRADERS: readonly unknown[] = ['string_check', 'text_similarity', 'python', 'score_model', 'multi'];

/** @param name what errors call it @throws Failure (usage) where a value is no grader */
export function checkedGrader(value: unknown, name: string): JsonObject {
  if (!isObject(value)) throw usageError(`${name} is no JSON object: a grader is one`);
  const { type } = value;
  if (GRADERS.includes(type)) return value;
  throw usageError(
    `${name} has the type ${JSON.stringify(type) ?? 'of none'}, which is no grader`,
    `graders are ${GRADERS.join(', ')}`,
  );
}
