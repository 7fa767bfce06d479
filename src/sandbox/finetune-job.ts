import type { JsonObject } from '../json.ts';
import type { SandboxState } from './call.ts';
import { invalidRequest } from './error-answer.ts';
import { numbered, seconds } from './file-shelf.ts';
import { type FineTuneData, type FineTuneError, isFineTuneError, readFineTuneData } from './finetune-data.ts';
import { chosenHyperparameters, type Hyperparameters } from './finetune-hyperparameters.ts';
import type { FineTuneRequest } from './finetune-request.ts';
import { FineTuneTraining, type TrainingStep } from './finetune-training.ts';

export type FineTuneStatus =
  | 'validating_files'
  | 'queued'
  | 'running'
  | 'pausing'
  | 'paused'
  | 'succeeded'
  | 'failed'
  | 'cancelled';

const ENDED: readonly FineTuneStatus[] = ['succeeded', 'failed', 'cancelled'];

/** OpenAPI `FineTuningJobEvent`. */
export interface FineTuneEvent {
  readonly object: 'fine_tuning.job.event';
  readonly id: string;
  readonly created_at: number;
  readonly level: 'info' | 'warn' | 'error';
  readonly message: string;
  readonly type: 'message' | 'metrics';
  readonly data: object;
}

/** OpenAPI `FineTuningJobCheckpoint`. */
export interface FineTuneCheckpoint {
  readonly object: 'fine_tuning.job.checkpoint';
  readonly id: string;
  readonly created_at: number;
  readonly fine_tuning_job_id: string;
  readonly fine_tuned_model_checkpoint: string;
  readonly step_number: number;
  readonly metrics: object;
}

/** The bytes that a job learns from, and those that it is measured by. */
export interface FineTuneFiles {
  readonly training: Uint8Array;
  readonly validation: Uint8Array | undefined;
}

/** Looks in which the training is done. */
const PARTS = 4;
/** What a fault asks for. */
const BROKEN: FineTuneError = {
  code: 'internal_error',
  message: 'The job failed due to an internal error. Please try again.',
  param: null,
};
/** Seconds that a look is said to stand for. */
const PART_SECONDS = 60;

/**
 * A job, which goes on by one step each time that it or its events are asked for, and by no clock: it is
 * `validating_files` when it is made, then `queued` (or `failed`), then `running`, and four looks later it has
 * `succeeded`. A look at one that is `pausing` finds it `paused`.
 */
export class FineTuneJob {
  readonly id: string;
  readonly #asked: FineTuneRequest;
  readonly #state: SandboxState;
  readonly #created: number;
  readonly #seed: number;
  readonly #hasValidation: boolean;
  /** Until they are validated. */
  #files: FineTuneFiles | undefined;
  readonly #events: FineTuneEvent[] = [];
  readonly #checkpoints: FineTuneCheckpoint[] = [];
  readonly #resultFiles: string[] = [];
  #status: FineTuneStatus = 'validating_files';
  #finished: number | null = null;
  #error: FineTuneError | null = null;
  /** Once the files are validated. */
  #data: FineTuneData | undefined;
  #training: FineTuneTraining | undefined;
  #partsDone = 0;

  constructor(id: string, asked: FineTuneRequest, files: FineTuneFiles, state: SandboxState) {
    this.id = id;
    this.#asked = asked;
    this.#state = state;
    this.#created = seconds(state.clock);
    // As the API makes one up for who names none; here always the same.
    this.#seed = asked.seed ?? Number.parseInt(numbered(new Map(), id).slice(0, 7), 16);
    this.#files = files;
    this.#hasValidation = files.validation !== undefined;
    this.#tell(`Created fine-tuning job: ${id}`);
    this.#tell(`Validating training file: ${asked.trainingFile}`);
    if (asked.validationFile !== null) this.#tell(`Validating validation file: ${asked.validationFile}`);
  }

  get metadata(): JsonObject {
    return this.#asked.metadata ?? {};
  }

  /** From the first to the last. */
  get events(): readonly FineTuneEvent[] {
    return this.#events;
  }

  get checkpoints(): readonly FineTuneCheckpoint[] {
    return this.#checkpoints;
  }

  advance(): void {
    if (this.#status === 'validating_files') this.#validate();
    else if (this.#status === 'queued') this.#start();
    else if (this.#status === 'running') this.#train();
    else if (this.#status === 'pausing') this.#enter('paused', 'The job is paused');
  }

  /** @throws ApiError 400 where it has ended, or is paused already */
  pause(): void {
    if (ENDED.includes(this.#status) || this.#status.startsWith('paus')) throw this.#cannot('pause');
    this.#enter('pausing', 'The job is being paused');
  }

  /** @throws ApiError 400 where it is not paused */
  resume(): void {
    if (!this.#status.startsWith('paus')) throw this.#cannot('resume');
    this.#enter(this.#data === undefined ? 'validating_files' : 'queued', 'The job is resumed');
  }

  /** @throws ApiError 400 where it has ended */
  cancel(): void {
    if (ENDED.includes(this.#status)) throw this.#cannot('cancel');
    this.#end('cancelled', 'The job has been cancelled');
  }

  /** The job as the API tells it. */
  told(): object {
    const { model, method, trainingFile, validationFile, integrations, metadata, grader } = this.#asked;
    const hyperparameters = this.#hyperparameters();
    const isRunning = this.#status === 'running';
    return {
      object: 'fine_tuning.job',
      id: this.id,
      created_at: this.#created,
      model,
      fine_tuned_model: this.#status === 'succeeded' ? this.#modelName() : null,
      organization_id: 'org-sandbox',
      result_files: [...this.#resultFiles],
      status: this.#status,
      trained_tokens: this.#status === 'succeeded' ? this.#trainedTokens() : null,
      training_file: trainingFile,
      validation_file: validationFile,
      hyperparameters: method === 'supervised' ? hyperparameters : {},
      method: { type: method, [method]: { ...(grader !== undefined && { grader }), hyperparameters } },
      seed: this.#seed,
      error: this.#error,
      finished_at: this.#finished,
      estimated_finish: isRunning
        ? seconds(this.#state.clock) + (PARTS - this.#partsDone) * PART_SECONDS
        : null,
      integrations: integrations ?? [],
      metadata,
    };
  }

  #validate(): void {
    const { method } = this.#asked;
    const read = this.#read();
    this.#files = undefined;
    if (isFineTuneError(read)) return void this.#fail(read);
    this.#data = read;
    this.#training = new FineTuneTraining(method, this.#hyperparameters(), read.examples, {
      seed: this.#seed,
      hasValidation: this.#hasValidation,
    });
    this.#enter('queued', 'Files validated, moving job to queued state');
  }

  #read(): FineTuneData | FineTuneError {
    const { method } = this.#asked;
    if (this.#files === undefined) throw new Error('the files of a job are read twice');
    const { training, validation } = this.#files;
    const read = readFineTuneData(training, method, 'training_file');
    if (isFineTuneError(read) || validation === undefined) return read;
    const other = readFineTuneData(validation, method, 'validation_file');
    return isFineTuneError(other) ? other : read;
  }

  #start(): void {
    this.#enter('running', this.#partsDone === 0 ? 'Fine-tuning job started' : 'Fine-tuning job goes on');
  }

  #train(): void {
    const training = this.#training;
    if (training === undefined) throw new Error('a job runs whose files were not read');
    const { total } = training;
    const done = Math.floor((total * this.#partsDone) / PARTS);
    this.#partsDone += 1;
    for (const step of training.train(done, Math.floor((total * this.#partsDone) / PARTS))) {
      const { message, metrics } = step;
      const data = { step: step.step, total_steps: total, ...metrics };
      this.#record(message, 'info', { type: 'metrics', data });
      if (step.isCheckpoint) this.#keep(step, step.step === total);
    }
    const isHalf = this.#partsDone * 2 >= PARTS;
    if (this.#state.faults.fineTune === 'fail' && isHalf) this.#fail(BROKEN);
    else if (this.#partsDone === PARTS) this.#succeed(training);
  }

  #keep({ step, metrics }: TrainingStep, isLast: boolean): void {
    const name = isLast ? this.#modelName() : `${this.#modelName()}:ckpt-step-${step}`;
    this.#state.models.addTuned(name, this.#asked.model, seconds(this.#state.clock));
    this.#checkpoints.push({
      object: 'fine_tuning.job.checkpoint',
      id: `ftckpt_${this.#nameOf(`checkpoint ${step}`)}`,
      created_at: seconds(this.#state.clock),
      fine_tuning_job_id: this.id,
      fine_tuned_model_checkpoint: name,
      step_number: step,
      metrics: { step, ...metrics },
    });
    if (!isLast) this.#tell(`Checkpoint created at step ${step}`);
  }

  #succeed(training: FineTuneTraining): void {
    const { id } = this.#state.files.add({
      name: 'step_metrics.csv',
      purpose: 'fine-tune-results',
      bytes: Buffer.from(training.results()),
      seed: `${this.id} results`,
      lifetime: undefined,
    });
    this.#resultFiles.push(id);
    this.#tell('New fine-tuned model created');
    this.#end('succeeded', 'The job has successfully completed');
  }

  #fail(error: FineTuneError): void {
    this.#error = error;
    this.#status = 'failed';
    this.#finished = seconds(this.#state.clock);
    this.#record(error.message, 'error', { type: 'message', data: {} });
  }

  #end(status: 'succeeded' | 'cancelled', message: string): void {
    this.#finished = seconds(this.#state.clock);
    this.#enter(status, message);
  }

  #enter(status: FineTuneStatus, message: string): void {
    this.#status = status;
    this.#tell(message);
  }

  #tell(message: string): void {
    this.#record(message, 'info', { type: 'message', data: {} });
  }

  #record(message: string, level: FineTuneEvent['level'], rest: Pick<FineTuneEvent, 'type' | 'data'>): void {
    const id = `ftevent-${this.#nameOf(`event ${this.#events.length}`)}`;
    const created_at = seconds(this.#state.clock);
    this.#events.push({ object: 'fine_tuning.job.event', id, created_at, level, message, ...rest });
  }

  #cannot(what: string) {
    const message = `Cannot ${what} job ${this.id}: its status is '${this.#status}'.`;
    return invalidRequest(message, null, 'invalid_job_status');
  }

  #hyperparameters(): Hyperparameters {
    return chosenHyperparameters(this.#asked.method, this.#asked.hyperparameters, this.#data?.examples);
  }

  #trainedTokens(): number {
    return (this.#data?.tokens ?? 0) * (this.#training?.epochs ?? 0);
  }

  #modelName(): string {
    const { model, suffix = '' } = this.#asked;
    return `ft:${this.#state.models.baseOf(model)}:sandbox:${suffix}:${this.#nameOf('model').slice(0, 8)}`;
  }

  #nameOf(what: string): string {
    return numbered(new Map(), `${this.id}\n${what}`).slice(0, 24);
  }
}
