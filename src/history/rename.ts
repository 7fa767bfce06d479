import type { Context } from '../context.ts';
import { usageError } from '../errors.ts';
import { conversationCalled, renameConversation } from './conversations.ts';
import { checkName } from './find-conversation.ts';
import { chosenConversation, nothingKept, withHistory } from './reading.ts';

/** Gives a conversation a name. @throws Failure (usage) where there is none, or another has that name */
export async function renameHistory(
  [word = '', typed = '']: readonly string[],
  context: Context,
): Promise<void> {
  const name = checkName(typed, 'the name');
  await withHistory(
    context,
    'write',
    async (store) => {
      const conversation = await chosenConversation(store, word);
      store.together(() => {
        const other = conversationCalled(store, name);
        if (other !== undefined && other.number !== conversation.number) {
          throw usageError(
            `conversation ${other.id} is called ${name} already`,
            'give one of them another name',
          );
        }
        renameConversation(store, conversation.number, name);
      });
      await context.stdout.write(`${conversation.id}\n`);
    },
    () => nothingKept(word),
  );
}
