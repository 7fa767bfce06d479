import { FineTuneCurve, type Metrics } from './finetune-curve.ts';
import type { Hyperparameters } from './finetune-hyperparameters.ts';
import type { FineTuneMethod } from './finetune-request.ts';

/** A step of a training that is told. */
export interface TrainingStep {
  readonly step: number;
  readonly metrics: Metrics;
  /** `Step 3/100: training loss=1.52`, as the API words it. */
  readonly message: string;
  /** What was learnt by then is kept. */
  readonly isCheckpoint: boolean;
}

/** The most steps of one training that are told. */
const MOST_TOLD = 1000;
/** Epochs whose checkpoints are kept (OpenAI's guide to supervised fine-tuning). */
const EPOCHS_KEPT = 3;

/** The steps of a training and what is measured at them: the same for the same seed. */
export class FineTuneTraining {
  /** Steps. */
  readonly total: number;
  readonly epochs: number;
  readonly #perEpoch: number;
  readonly #curve: FineTuneCurve;
  readonly #told: TrainingStep[] = [];

  constructor(
    method: FineTuneMethod,
    { n_epochs: epochs, batch_size: size }: Hyperparameters,
    examples: number,
    { seed, hasValidation }: { readonly seed: number; readonly hasValidation: boolean },
  ) {
    this.epochs = Number(epochs);
    this.#perEpoch = Math.ceil(examples / Number(size));
    this.total = this.#perEpoch * this.epochs;
    this.#curve = new FineTuneCurve(method, seed, this.total, hasValidation);
  }

  /** Goes on to a step. @returns the steps on the way that are told */
  train(after: number, last: number): TrainingStep[] {
    const told: TrainingStep[] = [];
    for (let step = after + 1; step <= last; step++) {
      const isEnd = step % this.#perEpoch === 0;
      if (isEnd || step % Math.ceil(this.total / MOST_TOLD) === 0) told.push(this.#step(step, isEnd));
    }
    this.#told.push(...told);
    return told;
  }

  /** All that was measured, as the CSV that the API makes of it. */
  results(): string {
    const columns = [...new Set(this.#told.flatMap(({ metrics }) => Object.keys(metrics)))];
    const lines = this.#told.map(({ step, metrics }) => [
      step,
      ...columns.map((name) => metrics[name] ?? ''),
    ]);
    return [['step', ...columns], ...lines].map((cells) => `${cells.join(',')}\n`).join('');
  }

  #step(step: number, endsEpoch: boolean): TrainingStep {
    const isTenth = step % Math.max(1, Math.floor(this.total / 10)) === 0;
    const metrics = this.#curve.at(step, endsEpoch ? 'all' : isTenth ? 'batch' : 'none');
    return {
      step,
      metrics,
      message: `Step ${step}/${this.total}: ${measuredText(metrics)}`,
      isCheckpoint: endsEpoch && step / this.#perEpoch > this.epochs - EPOCHS_KEPT,
    };
  }
}

const NAMES: readonly (readonly [name: string, words: string])[] = [
  ['train_loss', 'training loss'],
  ['valid_loss', 'validation loss'],
  ['full_valid_loss', 'full validation loss'],
  ['train_mean_reward', 'training reward'],
  ['valid_mean_reward', 'validation reward'],
  ['full_valid_mean_reward', 'full validation reward'],
];

/** `training loss=0.52, validation loss=0.61` */
function measuredText(metrics: Metrics): string {
  return NAMES.filter(([name]) => metrics[name] !== undefined)
    .map(([name, words]) => `${words}=${metrics[name]?.toFixed(2)}`)
    .join(', ');
}
