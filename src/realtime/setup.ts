import type { Api } from '../api/client.ts';
import { REALTIME_MODEL } from '../api/models.ts';
import { noteRetirement } from '../api/notices.ts';
import { chatTools } from '../chat/chat-tools.ts';
import type { Context } from '../context.ts';
import { namesConversation } from '../flags/memory.ts';
import { hasTools } from '../flags/tools.ts';
import { Memory } from '../history/memory.ts';
import { historyWanted } from '../history/wanted.ts';
import { readParams } from '../input/params.ts';
import { textValue } from '../input/text.ts';
import { RealtimeConversation } from './conversation.ts';
import { instructionsIn, itemsOf } from './items.ts';
import { RealtimeLink } from './link.ts';
import type { RealtimeOptions } from './options.ts';
import { type SessionFields, type TurnDetection, talkFields } from './session-fields.ts';

/** A conversation that is ready, and what it is kept in. */
export interface Prepared {
  readonly model: string;
  readonly conversation: RealtimeConversation;
  readonly link: RealtimeLink;
  readonly keeps: boolean;
  close(): void;
}

/** What of a conversation is not said by flags. */
interface Wish {
  readonly isSpoken: boolean;
  readonly turnDetection: TurnDetection | undefined;
  /** A person reads what could not be kept, at once. */
  readonly isSession: boolean;
}

/** The model that talks. */
export function realtimeModel(options: RealtimeOptions, api: Api, context: Context): string {
  const chosen = api.settings.model('realtime', options.model);
  if (chosen !== undefined) noteRetirement(chosen, api, context);
  return chosen ?? REALTIME_MODEL;
}

/** What the model is to be: `@path` is read. */
export async function instructionsOf(
  { instructions }: RealtimeOptions,
  context: Context,
): Promise<string | undefined> {
  return instructions === undefined ? undefined : textValue(instructions, '--instructions', context);
}

/**
 * Makes a conversation ready: what goes before it, its tools, its settings. Nothing is sent.
 * @throws Failure (usage)
 */
export async function prepareConversation(
  options: RealtimeOptions,
  wish: Wish,
  api: Api,
  context: Context,
): Promise<Prepared> {
  const model = realtimeModel(options, api, context);
  const memory = await openMemory(options, api, context);
  try {
    memory?.checkTarget(api.settings);
    const said = memory?.said ?? [];
    const told = instructionsIn(said);
    const instructions = (await instructionsOf(options, context)) ?? (told === '' ? undefined : told);
    const tools = hasTools(options) ? await chatTools(options, api, context) : undefined;
    const fields: SessionFields = talkFields({
      modality: wish.isSpoken ? 'audio' : 'text',
      instructions,
      voice: options.voice,
      maxTokens: options.maxTokens,
      turnDetection: wish.turnDetection,
      tools,
      params: readParams(options.param ?? []),
    });
    memory?.announce();
    const keeper = memory?.keeper(api.settings, { isSession: wish.isSession });
    const link = new RealtimeLink(model, fields, itemsOf(said), context);
    const conversation = new RealtimeConversation({
      link,
      context,
      model,
      toolbox: tools?.toolbox,
      keeper,
      isLimited: options.maxTokens !== undefined,
      begins: instructions === told ? undefined : instructions,
    });
    return { model, conversation, link, keeps: keeper !== undefined, close: () => memory?.close() };
  } catch (error) {
    memory?.close();
    throw error;
  }
}

async function openMemory(options: RealtimeOptions, api: Api, context: Context): Promise<Memory | undefined> {
  const isKept = historyWanted(options, api.settings.history, context) !== 'no';
  return isKept || namesConversation(options) ? Memory.open(options, context) : undefined;
}
