import type { Context } from '../context.ts';
import { type MemoryFlags, namesConversation } from '../flags/memory.ts';
import { variable } from '../settings/paths.ts';

/** Whether an exchange is to be kept, and whether somebody asked for that: then to fail at it is worth a word. */
export type Wanted = 'asked' | 'by default' | 'no';

/**
 * Flags decide, then `OAI_HISTORY`, then the config. Where none of them says so, what a person does at a terminal is
 * kept: any of the three streams is one, and it is not that of a CI job.
 * @param setting of the environment or the config
 */
export function historyWanted(flags: MemoryFlags, setting: boolean | undefined, context: Context): Wanted {
  if (flags.history === false) return 'no';
  if (isTyped(flags)) return 'asked';
  if (setting !== undefined) return setting ? 'asked' : 'no';
  const { stdin, stdout, stderr } = context;
  const isAtTerminal = stdin.kind === 'terminal' || stdout.isTTY || stderr.isTTY;
  return isAtTerminal && !isCI(context) ? 'by default' : 'no';
}

/** A flag of this run asks for it. */
export function isTyped(flags: MemoryFlags): boolean {
  return flags.history === true || namesConversation(flags);
}

/** The services set `CI`; some people set it to `false`. */
function isCI(context: Context): boolean {
  return !['false', '0'].includes(variable(context, 'CI')?.toLowerCase() ?? 'false');
}
