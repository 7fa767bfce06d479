import type { Clock } from '../context.ts';
import { ApiError, modelNotFound } from './error-answer.ts';

/** What a model is asked for. `audio chat` hears and speaks in a chat. */
export type ModelKind =
  | 'chat'
  | 'audio chat'
  | 'image'
  | 'speech'
  | 'transcription'
  | 'embedding'
  | 'moderation'
  | 'realtime'
  | 'completion';

interface ModelEntry {
  readonly id: string;
  readonly kind: ModelKind;
  /** The day of the shutdown, `YYYY-MM-DD`, where the table that the sandbox is given has none. */
  readonly ends: string | undefined;
}

/** The announced end of a model, or undefined where none is known. */
export type LifecycleOf = (model: string) => { readonly shutdown: string } | undefined;

/** A model as `/models` tells it. */
export interface Model {
  readonly id: string;
  readonly object: 'model';
  readonly created: number;
  readonly owned_by: string;
  readonly shutdown_date: string | null;
}

/** The sandbox never says when a thing was made: answers are the same on every day. 2026-01-01T00:00:00Z, in seconds. */
export const CREATED = 1_767_225_600;

/**
 * Names: the types of the SDK (`ChatModel` and its kin). Dates, of what the table of lifecycles lacks: the same types,
 * and OpenAI's deprecations page for images and for moderation.
 */
const TABLE: readonly (readonly [kind: ModelKind, ends: string | undefined, ids: string])[] = [
  [
    'chat',
    undefined,
    'gpt-6-luna gpt-6-sol gpt-6-astra gpt-6.1-sol gpt-6.1-terra gpt-5.6-sol gpt-5.6-terra gpt-5.6-luna gpt-5.5 gpt-5.5-2026-04-23 gpt-5.4 gpt-5.4-mini gpt-5.4-mini-2026-03-17 gpt-5.2 gpt-5.2-2025-12-11 gpt-5.2-pro gpt-5.2-pro-2025-12-11 gpt-5.4-nano gpt-5.4-nano-2026-03-17 gpt-5.1 gpt-5.1-2025-11-13 gpt-4.1 gpt-4.1-mini gpt-4.1-2025-04-14 gpt-4.1-mini-2025-04-14 gpt-4o gpt-4o-2024-11-20 gpt-4o-2024-08-06 gpt-4o-mini gpt-4o-mini-2024-07-18 gpt-5 gpt-5-mini gpt-5-nano gpt-5-2025-08-07 gpt-5-mini-2025-08-07 gpt-5-nano-2025-08-07 o3 o3-2025-04-16 gpt-4.1-nano gpt-4.1-nano-2025-04-14 o4-mini o4-mini-2025-04-16 o3-mini o3-mini-2025-01-31 o1 o1-2024-12-17 gpt-4o-2024-05-13 gpt-4-turbo gpt-4-turbo-2024-04-09 gpt-4-1106-preview gpt-4 gpt-4-0613 gpt-3.5-turbo gpt-3.5-turbo-0125',
  ],
  ['audio chat', '2027-01-20', 'gpt-audio-mini gpt-audio-mini-2025-12-15'],
  [
    'image',
    undefined,
    'gpt-image-2 gpt-image-2-2026-04-21 gpt-image-2.5-sunburst gpt-image-2.5-sunburst-2026-09-08 gpt-image-2.5-flare gpt-image-2.5-flare-2026-09-08 gpt-image-2.6-sunburst gpt-image-2.6-flare',
  ],
  ['image', '2026-12-01', 'gpt-image-1.5 gpt-image-1-mini chatgpt-image-latest'],
  ['image', '2026-10-23', 'gpt-image-1'],
  ['image', '2026-05-12', 'dall-e-2 dall-e-3'],
  [
    'speech',
    '2027-01-06',
    'tts-1 tts-1-hd gpt-4o-mini-tts gpt-4o-mini-tts-2025-03-20 gpt-4o-mini-tts-2025-12-15',
  ],
  ['transcription', undefined, 'gpt-transcribe gpt-live-transcribe'],
  [
    'transcription',
    '2027-02-26',
    'whisper-1 gpt-4o-transcribe gpt-4o-mini-transcribe gpt-4o-mini-transcribe-2025-12-15 gpt-4o-transcribe-diarize',
  ],
  // OpenAI's own base models have ended; a server with one is what `/completions` is still there for.
  ['completion', undefined, 'sandbox-base'],
  ['completion', '2026-09-28', 'gpt-3.5-turbo-instruct davinci-002 babbage-002'],
  ['embedding', undefined, 'text-embedding-3-small text-embedding-3-large text-embedding-ada-002'],
  ['moderation', undefined, 'omni-moderation-latest omni-moderation-2024-09-26'],
  ['moderation', '2025-10-27', 'text-moderation-latest text-moderation-stable text-moderation-007'],
  ['realtime', undefined, 'gpt-realtime-2.1 gpt-realtime-2.1-mini gpt-realtime-2 gpt-realtime-1.5'],
  [
    'realtime',
    '2027-01-20',
    'gpt-realtime gpt-realtime-2025-08-28 gpt-realtime-mini gpt-realtime-mini-2025-12-15',
  ],
];

const MODELS: readonly ModelEntry[] = TABLE.flatMap(([kind, ends, ids]) =>
  ids.split(' ').map((id) => ({ id, kind, ends })),
);

/** The models that can be asked on the clock's day, but for those that a fault took away. */
export class ModelCatalogue {
  readonly #clock: Clock;
  readonly #lifecycleOf: LifecycleOf;
  readonly #gone: ReadonlySet<string>;
  /** Models that jobs of this sandbox have made. They live as long as it does, whatever they were made of. */
  readonly #tuned = new Map<string, Model>();

  constructor(clock: Clock, lifecycleOf: LifecycleOf, gone: ReadonlySet<string>) {
    this.#clock = clock;
    this.#lifecycleOf = lifecycleOf;
    this.#gone = gone;
  }

  list(): Model[] {
    const own = MODELS.filter((model) => this.#isAlive(model)).map((model) => this.#told(model));
    return [...own, ...this.#tuned.values()];
  }

  /** @throws ApiError 404 when there is no such model, or none any more */
  get(id: string): Model {
    return this.#tuned.get(id) ?? this.#told(this.#find(id));
  }

  /** @param base what it was made of @param created seconds since 1970 */
  addTuned(id: string, base: string, created: number): void {
    const ends = this.#endOf({ id: this.baseOf(base), ends: undefined });
    this.#tuned.set(id, {
      id,
      object: 'model',
      created,
      owned_by: 'org-sandbox',
      shutdown_date: ends ?? null,
    });
  }

  /** @throws ApiError 404 where there is no such model; 403 where it is none that a job has made */
  removeTuned(id: string): void {
    if (this.#tuned.delete(id)) return;
    this.get(id);
    throw new ApiError(403, {
      message: 'You have insufficient permissions for this operation.',
      type: 'invalid_request_error',
      param: null,
      code: null,
    });
  }

  /** What a fine-tuned model was made of; any other is its own. */
  baseOf(id: string): string {
    return this.#tuned.has(id) ? (id.split(':')[1] ?? id) : id;
  }

  /** A fault took it away. */
  isGone(id: string): boolean {
    return this.#gone.has(id);
  }

  /**
   * @param evenEnded a model whose day has passed answers as well: other servers may still have it
   * @throws ApiError as `get` does
   */
  kindOf(id: string, { evenEnded = false } = {}): ModelKind {
    const base = this.baseOf(id);
    return this.#find(base, evenEnded || base !== id).kind;
  }

  /** The models of one kind that can be asked. */
  idsOf(kind: ModelKind): string[] {
    return MODELS.filter((model) => model.kind === kind && this.#isAlive(model)).map(({ id }) => id);
  }

  #find(id: string, evenEnded = false): ModelEntry {
    const model = MODELS.find((entry) => entry.id === id);
    if (this.#gone.has(id) || (model !== undefined && !evenEnded && !this.#isAlive(model))) {
      throw modelNotFound(
        `The model \`${id}\` has been deprecated, learn more here: https://platform.openai.com/docs/deprecations`,
      );
    }
    if (model === undefined) {
      throw modelNotFound(`The model \`${id}\` does not exist or you do not have access to it.`);
    }
    return model;
  }

  #told(model: ModelEntry): Model {
    return {
      id: model.id,
      object: 'model',
      created: CREATED,
      owned_by: 'system',
      shutdown_date: this.#endOf(model) ?? null,
    };
  }

  #endOf({ id, ends }: Pick<ModelEntry, 'id' | 'ends'>): string | undefined {
    return this.#lifecycleOf(id)?.shutdown ?? ends;
  }

  #isAlive(model: ModelEntry): boolean {
    const { id } = model;
    const ends = this.#endOf(model);
    return !this.#gone.has(id) && (ends === undefined || this.#clock.now() < Date.parse(ends));
  }
}
