import type { Context } from '../context.ts';
import { writeJson } from '../output/json.ts';
import { inertText } from '../output/terminal.ts';
import { readConfig } from '../settings/sources.ts';
import { conversationRow, exchangeRow } from './conversation-json.ts';
import { exchangesOf } from './exchanges.ts';
import { chosenConversation, type HistoryOptions, nothingKept, withHistory } from './reading.ts';
import { transcript } from './transcript.ts';

/** Shows what was said: as Markdown, or with `--json` with all that is known of it. @throws Failure (usage) */
export async function showHistory(
  [word]: readonly string[],
  { json, raw }: HistoryOptions,
  context: Context,
): Promise<void> {
  const { stdout } = context;
  await withHistory(
    context,
    'read',
    async (store) => {
      const conversation = await chosenConversation(store, word);
      const exchanges = exchangesOf(store, conversation.number);
      if (json === true) {
        // What was attached appears as the path where it is kept.
        const path = ({ attachment }: { readonly attachment: string }) => store.attachments.path(attachment);
        const said = exchanges.map((exchange) => exchangeRow(exchange, path));
        await writeJson(stdout, { ...conversationRow(conversation), exchanges: said });
      } else {
        const text = transcript(conversation, exchanges);
        await stdout.write(stdout.isTTY ? await forTerminal(text, raw === true, context) : text);
      }
    },
    () => nothingKept(word),
  );
}

/** Markdown as a person reads it; the source where that is wanted. */
async function forTerminal(text: string, isRaw: boolean, context: Context): Promise<string> {
  const { markdown } = await readConfig(context);
  if (isRaw || markdown === false || context.env['TERM'] === 'dumb') return inertText(text);
  const { MarkdownRenderer, terminalOf } = await import('../output/markdown/renderer.ts');
  const renderer = new MarkdownRenderer(terminalOf(context.stdout, context.env));
  let shown = renderer.push(text);
  // Languages of code and widths of characters are loaded as they appear.
  while (renderer.loading !== undefined) {
    await renderer.loading;
    shown += renderer.push('');
  }
  return shown + renderer.end();
}
