import type { Context } from '../context.ts';
import { writeJson } from '../output/json.ts';
import { inertText } from '../output/terminal.ts';
import { conversationRow, exchangeRow } from './conversation-json.ts';
import { exchangesOf } from './exchanges.ts';
import { chosenConversation, type HistoryOptions, nothingKept, withHistory } from './reading.ts';
import { transcript } from './transcript.ts';

/** Shows what was said: as Markdown, or with `--json` with all that is known of it. @throws Failure (usage) */
export async function showHistory(
  [word]: readonly string[],
  { json }: HistoryOptions,
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
        await stdout.write(stdout.isTTY ? inertText(text) : text);
      }
    },
    () => nothingKept(word),
  );
}
