import { isObject, type JsonObject } from '../json.ts';
import { invalidRequest } from './error-answer.ts';
import { metadata } from './metadata.ts';
import type { ModelCatalogue } from './models.ts';
import {
  anyObject,
  array,
  type Check,
  decimal,
  integer,
  nullable,
  object,
  oneOf,
  string,
  stringOr,
  tagged,
  unknownParameter,
} from './request-check.ts';

export type FineTuneMethod = 'supervised' | 'dpo' | 'reinforcement';

/** What a job is asked for, as it is read. */
export interface FineTuneRequest {
  /** The snapshot, whatever alias was typed. */
  readonly model: string;
  readonly method: FineTuneMethod;
  /** As they were sent: a number, `auto`, or absent. */
  readonly hyperparameters: JsonObject;
  readonly grader: JsonObject | undefined;
  readonly trainingFile: string;
  readonly validationFile: string | null;
  readonly suffix: string | undefined;
  readonly seed: number | undefined;
  readonly metadata: JsonObject | null;
  readonly integrations: readonly unknown[] | null;
}

/** Above 0: what the document calls an exclusive minimum. */
const LEAST = Number.MIN_VALUE;

function auto(check: Check, expected: string): Check {
  return stringOr(oneOf('auto'), check, (value) => typeof value === 'number', expected);
}

/** OpenAPI `FineTuneSupervisedHyperparameters`; the other methods have more. */
const COMMON = {
  batch_size: auto(integer(1, 256), 'an integer'),
  learning_rate_multiplier: auto(decimal(LEAST, Number.MAX_VALUE), 'a decimal'),
  n_epochs: auto(integer(1, 50), 'an integer'),
};
const DPO = { ...COMMON, beta: auto(decimal(LEAST, 2), 'a decimal') };
const REINFORCEMENT = {
  ...COMMON,
  reasoning_effort: oneOf('default', 'low', 'medium', 'high'),
  compute_multiplier: auto(decimal(0.00001, 10), 'a decimal'),
  eval_interval: auto(integer(1), 'an integer'),
  eval_samples: auto(integer(1), 'an integer'),
};

/** OpenAPI `GraderStringCheck` and its kin. */
const grader = tagged('type', {
  string_check: object(
    {
      type: string(),
      name: string(),
      input: string(),
      reference: string(),
      operation: oneOf('eq', 'ne', 'like', 'ilike'),
    },
    ['name', 'input', 'reference', 'operation'],
  ),
  text_similarity: object(
    { type: string(), name: string(), input: string(), reference: string(), evaluation_metric: string() },
    ['name', 'input', 'reference', 'evaluation_metric'],
  ),
  python: object({ type: string(), name: string(), source: string(), image_tag: string() }, [
    'name',
    'source',
  ]),
  score_model: object(
    {
      type: string(),
      name: string(),
      model: string(),
      input: array(anyObject),
      range: array(decimal(-Number.MAX_VALUE, Number.MAX_VALUE), { min: 2, max: 2, of: 'numbers' }),
      sampling_params: anyObject,
    },
    ['name', 'input', 'model'],
  ),
  multi: object({ type: string(), name: string(), graders: anyObject, calculate_output: string() }, [
    'name',
    'graders',
    'calculate_output',
  ]),
});

const method = object(
  {
    type: oneOf('supervised', 'dpo', 'reinforcement'),
    supervised: object({ hyperparameters: object(COMMON) }),
    dpo: object({ hyperparameters: object(DPO) }),
    reinforcement: object({ grader, hyperparameters: object(REINFORCEMENT) }, ['grader']),
  },
  ['type'],
);

const integration = object(
  {
    type: oneOf('wandb'),
    wandb: object(
      {
        project: string(),
        name: nullable(string()),
        entity: nullable(string()),
        tags: array(string(), { of: 'strings' }),
      },
      ['project'],
    ),
  },
  ['type', 'wandb'],
);

/** Every field of the published request (OpenAPI `CreateFineTuningJobRequest`). */
const check = object(
  {
    model: string({ filled: true }),
    training_file: string({ filled: true }),
    validation_file: nullable(string({ filled: true })),
    hyperparameters: object(COMMON),
    method,
    suffix: nullable(string({ filled: true, max: 64 })),
    seed: nullable(integer(0, 2_147_483_647)),
    metadata,
    integrations: nullable(array(integration, { max: 5 })),
  },
  ['model', 'training_file'],
  unknownParameter,
);

/**
 * What can be tuned, and how (OpenAI's guides to supervised, preference and reinforcement fine-tuning). Some of these
 * have ended; the sandbox goes on tuning them, or a method would have no model left to be tried with.
 */
const TUNABLE: readonly (readonly [model: string, alias: string, methods: readonly FineTuneMethod[]])[] = [
  ['gpt-4.1-2025-04-14', 'gpt-4.1', ['supervised', 'dpo']],
  ['gpt-4.1-mini-2025-04-14', 'gpt-4.1-mini', ['supervised', 'dpo']],
  ['gpt-4.1-nano-2025-04-14', 'gpt-4.1-nano', ['supervised', 'dpo']],
  ['gpt-4o-2024-08-06', 'gpt-4o', ['supervised', 'dpo']],
  ['gpt-4o-mini-2024-07-18', 'gpt-4o-mini', ['supervised', 'dpo']],
  ['gpt-3.5-turbo-0125', 'gpt-3.5-turbo', ['supervised']],
  ['o4-mini-2025-04-16', 'o4-mini', ['reinforcement']],
];

/**
 * Reads the body of `POST /fine_tuning/jobs`.
 * @throws ApiError 400 as the API refuses requests
 */
export function readFineTuneRequest(body: unknown, models: ModelCatalogue): FineTuneRequest {
  check(body, '');
  const fields: JsonObject = isObject(body) ? body : {};
  const asked = isObject(fields['method']) ? fields['method'] : undefined;
  const type = methodOf(asked?.['type']);
  const own = asked?.[type];
  const details = isObject(own) ? own : {};
  if (type === 'reinforcement' && details['grader'] === undefined) {
    throw invalidRequest("Missing required parameter: 'method.reinforcement'.", 'method.reinforcement');
  }
  const hyperparameters = details['hyperparameters'] ?? fields['hyperparameters'];
  const integrations = fields['integrations'];
  return {
    model: tunable(String(fields['model']), type, models),
    method: type,
    hyperparameters: isObject(hyperparameters) ? hyperparameters : {},
    grader: isObject(details['grader']) ? details['grader'] : undefined,
    trainingFile: String(fields['training_file']),
    validationFile: typeof fields['validation_file'] === 'string' ? fields['validation_file'] : null,
    suffix: typeof fields['suffix'] === 'string' ? fields['suffix'] : undefined,
    seed: typeof fields['seed'] === 'number' ? fields['seed'] : undefined,
    metadata: isObject(fields['metadata']) ? fields['metadata'] : null,
    integrations: Array.isArray(integrations) ? integrations : null,
  };
}

function methodOf(type: unknown): FineTuneMethod {
  return type === 'dpo' || type === 'reinforcement' ? type : 'supervised';
}

/** The snapshot that is tuned. @throws ApiError 400 where there is none, or not by this method */
function tunable(model: string, method: FineTuneMethod, models: ModelCatalogue): string {
  const base = models.baseOf(model);
  const found = TUNABLE.find(([snapshot, alias]) => snapshot === base || alias === base);
  if (found === undefined || models.isGone(model)) {
    // The words of the API, as its users report them.
    const message = `Model ${model} is not available for fine-tuning or does not exist.`;
    throw invalidRequest(message, 'model', 'model_not_available');
  }
  const [snapshot, , methods] = found;
  if (methods.includes(method)) return model === base ? snapshot : model;
  const message = `The model ${model} does not support the fine-tuning method '${method}'. Supported methods are: ${methods.join(', ')}.`;
  throw invalidRequest(message, 'method', 'invalid_value');
}
