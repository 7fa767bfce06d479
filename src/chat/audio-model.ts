import type { Api } from '../api/client.ts';
import type { ChatMessage } from '../api/completions.ts';
import { AUDIO_CHAT_MODEL, defaultModels, hasEnded, isAudioModel, lifecycleOf } from '../api/models.ts';
import type { Context } from '../context.ts';
import { Failure, usageError } from '../errors.ts';
import { warn } from '../output/messages.ts';

/** What a question asks of a model beside text. */
export interface Senses {
  /** There is sound in it. */
  readonly hears: boolean;
  /** There are images or files in it. */
  readonly sees: boolean;
  /** The answer is to be said. */
  readonly speaks: boolean;
}

/** Who decided on a model. */
export interface ModelWish {
  /** By a flag. */
  readonly typed: string | undefined;
  /** A conversation was held with it. */
  readonly remembered: string | undefined;
}

/** The model of a question. Where neither is there, the settings decide, and after them this program. */
export interface ModelChoice {
  readonly model?: string;
  /** This program's own choice. */
  readonly defaultModel?: string;
}

/**
 * Finds the model of a question: sound needs another one than the usual (design, section 3 g), which is said, once.
 * @throws Failure (usage) where no model does all of it
 */
export function modelFor(
  senses: Senses,
  { typed, remembered }: ModelWish,
  api: Api,
  context: Context,
): ModelChoice {
  const { hears, sees, speaks } = senses;
  if (typed !== undefined) return { model: typed };
  const { settings } = api;
  const usual = remembered === undefined ? {} : { model: remembered };
  if (!settings.isOpenAI || settings.model('chat', undefined) !== undefined) return usual;
  const isAudio = isAudioModel(remembered ?? '');
  // A model that hears and speaks takes no question without sound.
  if (!hears && !speaks) return isAudio ? {} : usual;
  if (isAudio) return usual;
  const wish = hears ? 'hears sound' : 'speaks';
  if (hasEnded(AUDIO_CHAT_MODEL, context.clock.now())) {
    const { shutdown = 'its day' } = lifecycleOf(AUDIO_CHAT_MODEL) ?? {};
    throw usageError(
      `no model of chat ${wish} any more: ${AUDIO_CHAT_MODEL} ended on ${shutdown}`,
      wayOut(hears),
    );
  }
  if (sees) {
    throw usageError(
      `${AUDIO_CHAT_MODEL}, which ${wish}, sees no images and no files`,
      hears ? 'oai transcribe writes sound down, for any model' : 'oai speak says the answer of any model',
    );
  }
  warn(context, `asking ${AUDIO_CHAT_MODEL}: ${remembered ?? defaultModels.chat} neither hears nor speaks`);
  return { defaultModel: AUDIO_CHAT_MODEL };
}

/** Whether there is sound among messages. */
export function haveSound(messages: readonly ChatMessage[]): boolean {
  return messages.some(
    ({ content }) => Array.isArray(content) && content.some(({ type }) => type === 'input_audio'),
  );
}

/** Whether there are images or files among messages. */
export function haveSights(messages: readonly ChatMessage[]): boolean {
  return messages.some(
    ({ content }) =>
      Array.isArray(content) && content.some(({ type }) => type === 'image_url' || type === 'file'),
  );
}

/**
 * Sound does not go with an answer of a given form (the models' pages at OpenAI: what hears knows no schema).
 * @param chosen the model that the user chose, who may know better
 * @throws Failure (usage)
 */
export function refuseSound(chosen: string | undefined, { settings }: Api): void {
  if (chosen !== undefined || !settings.isOpenAI) return;
  throw usageError(
    'no model hears sound and answers in a given form',
    'write it down first: oai transcribe talk.mp3 | oai structured …',
  );
}

function wayOut(hears: boolean): string {
  return hears
    ? 'oai transcribe writes sound down, for any model; oai realtime converses'
    : 'oai speak says any text; oai realtime converses';
}

/** The error of a request with sound, with a way out where the model is gone, or never heard. */
export function explainAudio(error: unknown, { hears, speaks }: Senses, model: string): unknown {
  if (!(error instanceof Failure) || (!hears && !speaks)) return error;
  const isGone = error.code === 'model_not_found' || error.status === 410;
  const isStreamOnly = error.kind === 'refused' && /requires stream/.test(error.message);
  const isDeaf =
    error.kind === 'refused' && /either text or image_url|'(?:modalities|audio)'/.test(error.message);
  if (!isDeaf && !isStreamOnly && !(isGone && model === AUDIO_CHAT_MODEL)) return error;
  const hint = isGone ? wayOut(hears) : `-m ${AUDIO_CHAT_MODEL} ${hears ? 'hears' : 'speaks'}`;
  return new Failure(error.kind, error.message, {
    // Some servers (OpenRouter) give sound in pieces alone.
    hint: isStreamOnly ? '--audio-format pcm16 is streamed' : hint,
    code: error.code,
    status: error.status,
    requestId: error.requestId,
    cause: error,
  });
}
