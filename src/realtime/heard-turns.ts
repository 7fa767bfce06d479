import type { Api } from '../api/client.ts';
import type { RealtimeServerEvent, RealtimeSession } from '../api/realtime.ts';
import { errorInEvent } from '../api/realtime-events.ts';
import { Failure } from '../errors.ts';
import type { AnswerSink } from '../output/answer-sink.ts';
import type { Outcome } from './conversation.ts';
import { printEvent, type Showing } from './desk.ts';
import { userItem } from './items.ts';
import { PIECE_BYTES } from './pcm-pieces.ts';
import { sendSound, whileSending } from './sending.ts';
import type { TurnDetection } from './session-fields.ts';
import type { Prepared } from './setup.ts';
import type { SoundSource } from './sound-input.ts';
import { GrowingTurn, turnProblem } from './turn.ts';

/** Sound in which the server finds the turns. */
export interface HeardSound {
  readonly source: SoundSource;
  /** What goes before it. */
  readonly text: string;
  readonly made: Prepared;
  readonly turnDetection: TurnDetection;
}

/**
 * Silence after the last word, by which the server finds the end of a turn, in tenths of a second: semantic detection
 * waits up to 8 s (OpenAPI, `eagerness`).
 */
const LAST_PIECES: Readonly<Record<TurnDetection, number>> = { server_vad: 12, semantic_vad: 85, none: 0 };

/**
 * Has a model listen, which answers each turn when it is over.
 * @returns what came of the last turn
 */
export async function hearTurns(
  heard: HeardSound,
  api: Api,
  showing: Showing,
  onSound?: (pcm: Uint8Array) => Promise<void> | undefined,
): Promise<Outcome> {
  const { source, text, made, turnDetection } = heard;
  const listening = new Listening(showing, onSound);
  try {
    const session = await api.call(async (_, { signal }) => {
      const opened = await made.link.open(api, signal);
      if (text !== '') await opened.send({ type: 'conversation.item.create', item: userItem(text) });
      return opened;
    });
    const goOn = source.isLive ? api.pause() : () => {};
    await whileSending(
      api.signal,
      (signal) => sendAll(source, LAST_PIECES[turnDetection], session, listening, signal),
      (signal) => listening.run(session, signal),
    ).finally(goOn);
    const problem = listening.problem ?? nothingHeard(listening, source);
    return { text: listening.text, calls: [], failure: problem && api.failure(problem) };
  } catch (error) {
    return { text: listening.text, calls: [], failure: api.failure(error) };
  } finally {
    await listening.end();
  }
}

function nothingHeard({ turns }: Listening, { name }: SoundSource): Failure | undefined {
  return turns > 0 ? undefined : new Failure('incomplete', `no speech was heard in ${name}`);
}

async function sendAll(
  source: SoundSource,
  lastPieces: number,
  session: RealtimeSession,
  listening: Listening,
  signal: AbortSignal,
): Promise<void> {
  for await (const piece of source.open()) {
    signal.throwIfAborted();
    await sendSound(session, piece);
  }
  const silence = Buffer.alloc(PIECE_BYTES);
  for (let piece = 0; piece < lastPieces; piece += 1) await sendSound(session, silence);
  listening.isAllSent = true;
  // Its answer comes when all of the sound has been heard.
  await session.send({ type: 'session.update', session: { type: 'realtime' } });
}

/** The turns of a session in which the server finds them. */
class Listening {
  isAllSent = false;
  /** Turns that were answered. */
  turns = 0;
  problem: Error | undefined;
  text = '';
  readonly #showing: Showing;
  readonly #onSound: ((pcm: Uint8Array) => Promise<void> | undefined) | undefined;
  #turn: GrowingTurn | undefined;
  #out: AnswerSink | undefined;
  /** Turns that were begun, and those of them that wait for their answer. */
  #started = 0;
  #unanswered = 0;
  #updates = 0;

  constructor(showing: Showing, onSound: ((pcm: Uint8Array) => Promise<void> | undefined) | undefined) {
    this.#showing = showing;
    this.#onSound = onSound;
  }

  async run(session: RealtimeSession, signal: AbortSignal): Promise<void> {
    const mayBeSilent = () => !this.isAllSent && this.#turn === undefined && this.#unanswered === 0;
    while (!this.#isOver) await this.#take(await session.next({ signal, mayBeSilent }));
  }

  /** The line of what is said ends. */
  async end(): Promise<void> {
    const out = this.#out;
    this.#out = undefined;
    await out?.end();
  }

  /** All was heard: that which is behind the sound was answered. */
  get #isOver(): boolean {
    return this.#updates > 1 && this.#started === 0 && this.#unanswered === 0 && this.#turn === undefined;
  }

  async #take(event: RealtimeServerEvent): Promise<void> {
    const { isJson, hidesSound, context } = this.#showing;
    if (isJson) await printEvent(event, hidesSound, context);
    if (event.type === 'session.updated') this.#updates += 1;
    else if (event.type === 'input_audio_buffer.speech_started') this.#started += 1;
    else if (event.type === 'input_audio_buffer.speech_stopped') {
      this.#started -= 1;
      this.#unanswered += 1;
    } else if (event.type === 'response.created') this.#begin();
    else if (event.type === 'error' && this.#turn === undefined) throw errorInEvent(event.error);
    await this.#turn?.take(event);
    if (this.#turn?.isOver === true) await this.#finish(this.#turn);
  }

  #begin(): void {
    this.#unanswered = Math.max(0, this.#unanswered - 1);
    const { isJson, sink } = this.#showing;
    this.#out = isJson ? undefined : sink();
    this.#turn = new GrowingTurn({
      onText: (piece) => this.#out?.write(piece),
      onSound: (pcm) => this.#onSound?.(pcm),
    });
  }

  async #finish(turn: GrowingTurn): Promise<void> {
    this.#turn = undefined;
    this.turns += 1;
    this.text += turn.text;
    this.problem ??= turn.isInterrupted ? undefined : turnProblem(turn, false);
    await this.end();
  }
}
