import type { Context } from '../../../context.ts';
import { Failure, reasonOf } from '../../../errors.ts';
import { afterAnswer } from '../../../output/after-answer.ts';
import { trace, warn } from '../../../output/messages.ts';
import { PerRun } from '../per-run.ts';
import type { Wrap } from '../transport.ts';
import { BODY_EXTENSIONS } from './answer-body.ts';
import { nameOf, takeName } from './exchange-name.ts';
import { ExchangeFolder } from './folder.ts';
import { type AnswerTaker, type TakenAnswer, takenDown } from './taped-answer.ts';
import { outgoing, type TapedRequest } from './taped-request.ts';
import { writeExchange } from './write-exchange.ts';

/** Where a run records. */
export interface RecordTape {
  /** Absolute. */
  readonly folder: string;
  /** As the user gave it. */
  readonly name: string;
}

/**
 * Keeps each exchange in a folder: a file for each, named after its request. What a run records of a request replaces
 * what earlier runs recorded of it; the same request again within a run is another take, unless the one before failed
 * in a way that is tried again: then only the last try counts. What cannot be written makes the run fail at its end.
 * @param baseUrl of the API; undefined for downloads
 */
export function record(tape: RecordTape, baseUrl: string | undefined, context: Context): Wrap {
  const recorder = recorders.get(context, tape.folder, () => new Recorder(tape, context));
  const place = { baseUrl, secrets: context.secrets };
  return (next) => async (input, init) => {
    const { init: sent, request } = await outgoing(input, init, place);
    const started = context.clock.now();
    const response = await next(input, sent);
    return takenDown(response, recorder.taker(request), started, init?.signal ?? undefined, context);
  };
}

/** One for each folder: a run may make the API ready more than once. */
const recorders = new PerRun<Recorder>();

/** The last take of a request in this run. */
interface Take {
  readonly number: number;
  /** Another try takes its place. */
  readonly hasFailed: boolean;
}

class Recorder {
  readonly #folder: ExchangeFolder;
  readonly #shown: string;
  readonly #context: Context;
  readonly #takes = new Map<string, Take>();

  constructor({ folder, name }: RecordTape, context: Context) {
    this.#folder = new ExchangeFolder(folder);
    this.#shown = name;
    this.#context = context;
    if (context.stderr.isTTY) warn(context, `recording into ${name}`);
  }

  /** @param request what was asked; undefined where it was answered before it was sent whole */
  taker(request: () => TapedRequest | undefined): AnswerTaker {
    return {
      beginFile: () => this.#folder.begin(),
      keep: (taken) => {
        const asked = request();
        if (asked !== undefined) this.#keep(asked, taken);
        else taken.file?.part.drop();
      },
      drop() {},
      failed: (error) => this.#failed(error),
    };
  }

  #keep(request: TapedRequest, taken: TakenAnswer): void {
    const { answer } = taken;
    const name = nameOf(request);
    const last = this.#takes.get(name);
    const number = last === undefined ? 1 : last.number + (last.hasFailed ? 0 : 1);
    const take = takeName(name, number);
    const { clock, secrets } = this.#context;
    const replaces = this.#folder.has(`${take}.json`);
    const { body } = writeExchange(this.#folder, take, { request, taken, recorded: clock.now(), secrets });
    if (replaces) this.#removeBodies(take, body);
    if (last === undefined) this.#removeEarlier(name);
    this.#takes.set(name, { number, hasFailed: mayBeTriedAgain(answer.status) || answer.cut === true });
    afterAnswer(this.#context, () => trace(this.#context, `recorded in ${this.#shown}/${take}.json`));
  }

  /** Takes that an earlier run recorded beyond the first. */
  #removeEarlier(name: string): void {
    for (let number = 2; this.#folder.has(`${takeName(name, number)}.json`); number++) {
      const take = takeName(name, number);
      this.#removeBodies(take, undefined);
      this.#folder.remove(`${take}.json`);
    }
  }

  /** What was the body of an earlier answer. */
  #removeBodies(take: string, but: string | undefined): void {
    for (const file of BODY_EXTENSIONS.map((extension) => `${take}${extension}`)) {
      if (file !== but) this.#folder.remove(file);
    }
  }

  #failed(error: unknown): void {
    const message = `cannot record into ${this.#shown}: ${reasonOf(error)}`;
    this.#context.lateFailure ??= new Failure('incomplete', message, { cause: error });
  }
}

/** As the retries have it. */
function mayBeTriedAgain(status: number): boolean {
  return status === 408 || status === 409 || status === 429 || status >= 500;
}
