import type { Api } from '../api/client.ts';
import { defaultModels, hasEnded } from '../api/models.ts';
import { noteRetirement } from '../api/notices.ts';
import { WHISPER } from '../api/transcription-models.ts';
import type { Context } from '../context.ts';
import { usageError } from '../errors.ts';
import type { JsonObject } from '../json.ts';
import { trace, warn } from '../output/messages.ts';
import type { Language } from '../transcripts/language.ts';

/** The ways to have speech translated: into English by `/audio/translations`, or written down and then by chat. */
export type Via = 'translations' | 'chat';

export interface TranslationWish {
  readonly to: Language;
  readonly via: Via | undefined;
  /** The model that translates, as the user chose it. */
  readonly model: string | undefined;
  readonly prompt: string | undefined;
  readonly temperature: number | undefined;
  /** Codes of what is spoken. */
  readonly languages: readonly string[];
  readonly params: JsonObject;
}

/** Which way speech goes, and by which models. */
export interface TranslationPlan {
  readonly via: Via;
  /** The model of the endpoint. */
  readonly hears: string;
  /** The model that translates texts. */
  readonly chats: string;
  /** Another way may be taken where this one turns out to be closed. */
  readonly mayGiveWay: boolean;
}

/**
 * Finds the way for speech. Texts always go by chat.
 * @throws Failure (usage) where the chosen way does not lead there
 */
export function planTranslation(wish: TranslationWish, api: Api, context: Context): TranslationPlan {
  const { settings } = api;
  const chosen = settings.model('translate', wish.model);
  if (chosen !== undefined) noteRetirement(chosen, api, context);
  const isWhisper = chosen !== undefined && /whisper/i.test(chosen);
  const via = wish.via ?? wayFor(wish, chosen, isWhisper, api, context);
  if (via === 'translations') checkEndpoint(wish, chosen, isWhisper);
  const chats = isWhisper ? undefined : chosen;
  trace(
    context,
    via === 'chat'
      ? 'speech is written down, then translated by chat'
      : 'speech is translated by /audio/translations',
  );
  return {
    via,
    hears: isWhisper ? chosen : WHISPER,
    chats: chats ?? settings.model('chat', undefined) ?? defaultModels.chat,
    mayGiveWay: wish.via === undefined && chosen === undefined && settings.isOpenAI,
  };
}

function wayFor(
  { to, languages }: TranslationWish,
  chosen: string | undefined,
  isWhisper: boolean,
  { settings }: Api,
  context: Context,
): Via {
  if (!to.isEnglish) return 'chat';
  if (chosen !== undefined) return isWhisper ? 'translations' : 'chat';
  // The endpoint is not told what is spoken.
  if (languages.length > 0) return 'chat';
  if (!settings.isOpenAI || !hasEnded(WHISPER, context.clock.now())) return 'translations';
  noteSuccession(context);
  return 'chat';
}

/** Says that the endpoint is no more (design, section 3 a). */
export function noteSuccession(context: Context): void {
  warn(
    context,
    `${WHISPER} and /audio/translations have ended; ${defaultModels.transcribe} and chat take their place`,
  );
}

function checkEndpoint(
  { to, languages }: TranslationWish,
  chosen: string | undefined,
  isWhisper: boolean,
): void {
  if (!to.isEnglish) {
    throw usageError(`--via translations gives English, not ${to.name}`, '--via chat gives any language');
  }
  if (languages.length > 0) throw usageError('--via translations takes no --language', '--via chat does');
  if (chosen !== undefined && !isWhisper) {
    throw usageError(`--via translations has no model ${chosen}`, `leave -m out, or -m ${WHISPER}`);
  }
}
