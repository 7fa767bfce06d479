import type { ChatMessage } from '../api/completions.ts';
import type { Toolbox } from '../chat/conversation.ts';
import type { Context } from '../context.ts';
import { DEFAULT_MAX_TURNS } from '../flags/tools.ts';
import { type Ask, askOnTerminal, canAsk } from '../input/ask.ts';
import { inertText } from '../output/terminal.ts';
import type { ApprovalAsked, ToolCall } from '../tools/tool.ts';

/** Who allows what. */
export interface Allowing {
  /** `--yes`: all may be run. */
  readonly yes: boolean;
  readonly maxTurns: number | undefined;
}

/**
 * The tools of the user, and with them consent to those of MCP servers, which the API runs by itself: they are allowed
 * by `--yes`, or by a person at the terminal.
 */
export function withApprovals(
  toolbox: Toolbox | undefined,
  { yes, maxTurns }: Allowing,
  context: Context,
): Toolbox {
  const ask = canAsk(context) ? askOnTerminal(context) : undefined;
  const mayAnswer = yes || ask !== undefined;
  return {
    definitions: toolbox?.definitions ?? [],
    maxTurns: toolbox?.maxTurns ?? maxTurns ?? DEFAULT_MAX_TURNS,
    async run(calls, signal) {
      const asked = calls.filter(({ approval }) => approval !== undefined);
      const others = calls.filter(({ approval }) => approval === undefined);
      if ((asked.length > 0 && !mayAnswer) || (others.length > 0 && toolbox === undefined)) return undefined;
      const said = new Map<ToolCall, ChatMessage>();
      for (const call of asked) said.set(call, answer(call, yes || (await isAllowed(call.approval, ask))));
      const results = others.length === 0 ? [] : await toolbox?.run(others, signal);
      if (results === undefined) return undefined;
      for (const [index, call] of others.entries()) {
        const result = results[index];
        if (result !== undefined) said.set(call, result);
      }
      return calls.flatMap((call) => said.get(call) ?? []);
    },
  };
}

function answer({ id }: ToolCall, isGiven: boolean): ChatMessage {
  return { role: 'tool', tool_call_id: id, content: isGiven ? 'yes' : 'no' };
}

/** An Enter that slipped in is no consent. */
async function isAllowed(approval: ApprovalAsked | undefined, ask: Ask | undefined): Promise<boolean> {
  if (approval === undefined) return false;
  const { server, name, arguments: given } = approval;
  const question = inertText(`Let ${server} run ${name} ${given}?`).replace(/\s+/g, ' ');
  return (await ask?.pick(question, { y: 'yes', n: 'no' })) === 'y';
}
