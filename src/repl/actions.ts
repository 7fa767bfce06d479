import { copy, json, last, raw, usage } from './actions/answers.ts';
import { attach, detach } from './actions/attachments.ts';
import { begin, clear, edit, file, list, load, retry, save } from './actions/conversation.ts';
import { help } from './actions/help.ts';
import { play } from './actions/play.ts';
import { model, set, system } from './actions/settings.ts';
import { tools } from './actions/tools.ts';
import type { Action } from './desk.ts';
import type { CommandName } from './slash-commands.ts';

/** What each command does; `exit` is the loop's own affair. */
export const actions: Readonly<Record<Exclude<CommandName, 'exit'>, Action>> = {
  help,
  model,
  system,
  set,
  attach,
  detach,
  file,
  tools,
  retry,
  edit,
  last,
  copy,
  new: begin,
  clear,
  save,
  load,
  list,
  usage,
  raw,
  play,
  json,
};
