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
  /** The model that writes speech down, as the user chose it. */
  readonly transcribeModel: string | undefined;
  readonly prompt: string | undefined;
  readonly temperature: number | undefined;
  /** Codes of what is spoken. */
  readonly languages: readonly string[];
  readonly params: JsonObject;
}

/** Which way speech goes, and by which models. */
export interface TranslationPlan {
  readonly route: Route;
  /** The model of the endpoint. */
  readonly hears: string;
  /** The model that translates texts. */
  readonly chats: string;
}

/** The way that all speech of a run goes; it may turn out to be closed. */
export class Route {
  #via: Via;
  readonly #mayGiveWay: boolean;

  /** @param mayGiveWay the other way may be taken where this one is closed */
  constructor(via: Via, mayGiveWay: boolean) {
    this.#via = via;
    this.#mayGiveWay = mayGiveWay;
  }

  get via(): Via {
    return this.#via;
  }

  /** The endpoint is gone. Says so once. @returns whether there is another way */
  giveWay(context: Context): boolean {
    if (!this.#mayGiveWay) return false;
    if (this.#via === 'translations') noteSuccession(context);
    this.#via = 'chat';
    return true;
  }
}

/** The model of `-m`, or of the settings, and whether it is one that the endpoint knows. */
interface Chosen {
  readonly model: string | undefined;
  readonly isWhisper: boolean;
}

/**
 * Finds the way for speech. Texts always go by chat.
 * @throws Failure (usage) where what was chosen does not lead there
 */
export function planTranslation(wish: TranslationWish, api: Api, context: Context): TranslationPlan {
  const { settings } = api;
  const model = settings.model('translate', wish.model);
  const chosen: Chosen = { model, isWhisper: model !== undefined && /whisper/i.test(model) };
  if (model !== undefined) noteRetirement(model, api, context);
  const via = wish.via ?? wayFor(wish, chosen, api, context);
  if (via === 'translations') checkEndpoint(wish, chosen);
  else checkChat(wish, chosen);
  trace(
    context,
    via === 'chat'
      ? 'speech is written down, then translated by chat'
      : 'speech is translated by /audio/translations',
  );
  return {
    route: new Route(via, wish.via === undefined && model === undefined && settings.isOpenAI),
    hears: chosen.isWhisper && model !== undefined ? model : WHISPER,
    chats: (chosen.isWhisper ? undefined : model) ?? settings.model('chat', undefined) ?? defaultModels.chat,
  };
}

function wayFor(wish: TranslationWish, chosen: Chosen, { settings }: Api, context: Context): Via {
  if (!wish.to.isEnglish) return 'chat';
  if (chosen.model !== undefined && (!chosen.isWhisper || wish.model !== undefined)) {
    return chosen.isWhisper ? 'translations' : 'chat';
  }
  // The endpoint is not told what is spoken, and writes nothing down first.
  if (wish.languages.length > 0 || wish.transcribeModel !== undefined) return 'chat';
  if (!settings.isOpenAI || !hasEnded(WHISPER, context.clock.now())) return 'translations';
  noteSuccession(context);
  return 'chat';
}

/** Says that the endpoint is no more (design, section 3 a). */
function noteSuccession(context: Context): void {
  warn(
    context,
    `${WHISPER} and /audio/translations have ended; ${defaultModels.transcribe} and chat take their place`,
  );
}

function checkEndpoint(
  { to, via, languages, transcribeModel, model }: TranslationWish,
  chosen: Chosen,
): void {
  if (!to.isEnglish) {
    throw usageError(`--via translations gives English, not ${to.name}`, '--via chat gives any language');
  }
  const [way, other] =
    via === undefined ? [`-m ${model}`, 'leave -m out'] : ['--via translations', '--via chat does'];
  if (languages.length > 0) throw usageError(`${way} takes no --language`, other);
  if (transcribeModel !== undefined) throw usageError(`${way} takes no --transcribe-model`, other);
  if (chosen.model !== undefined && !chosen.isWhisper) {
    throw usageError(`--via translations has no model ${chosen.model}`, `leave -m out, or -m ${WHISPER}`);
  }
}

/** A model of the settings counts where it can do what is asked; one that was named for this run is not passed over. */
function checkChat({ model, to }: TranslationWish, { isWhisper }: Chosen): void {
  if (model === undefined || !isWhisper) return;
  const why = to.isEnglish ? 'does not chat' : `translates into English, not into ${to.name}`;
  throw usageError(`${model} ${why}`, `to have it write down what is said: --transcribe-model ${model}`);
}
