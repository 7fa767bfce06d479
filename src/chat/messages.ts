import type { ChatContentPart, ChatMessage } from '../api/completions.ts';
import type { Context } from '../context.ts';
import { usageError } from '../errors.ts';
import type { MessageFlags, PlacedText } from '../flags/messages.ts';
import { textValue } from '../input/text.ts';
import { readMessages } from './messages-file.ts';
import { question } from './request.ts';

/** What a user may say by hand. The result of a tool has a flag of its own. */
const SPOKEN_ROLES = ['system', 'developer', 'user', 'assistant'] as const;

/** Names of speakers (the API's reference, `name` of a message; 64 characters at most). */
const NAME = /^[a-zA-Z0-9_-]{1,64}$/;

/**
 * The messages of the command line, in the order in which their flags stand there. Empty texts are left out.
 * @throws Failure (usage) on a role that there is not, or a file that holds no messages
 */
export async function messagesOf(flags: MessageFlags, context: Context): Promise<ChatMessage[]> {
  const made: { readonly place: number; readonly messages: readonly ChatMessage[] }[] = [];
  const add = async (
    placed: readonly PlacedText[] | undefined,
    read: (text: string) => Promise<readonly ChatMessage[]>,
  ) => {
    for (const { text, place } of placed ?? []) made.push({ place, messages: await read(text) });
  };
  const spoken = (role: 'system' | 'developer') => async (text: string) => {
    const content = await textValue(text, `--${role}`, context);
    return content === '' ? [] : [{ role, content }];
  };
  await add(flags.system, spoken('system'));
  await add(flags.developer, spoken('developer'));
  await add(flags.message, async (text) => [await readMessage(text, context)]);
  await add(flags.messages, (path) => readMessages(path, context));
  return made.sort((a, b) => a.place - b.place).flatMap(({ messages }) => messages);
}

/** A message as it is typed: `role:text` or `role/name:text`. @throws Failure (usage) */
async function readMessage(typed: string, context: Context): Promise<ChatMessage> {
  const colon = typed.indexOf(':');
  const [role = '', name] = typed.slice(0, Math.max(colon, 0)).split('/', 2);
  const known = SPOKEN_ROLES.find((spoken) => spoken === role);
  if (colon === -1 || known === undefined) {
    const what = colon === -1 ? 'is not of the form role:text' : `has no role: ${role} is none`;
    throw usageError(`--message ${shortened(typed)} ${what}`, `the roles are ${SPOKEN_ROLES.join(', ')}`);
  }
  if (name !== undefined && !NAME.test(name)) {
    throw usageError(
      `--message ${role}/${name}: a name is of letters, digits, _ and -`,
      'role/name:text, such as user/ann:hello',
    );
  }
  const content = await textValue(typed.slice(colon + 1), `--message ${role}`, context);
  return { role: known, content, ...(name !== undefined && { name }) };
}

function shortened(text: string): string {
  return text.length > 40 ? `${text.slice(0, 39)}…` : text;
}

/** Whether messages may be sent as they are: somebody waits for an answer. */
export function awaitAnswer(messages: readonly ChatMessage[]): boolean {
  const last = messages.at(-1)?.role;
  return last === 'user' || last === 'tool' || last === 'function';
}

/** Messages, and the question after them, where there is one. */
export function withPrompt(
  messages: readonly ChatMessage[],
  content: string | ChatContentPart[],
): readonly ChatMessage[] {
  return content === '' ? messages : [...messages, question(content)];
}

/** A question that got no answer; what the model is to be may be said anew. */
export function askedAgain(
  unanswered: readonly ChatMessage[],
  before: readonly ChatMessage[],
): readonly ChatMessage[] {
  if (!before.some(isInstruction)) return [...before, ...unanswered];
  return [...before, ...unanswered.filter((message) => !isInstruction(message))];
}

/** The same messages with what the model is to be in front: it may have been said again in the middle. */
export function instructionsFirst(messages: readonly ChatMessage[]): ChatMessage[] {
  return [...messages.filter(isInstruction), ...messages.filter((message) => !isInstruction(message))];
}

function isInstruction({ role }: ChatMessage): boolean {
  return role === 'system' || role === 'developer';
}
