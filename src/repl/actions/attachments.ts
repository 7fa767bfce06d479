import { usageError } from '../../errors.ts';
import { expandHome } from '../../settings/paths.ts';
import type { Action } from '../desk.ts';
import { interruptible } from '../interruptible.ts';
import { wordsOf } from '../words.ts';

/** Lays files by for the next question; alone, says which lie there. */
export const attach: Action = async (argument, desk) => {
  const { tray, context } = desk;
  if (argument === '') {
    const lines = tray.names.map((name, index) => `${index + 1}  ${name}\n`);
    return desk.show(lines.length === 0 ? 'nothing is attached\n' : lines.join(''));
  }
  const names = wordsOf(argument).map((name) => expandHome(name, context.home));
  if (names.includes('-')) throw usageError('stdin cannot be attached here', 'oai chat -a - attaches it');
  await interruptible(desk, (api, within) => tray.add(names, api, within));
};

export const detach: Action = async (argument, { tray }) => {
  if (tray.names.length === 0) throw usageError('nothing is attached');
  if (argument === '') tray.clear();
  else for (const name of wordsOf(argument)) tray.remove(name);
};
