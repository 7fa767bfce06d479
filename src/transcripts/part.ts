import { type TranscriptionAnswer, type TranscriptionCall, transcribe } from '../api/transcriptions.ts';
import { Failure } from '../errors.ts';
import { inPlace, type Place } from './answers.ts';
import type { Ears } from './hear.ts';
import type { SoundPart } from './sound-parts.ts';

/** A part of a recording that is to be asked for. */
export interface PartCall {
  readonly call: TranscriptionCall & { readonly sound: SoundPart };
  readonly place: Place;
  /** What errors call the recording. */
  readonly recording: string;
  readonly ears: Ears;
}

/** An answer in its place in the recording. */
export interface Heard {
  readonly answer: TranscriptionAnswer;
  readonly place: Place;
}

/** The requests of a recording, in order. Those after one that failed are paid for and never shown: they are ended. */
export class Turns {
  readonly #ends: readonly AbortController[];

  constructor(count: number) {
    this.#ends = Array.from({ length: count }, () => new AbortController());
  }

  /** Aborted when nobody waits for a request any more. @param index from 0 on */
  signal(index: number): AbortSignal {
    return this.#ends[index]?.signal ?? AbortSignal.abort(NOBODY_WAITS);
  }

  /** Ends a request and all that come after it. */
  giveUp(from: number): void {
    for (const end of this.#ends.slice(from)) end.abort(NOBODY_WAITS);
  }
}

const NOBODY_WAITS = new Error('nobody waits for it');

/** Asks for a part, once there is a place for the request. @throws Failure that says which part failed; Stopped */
export function ask({ call, place, recording, ears }: PartCall, turns: Turns): Promise<Heard> {
  const { api, slots, onHeard } = ears;
  const signal = turns.signal(place.number - 1);
  const heard = slots.run(async () => {
    signal.throwIfAborted();
    const answer = await api.each((own) => transcribe(own, call), signal);
    onHeard(call.sound.seconds);
    return { answer: inPlace(answer, place), place };
  });
  const named = heard.catch((error: unknown) => {
    turns.giveUp(place.number);
    throw ofPart(error, recording, place);
  });
  // It is looked at when its turn comes.
  named.catch(() => {});
  return named;
}

/** The failure of one of several parts says which it is. */
export function ofPart(error: unknown, recording: string, { number, count }: Place): unknown {
  if (!(error instanceof Failure) || count === 1) return error;
  const { kind, hint, code, status, requestId } = error;
  const message = `part ${number} of ${count} of ${recording}: ${error.message}`;
  return new Failure(kind, message, { hint, code, status, requestId, cause: error });
}
