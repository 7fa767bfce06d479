import type { JsonObject } from '../json.ts';
import type { FineTuneMethod } from './finetune-request.ts';

export type Hyperparameters = Readonly<Record<string, unknown>>;

/**
 * What was asked for, and numbers in the place of `auto` once the examples are counted.
 * @param examples undefined until then
 */
export function chosenHyperparameters(
  method: FineTuneMethod,
  asked: JsonObject,
  examples: number | undefined,
): Hyperparameters {
  const chosen = { ...DEFAULTS[method], ...asked };
  if (examples === undefined) return chosen;
  const numbers: Record<string, unknown> = {
    batch_size: Math.min(256, Math.max(1, Math.floor(examples * 0.002))),
    learning_rate_multiplier: method === 'supervised' ? 1.8 : 1,
    n_epochs: epochsFor(examples),
    beta: 0.1,
    compute_multiplier: 1,
    eval_interval: 5,
    eval_samples: 2,
  };
  return Object.fromEntries(
    Object.entries(chosen).map(([name, value]) => [
      name,
      value === 'auto' ? (numbers[name] ?? value) : value,
    ]),
  );
}

const COMMON = { batch_size: 'auto', learning_rate_multiplier: 'auto', n_epochs: 'auto' };

const DEFAULTS: Readonly<Record<FineTuneMethod, Hyperparameters>> = {
  supervised: COMMON,
  dpo: { ...COMMON, beta: 'auto' },
  reinforcement: {
    ...COMMON,
    compute_multiplier: 'auto',
    eval_interval: 'auto',
    eval_samples: 'auto',
    reasoning_effort: 'default',
  },
};

/**
 * Three, but for few examples or very many (OpenAI's cookbook, "Data preparation and analysis for chat model
 * fine-tuning").
 */
function epochsFor(examples: number): number {
  if (examples * 3 < 100) return Math.min(25, Math.max(1, Math.floor(100 / examples)));
  return examples * 3 > 25_000 ? Math.max(1, Math.floor(25_000 / examples)) : 3;
}
