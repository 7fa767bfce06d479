import type { Api } from '../api/client.ts';
import { openRealtime, type RealtimeServerEvent, type RealtimeSession } from '../api/realtime.ts';
import { errorInEvent, throwIfError } from '../api/realtime-events.ts';
import type { Context } from '../context.ts';
import { Failure } from '../errors.ts';
import { warn } from '../output/messages.ts';
import { printEvent } from './desk.ts';
import { Pauses } from './pauses.ts';
import { PIECE_BYTES } from './pcm-pieces.ts';
import { sendSound, whileSending } from './sending.ts';
import type { SessionFields } from './session-fields.ts';
import type { SoundSource } from './sound-input.ts';
import { TranscriptLines } from './transcript-lines.ts';

/** What is to be written down, and how. */
export interface TranscriptionSetup {
  readonly source: SoundSource;
  readonly fields: SessionFields;
  /** The server finds the turns. */
  readonly findsTurns: boolean;
  /** Events are printed, in place of the words. */
  readonly isJson: boolean;
  /** The user limited the time of the whole. */
  readonly isTimed: boolean;
}

/** Silence behind the last word, by which a server finds the end of a turn, in pieces: more than a second. */
const LAST_PIECES = 12;

/**
 * Writes down what is said while it is said: a line for each turn.
 * @throws Failure: what came by then is printed
 */
export async function transcribeLive(setup: TranscriptionSetup, api: Api, context: Context): Promise<void> {
  const lines = setup.isJson ? undefined : new TranscriptLines(context.stdout);
  const live = new LiveTranscription(setup, lines, context);
  try {
    await live.run(api);
  } catch (error) {
    throw api.failure(error);
  } finally {
    await lines?.end();
  }
  if (lines?.hasText === false) {
    throw new Failure('incomplete', `nothing was recognised in ${setup.source.name}`);
  }
}

class LiveTranscription {
  readonly #setup: TranscriptionSetup;
  /** Undefined where events are printed. */
  readonly #lines: TranscriptLines | undefined;
  readonly #context: Context;
  /** Turns that this program ended, and of them those that the server knows of. */
  #commits = 0;
  #committed = 0;
  /** Turns that the server ended. */
  readonly #stopped = new Set<string>();
  /** Turns whose words are to come. */
  readonly #open = new Set<string>();
  #isAllSent = false;

  constructor(setup: TranscriptionSetup, lines: TranscriptLines | undefined, context: Context) {
    this.#setup = setup;
    this.#lines = lines;
    this.#context = context;
  }

  async run(api: Api): Promise<void> {
    const session = await api.call(async (_, { signal }) => this.#opened(api, signal));
    // Somebody speaks as long as it takes: that is not the API's time.
    const goOn = this.#setup.isTimed ? () => {} : api.pause();
    try {
      await whileSending(
        api.signal,
        (signal) => this.#send(session, signal),
        (signal) => this.#listen(session, signal),
      );
    } finally {
      goOn();
      this.#setup.source.stop();
      session.close();
    }
  }

  /** A session that is as it is to be. */
  async #opened(api: Api, signal: AbortSignal): Promise<RealtimeSession> {
    const session = await openRealtime(api, { intent: 'transcription' }, this.#context, signal);
    try {
      await session.send({ type: 'session.update', session: this.#setup.fields });
      for (;;) {
        const event = await session.next();
        await this.#show(event);
        throwIfError(event);
        if (event.type === 'session.updated') return session;
      }
    } catch (error) {
      session.close();
      throw error;
    }
  }

  async #show(event: RealtimeServerEvent): Promise<void> {
    if (this.#setup.isJson) await printEvent(event, false, this.#context);
  }

  async #send(session: RealtimeSession, signal: AbortSignal): Promise<void> {
    const { source, findsTurns } = this.#setup;
    const pauses = new Pauses();
    let uncommitted = 0;
    for await (const piece of source.open()) {
      signal.throwIfAborted();
      await sendSound(session, piece);
      uncommitted += piece.length;
      if (findsTurns || !pauses.endsWith(piece)) continue;
      await this.#commit(session);
      uncommitted = 0;
    }
    const silence = Buffer.alloc(PIECE_BYTES);
    const pieces = findsTurns ? LAST_PIECES : uncommitted < PIECE_BYTES ? 1 : 0;
    for (let piece = 0; piece < pieces; piece += 1) await sendSound(session, silence);
    await this.#commit(session, true);
  }

  /** @param isLast nothing more is said after it */
  async #commit(session: RealtimeSession, isLast = false): Promise<void> {
    this.#commits += 1;
    this.#isAllSent = isLast;
    await session.send({ type: 'input_audio_buffer.commit' });
  }

  async #listen(session: RealtimeSession, signal: AbortSignal): Promise<void> {
    const mayBeSilent = () => !this.#isAllSent && this.#open.size === 0 && this.#committed === this.#commits;
    while (!this.#isOver) {
      const event = await session.next({ signal, mayBeSilent });
      await this.#show(event);
      await this.#take(event);
    }
  }

  get #isOver(): boolean {
    return this.#isAllSent && this.#committed >= this.#commits && this.#open.size === 0;
  }

  async #take(event: RealtimeServerEvent): Promise<void> {
    if (event.type === 'error') {
      // There was nothing in it: the server had found the end of the turn by itself.
      if (event.error.code !== 'input_audio_buffer_commit_empty') throw errorInEvent(event.error);
      this.#committed += 1;
    } else if (event.type === 'input_audio_buffer.speech_stopped') this.#stopped.add(event.item_id);
    else if (event.type === 'input_audio_buffer.committed') {
      if (!this.#stopped.delete(event.item_id)) this.#committed += 1;
      this.#open.add(event.item_id);
      this.#lines?.begin(event.item_id);
    } else if (event.type === 'conversation.item.input_audio_transcription.delta') {
      await this.#lines?.add(event.item_id, event.delta ?? '');
    } else if (event.type === 'conversation.item.input_audio_transcription.completed') {
      this.#open.delete(event.item_id);
      await this.#lines?.finish(event.item_id, event.transcript);
    } else if (event.type === 'conversation.item.input_audio_transcription.failed') {
      this.#open.delete(event.item_id);
      await this.#lines?.finish(event.item_id, undefined);
      this.#tellFailed(event.error.message ?? 'no reason given');
    }
  }

  /** The others are written down all the same. */
  #tellFailed(reason: string): void {
    const message = `a part could not be written down: ${reason}`;
    warn(this.#context, message);
    this.#context.lateFailure ??= new Failure('partial', 'a part of what was said could not be written down');
  }
}
