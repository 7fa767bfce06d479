import type { ChatMessage } from '../api/completions.ts';
import type { ResponseAnswer, ResponseInputItem } from '../api/responses.ts';
import type { Keeper } from '../chat/conversation.ts';
import type { Context } from '../context.ts';
import { type MemoryFlags, namesConversation } from '../flags/memory.ts';
import type { Memory } from '../history/memory.ts';
import { historyWanted } from '../history/wanted.ts';
import type { Settings } from '../settings/settings.ts';
import { chatInput } from './input.ts';
import { responseText } from './turn.ts';

/** What is asked, in the form in which conversations are kept. */
export interface Asked {
  /** Undefined where none were typed. */
  readonly instructions: string | undefined;
  readonly question: ChatMessage;
}

/** What goes before a question. */
export interface Before {
  /** The response that is gone on with: the API knows what was said up to it. */
  readonly previous: string | undefined;
  /** What was said, for where the API does not know it. */
  readonly items: readonly ResponseInputItem[];
  readonly instructions: string | undefined;
}

/**
 * The memory of a run: a conversation that is gone on with, or one to be kept.
 * @returns undefined where nothing is remembered
 * @throws Failure (usage) where the conversation is not there
 */
export async function openMemory(
  flags: MemoryFlags & Parameters<typeof Memory.open>[0],
  setting: boolean | undefined,
  context: Context,
): Promise<Memory | undefined> {
  if (!namesConversation(flags) && historyWanted(flags, setting, context) === 'no') return undefined;
  const { Memory } = await import('../history/memory.ts');
  return Memory.open(flags, context);
}

/** What goes before a question in a conversation that is kept. */
export function before(memory: Memory | undefined, { instructions, question }: Asked): Before {
  const said = memory?.before([question], false) ?? [];
  const told = said.filter(({ role }) => role === 'system' || role === 'developer');
  const kept = told.map(({ content }) => (typeof content === 'string' ? content : '')).join('\n\n');
  const previous = memory?.lastResponse;
  return {
    previous,
    items: said.filter((message) => !told.includes(message)).flatMap(chatInput),
    instructions: instructions ?? (kept === '' ? undefined : kept),
  };
}

/** Keeps one question and what comes of it. */
export class Remembering {
  readonly #keeper: Keeper | undefined;
  readonly #clock: Context['clock'];
  #start = 0;

  constructor(memory: Memory | undefined, settings: Settings, { clock }: Context) {
    this.#keeper = memory?.keeper({ ...settings });
    this.#clock = clock;
  }

  async asked({ instructions, question }: Asked, model: string): Promise<void> {
    this.#start = this.#clock.now();
    const told: ChatMessage[] =
      instructions === undefined || instructions === '' ? [] : [{ role: 'developer', content: instructions }];
    await this.#keeper?.asked([...told, question], { model, messages: [] });
  }

  /** @param mayGoOn the API keeps it, and nothing in it is open */
  async answered(response: ResponseAnswer, mayGoOn: boolean): Promise<void> {
    const { id, ...facts } = this.#facts(response);
    await this.#keeper?.answered([{ role: 'assistant', content: responseText(response) }], {
      ...facts,
      ...(mayGoOn && id !== undefined && { id }),
    });
  }

  async failed(text: string, response: ResponseAnswer | undefined, error: Error): Promise<void> {
    const partial: ChatMessage | undefined = text === '' ? undefined : { role: 'assistant', content: text };
    await this.#keeper?.failed(partial, this.#facts(response), error);
  }

  #facts(response: ResponseAnswer | undefined) {
    const { id, model, usage } = response ?? {};
    return {
      ...(id !== undefined && { id }),
      ...(model !== undefined && { model: String(model) }),
      ...(usage !== undefined && { usage: chatUsage(usage) }),
      duration: this.#clock.now() - this.#start,
    };
  }
}

/** The counts under the names that chat has for them. */
function chatUsage(usage: NonNullable<ResponseAnswer['usage']>) {
  const { input_tokens: input, output_tokens: output } = usage;
  return {
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: input + output,
    prompt_tokens_details: { cached_tokens: usage.input_tokens_details?.cached_tokens ?? 0 },
    completion_tokens_details: { reasoning_tokens: usage.output_tokens_details?.reasoning_tokens ?? 0 },
  };
}
