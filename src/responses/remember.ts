import type { ChatMessage } from '../api/completions.ts';
import type { Context } from '../context.ts';
import { type MemoryFlags, namesConversation } from '../flags/memory.ts';
import type { Memory } from '../history/memory.ts';
import { historyWanted } from '../history/wanted.ts';
import type { Settings } from '../settings/settings.ts';
import type { Chain } from './route.ts';

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

/** What the API knows of a conversation that is kept. @param said all that is sent of it */
export function chainOf(
  memory: Memory | undefined,
  said: readonly ChatMessage[],
  settings: Settings,
): Chain | undefined {
  const id = memory?.lastResponse(settings);
  if (id === undefined) return undefined;
  const messages = said.filter(({ role }) => role !== 'system' && role !== 'developer');
  return { id, messages, hasAnswered: false, isGiven: false };
}
