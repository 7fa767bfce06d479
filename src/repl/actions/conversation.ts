import { asTyped } from '../../editor/blocks.ts';
import { usageError } from '../../errors.ts';
import type { Conversation } from '../../history/conversations.ts';
import { agoText } from '../../history/times.ts';
import { askOnTerminal, canAsk } from '../../input/ask.ts';
import { fileBytes } from '../../input/file.ts';
import { decodeUtf8, withoutLastBreak } from '../../input/text.ts';
import { warn } from '../../output/messages.ts';
import { alignedTable } from '../../output/table.ts';
import { expandHome } from '../../settings/paths.ts';
import type { Action, Desk } from '../desk.ts';
import type { Exchange } from '../exchange.ts';
import { interruptible } from '../interruptible.ts';
import { withoutQuotes } from '../words.ts';

export const retry: Action = async (_, desk) => {
  const { question: asked } = lastOf(desk);
  await desk.ask(asked, true);
};

/** The last question comes back into the line; what becomes of it takes its place, once it is sent. */
export const edit: Action = async (_, desk) => {
  const { question: asked } = lastOf(desk);
  const { content } = asked.at(-1) ?? {};
  const text = desk.typed?.question === asked ? desk.typed.text : content;
  if (!desk.lines.isPerson) throw usageError('/edit is for a person at a terminal', '/retry asks again');
  if (typeof text !== 'string' || typeof content !== 'string')
    throw usageError('the last question is not text alone', '/retry asks it again');
  desk.draft = asTyped({ text, literal: true });
};

export const begin: Action = async (_, desk) => {
  await desk.session.begin();
};

const CLEAR = '\u001b[H\u001b[2J';

export const clear: Action = async (argument, desk) => {
  const { stdout } = desk.context;
  if (stdout.isTTY) await stdout.write(CLEAR);
  await begin(argument, desk);
};

/** Sends what is in a file, as if it had been typed. */
export const file: Action = async (argument, desk) => {
  if (argument === '') throw usageError('/file needs a path', '/attach lets a file go along with a question');
  const path = expandHome(withoutQuotes(argument), desk.context.home);
  const text = withoutLastBreak(
    decodeUtf8(await interruptible(desk, (_, context) => fileBytes(path, path, context)), path),
  );
  if (text.trim() === '') throw usageError(`${path} is empty`);
  await desk.askTyped(text);
};

/** Gives the conversation a name, by which it can be found. */
export const save: Action = async (argument, desk) => {
  if (argument === '') throw usageError('/save needs a name', 'such as /save holidays');
  await desk.shelf.name(argument);
  const { name, id } = desk.shelf.conversation ?? {};
  warn(desk.context, id === undefined ? `this conversation will be ${argument}` : `${name} (${id})`);
};

/** Goes on with another conversation: the one of a name, or one that is chosen. */
export const load: Action = async (argument, desk) => {
  const word = argument === '' ? await chooseConversation(desk) : argument;
  if (word === undefined) return;
  await desk.session.load(word);
  desk.shelf.memory.announce();
};

async function chooseConversation(desk: Desk): Promise<string | undefined> {
  const all = await desk.shelf.list();
  if (all.length === 0) throw usageError('no conversation is kept yet');
  if (!desk.lines.isPerson || !canAsk(desk.context)) throw usageError('/load needs a name', '/list has them');
  const rows = await conversationLines(all, desk);
  const choices = all.map(({ id }, index) => ({ value: id, name: rows[index] ?? id }));
  return askOnTerminal(desk.context).find('Conversation', choices);
}

export const list: Action = async (_, desk) => {
  const all = await desk.shelf.list();
  if (all.length === 0) return desk.show('no conversation is kept yet\n');
  const lines = await conversationLines(all.slice(0, LISTED), desk);
  const more = all.length - lines.length;
  const rest = more > 0 ? `… ${more.toLocaleString('en-US')} more: oai history list\n` : '';
  await desk.show(`${lines.join('\n')}\n${rest}`);
};

/** As many as a screen has room for. */
const LISTED = 20;

async function conversationLines(all: readonly Conversation[], { context }: Desk): Promise<string[]> {
  const now = context.clock.now();
  const rows = all.map(({ id, name, title, exchanges, updated }) => [
    id,
    agoText(now - updated),
    `${exchanges}`,
    name ?? title,
  ]);
  return (await alignedTable(rows)).trimEnd().split('\n');
}

function lastOf({ session }: Desk): Exchange {
  const last = session.exchanges.at(-1);
  if (last === undefined || last.question.length === 0 || last.isGiven === true)
    throw usageError('nothing has been asked yet');
  return last;
}
