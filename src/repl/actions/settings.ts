import type { Api } from '../../api/client.ts';
import type { ChatMessage } from '../../api/completions.ts';
import { listModels } from '../../api/model-list.ts';
import { Failure, usageError } from '../../errors.ts';
import { askOnTerminal, canAsk } from '../../input/ask.ts';
import { textValue } from '../../input/text.ts';
import { warn } from '../../output/messages.ts';
import { alignedTable } from '../../output/table.ts';
import { didYouMean } from '../../settings/nearest.ts';
import type { Action, Desk } from '../desk.ts';
import { interruptible } from '../interruptible.ts';
import { mayChat } from '../models.ts';
import { settingCalled, settings, settingText, withSetting } from '../settings.ts';

/** Chooses the model: by name, or from a list; the old one stays where there is none of that name. */
export const model: Action = async (argument, desk) => {
  const { session, lines, context } = desk;
  const isAsked = argument === '' && lines.isPerson && canAsk(context);
  if (argument === '' && !isAsked) return desk.show(`${await session.model()}\n`);
  const known = await interruptible(desk, knownModels);
  const typed = isAsked ? await chosen(known ?? [], desk) : argument;
  if (typed === undefined) return;
  const name = session.api.settings.model('chat', typed) ?? typed;
  if (known === undefined) warn(context, `the server does not list its models: ${name} is taken as it is`);
  else if (!known.includes(name)) {
    throw usageError(`there is no model ${name}${didYouMean(name, known)}`, `still ${await session.model()}`);
  }
  await session.setFlags({ ...session.flags, model: typed });
};

/** @returns undefined where the person leaves without a choice */
function chosen(known: readonly string[], { context }: Desk): Promise<string | undefined> {
  const names = known.filter(mayChat);
  if (names.length === 0) throw usageError('the server does not list its models', '/model NAME takes one');
  return askOnTerminal(context).find(
    'Model',
    names.map((name) => ({ value: name, name })),
  );
}

/** The names of the models that the server has; undefined where it does not say. */
export async function knownModels(api: Api): Promise<readonly string[] | undefined> {
  try {
    const { models } = await listModels(api);
    return models.map(({ id }) => id);
  } catch (error) {
    if (error instanceof Failure) return undefined;
    throw error;
  }
}

export const system: Action = async (argument, desk) => {
  const { session } = desk;
  if (argument === '') return desk.show(`${shown(session.instructions)}\n`);
  const text =
    argument === '-' ? '' : await interruptible(desk, (_, within) => textValue(argument, '/system', within));
  session.instructions = text === '' ? [] : [{ role: 'system', content: text }];
};

function shown(instructions: readonly ChatMessage[]): string {
  const texts = instructions.map(({ content }) => (typeof content === 'string' ? content : ''));
  return texts.length === 0 ? 'nothing' : texts.join('\n\n');
}

export const set: Action = async (argument, desk) => {
  const { session } = desk;
  const [, name = '', value = ''] = /^(\S*)\s*(.*)$/s.exec(argument) ?? [];
  if (name === '') {
    const rows = settings.map((setting) => [setting.name, settingText(session.flags, setting) ?? '-']);
    return desk.show(await alignedTable(rows));
  }
  const setting = settingCalled(name);
  if (value === '') return desk.show(`${setting.name}  ${settingText(session.flags, setting) ?? '-'}\n`);
  await session.setFlags(withSetting(session.flags, setting, value));
};
