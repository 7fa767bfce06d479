import { isRunning } from './background.ts';
import type { Conversation } from './conversations.ts';
import type { Exchange, KeptMessage } from './exchanges.ts';
import { timeText } from './times.ts';

/** A conversation as Markdown: a heading for each who speaks. */
export function transcript(conversation: Conversation, exchanges: readonly Exchange[]): string {
  const { name, title, id, created, model } = conversation;
  const about = [id, timeText(created), ...(model === null ? [] : [model])].join(', ');
  const parts = exchanges.flatMap((exchange) => [
    ...exchange.messages.map((kept) => spoken(kept)),
    ...exchange.others.map((kept, index) => spoken(kept, `, answer ${index + 2}`)),
    ...missing(exchange),
  ]);
  return `${[`# ${name ?? title}`, about, ...parts].join('\n\n')}\n`;
}

function spoken({ role, text }: KeptMessage, which = ''): string {
  return `## ${role}${which}\n\n${text.trimEnd()}`;
}

/** What a reader would otherwise miss. */
function missing(exchange: Exchange): string[] {
  const { state, error, responseId } = exchange;
  if (isRunning(exchange)) return [`*(running in the background: oai response wait ${responseId})*`];
  const reason = error === null ? '' : `: ${error}`;
  if (state === 'cut') return [`*(cut${reason})*`];
  if (state === 'failed') return [`*(no answer${reason})*`];
  return state === 'asked' ? ['*(no answer yet)*'] : [];
}
