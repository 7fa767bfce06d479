import type { JsonObject } from '../json.ts';
import {
  type BatchEndpoint,
  type BatchError,
  type BatchInput,
  type BatchRequest,
  readBatchInput,
  turn,
} from './batch-input.ts';
import {
  answerInBatch,
  type BatchResult,
  type BatchUsage,
  failedInBatch,
  NO_USAGE,
  undoneInBatch,
} from './batch-work.ts';
import type { Call, SandboxState } from './call.ts';
import { numbered, seconds } from './file-shelf.ts';

/** What a batch was asked for. */
export interface NewBatch {
  readonly inputFileId: string;
  readonly endpoint: BatchEndpoint;
  readonly metadata: JsonObject | null;
  /** Seconds that its files are kept; undefined: as long as the API keeps them. */
  readonly lifetime: number | undefined;
  readonly seed: string;
}

type Status = 'validating' | 'failed' | 'in_progress' | 'completed' | 'expired' | 'cancelling' | 'cancelled';

/** States that the API tells the time of. (It is never asked while it is `finalizing`.) */
type Told = Exclude<Status, 'validating'> | 'finalizing';

const WINDOW = 86_400;

/** The batches of one sandbox. They are gone with it. */
export class BatchShelf {
  readonly #kept = new Map<string, Batch>();
  readonly #named = new Map<string, number>();

  add(asked: NewBatch, state: SandboxState): Batch {
    const batch = new Batch(`batch_${numbered(this.#named, asked.seed).slice(0, 32)}`, asked, state);
    this.#kept.set(batch.id, batch);
    return batch;
  }

  get(id: string): Batch | undefined {
    return this.#kept.get(id);
  }

  /** All of them, from the oldest to the newest. */
  all(): readonly Batch[] {
    return [...this.#kept.values()];
  }
}

/**
 * A batch, which goes on by one step each time that it is asked for, and by no clock: `validating` when it is made,
 * `in_progress` (or `failed`) at the first look, `completed` (or `expired`) at the second, or after as many looks as a
 * fault asks for. A cancelled one is `cancelling` until it is looked at. If it was in progress, the first half of its
 * requests have been answered.
 */
export class Batch {
  readonly id: string;
  readonly #asked: NewBatch;
  readonly #state: SandboxState;
  readonly #created: number;
  readonly #times = new Map<Told, number>();
  readonly #counts = { completed: 0, failed: 0 };
  readonly #files: { output_file_id?: string; error_file_id?: string } = {};
  #status: Status = 'validating';
  /** Until they are read. */
  #bytes: Uint8Array | undefined;
  #read: Pick<BatchInput, 'model' | 'errors'> | undefined;
  /** Until the batch has ended, as the results. */
  #requests: readonly BatchRequest[] = [];
  #results: BatchResult[] = [];
  #total = 0;
  #looks = 0;
  #usage: BatchUsage = NO_USAGE;
  #turn: Promise<void> = Promise.resolve();

  constructor(id: string, asked: NewBatch, state: SandboxState) {
    this.id = id;
    this.#asked = asked;
    this.#state = state;
    this.#bytes = state.files.get(asked.inputFileId)?.bytes;
    this.#created = seconds(state.clock);
  }

  get status(): Status {
    return this.#status;
  }

  /**
   * Goes on by one step; looks at the same time come one after another. What was done stays done when nobody waits for
   * the rest.
   * @throws the signal's reason
   */
  advance(call: Call): Promise<void> {
    const step = this.#turn.then(() => this.#step(call));
    this.#turn = step.catch(() => {});
    return step;
  }

  /** Once it has ended it stays as it is. */
  cancel(): void {
    if (this.#status === 'validating' || this.#status === 'in_progress') this.#enter('cancelling');
  }

  /** The batch as the API tells it. What there is not yet is left out, as its schema wants it. */
  told(): object {
    const { inputFileId, endpoint, metadata } = this.#asked;
    const { model, errors = [] } = this.#read ?? {};
    const isDone = ['completed', 'expired', 'cancelled'].includes(this.#status);
    return {
      id: this.id,
      object: 'batch',
      endpoint,
      ...(model !== undefined && { model }),
      ...(errors.length > 0 && { errors: { object: 'list', data: errors } }),
      input_file_id: inputFileId,
      completion_window: '24h',
      status: this.#status,
      ...this.#files,
      created_at: this.#created,
      expires_at: this.#created + WINDOW,
      ...Object.fromEntries([...this.#times].map(([state, time]) => [`${state}_at`, time])),
      request_counts: { total: this.#total, ...this.#counts },
      ...(isDone && { usage: toldUsage(this.#usage) }),
      metadata,
    };
  }

  #step(call: Call): Promise<void> | undefined {
    if (this.#status === 'validating') return this.#validate(call.signal);
    if (this.#status === 'in_progress') return this.#complete(call);
    if (this.#status === 'cancelling') return this.#finishCancelling(call);
    return undefined;
  }

  async #validate(signal: AbortSignal): Promise<void> {
    const { endpoint, inputFileId } = this.#asked;
    const bytes = this.#bytes;
    const read =
      bytes === undefined
        ? { requests: [], model: undefined, errors: [noFile(inputFileId)] }
        : await readBatchInput(bytes, endpoint, this.#state.models, signal);
    if (this.#status !== 'validating') return;
    const { requests, model } = read;
    const errors = this.#state.faults.batch.fails ? [TOO_MANY_TOKENS] : read.errors;
    this.#bytes = undefined;
    this.#read = { model, errors };
    if (errors.length > 0) return this.#enter('failed');
    this.#requests = requests;
    this.#total = requests.length;
    this.#enter('in_progress');
  }

  async #complete(call: Call): Promise<void> {
    const { expired, looks } = this.#state.faults.batch;
    const reached = Math.max(0, this.#total - expired);
    this.#looks += 1;
    const most = Math.ceil((reached * this.#looks) / looks);
    for (const request of this.#requests.slice(this.#results.length, most)) {
      await this.#answer(request, call);
      // Cancelled meanwhile: the next look ends it.
      if (this.#status !== 'in_progress') return;
    }
    if (this.#looks < looks) return;
    for (const request of this.#requests.slice(reached)) {
      this.#results.push(undoneInBatch(this.id, request, 'expired'));
    }
    this.#enter('finalizing');
    this.#keep();
    this.#enter(expired > 0 ? 'expired' : 'completed');
  }

  async #finishCancelling(call: Call): Promise<void> {
    const half = Math.floor(this.#total / 2);
    for (const request of this.#requests.slice(this.#results.length, half)) await this.#answer(request, call);
    for (const request of this.#requests.slice(this.#results.length)) {
      this.#results.push(undoneInBatch(this.id, request, 'cancelled'));
    }
    this.#keep();
    this.#enter('cancelled');
  }

  async #answer(request: BatchRequest, call: Call): Promise<void> {
    await turn(call.signal);
    const isBroken = this.#results.length < this.#state.faults.batch.failed;
    const result = isBroken
      ? failedInBatch(this.id, request, call)
      : await answerInBatch(this.id, request, this.#asked.endpoint, call, this.#state);
    this.#results.push(result);
    this.#counts[result.isDone ? 'completed' : 'failed'] += 1;
    this.#usage = sumOf(this.#usage, result.usage);
  }

  #enter(state: Status | 'finalizing'): void {
    if (state !== 'validating') this.#times.set(state, seconds(this.#state.clock));
    if (state !== 'finalizing') this.#status = state;
  }

  /** Makes the files of what there is: without a line there is no file. */
  #keep(): void {
    const sorted = this.#results.sort((one, other) => (one.id < other.id ? -1 : 1));
    const output = this.#store(
      'output',
      sorted.filter(({ isDone }) => isDone),
    );
    const error = this.#store(
      'error',
      sorted.filter(({ isDone }) => !isDone),
    );
    if (output !== undefined) this.#files.output_file_id = output;
    if (error !== undefined) this.#files.error_file_id = error;
    this.#requests = [];
    this.#results = [];
  }

  #store(kind: 'output' | 'error', results: readonly BatchResult[]): string | undefined {
    if (results.length === 0) return undefined;
    const bytes = Buffer.concat(results.map(({ line }) => Buffer.from(`${line}\n`)));
    const name = `${this.id}_${kind}.jsonl`;
    const { lifetime } = this.#asked;
    return this.#state.files.add({ name, purpose: 'batch_output', bytes, seed: name, lifetime }).id;
  }
}

function sumOf(one: BatchUsage, other: BatchUsage): BatchUsage {
  return {
    input: one.input + other.input,
    cached: one.cached + other.cached,
    output: one.output + other.output,
    reasoning: one.reasoning + other.reasoning,
  };
}

function toldUsage({ input, cached, output, reasoning }: BatchUsage): object {
  return {
    input_tokens: input,
    input_tokens_details: { cached_tokens: cached },
    output_tokens: output,
    output_tokens_details: { reasoning_tokens: reasoning },
    total_tokens: input + output,
  };
}

/** The words that the API has for it, as its users report them. */
const TOO_MANY_TOKENS: BatchError = {
  code: 'token_limit_exceeded',
  message:
    'Enqueued token limit reached for gpt-6-luna in organization sandbox. Limit: 2,000,000 enqueued tokens. Please try again once some in_progress batches have been completed.',
  param: null,
  line: null,
};

function noFile(id: string): BatchError {
  return {
    code: 'invalid_request',
    message: `Cannot find file ${id}, or organization sandbox does not have access to it.`,
    param: 'file_id',
    line: null,
  };
}
