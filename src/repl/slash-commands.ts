/** What the argument of a command can be completed from. */
export type Completes =
  | 'models'
  | 'files'
  | 'commands'
  | 'settings'
  | 'conversations'
  | 'attachments'
  | readonly string[];

export interface SlashCommand {
  /** Behind the slash. */
  readonly name: string;
  /** What follows it, as help shows it; empty where nothing does. */
  readonly argument: string;
  readonly help: string;
  readonly completes?: Completes;
}

const SWITCH = ['on', 'off'] as const;

/** Every command, in the order of `/help`. */
export const slashCommands = [
  { name: 'help', argument: '[command]', help: 'what there is', completes: 'commands' },
  { name: 'model', argument: '[name]', help: 'choose the model, or name it', completes: 'models' },
  {
    name: 'system',
    argument: '[text|@file|-]',
    help: 'say what the model is to be; - says nothing; alone: what it is',
  },
  {
    name: 'set',
    argument: '[name [value]]',
    help: 'a setting of the requests; - unsets it',
    completes: 'settings',
  },
  {
    name: 'attach',
    argument: '[file…]',
    help: 'let images, sound, PDF or texts go along with the next question',
    completes: 'files',
  },
  {
    name: 'detach',
    argument: '[file]',
    help: 'leave out one of them, or all',
    completes: 'attachments',
  },
  {
    name: 'tools',
    argument: '[on|off]',
    help: 'the tools that the model may ask for; off: none',
    completes: SWITCH,
  },
  { name: 'file', argument: '<path>', help: 'send the text of a file', completes: 'files' },
  { name: 'retry', argument: '', help: 'ask the last question again' },
  { name: 'edit', argument: '', help: 'change the last question, and ask it again' },
  { name: 'last', argument: '', help: 'show the last answer again' },
  { name: 'copy', argument: '[code]', help: 'copy the last answer, or the code in it', completes: ['code'] },
  { name: 'play', argument: '', help: 'play the last answer that was said (--audio)' },
  { name: 'new', argument: '', help: 'begin a new conversation' },
  { name: 'clear', argument: '', help: 'the same, on a clear screen' },
  { name: 'save', argument: '<name>', help: 'give the conversation a name' },
  {
    name: 'load',
    argument: '[name]',
    help: 'go on with another: by name or id, or chosen',
    completes: 'conversations',
  },
  { name: 'list', argument: '', help: 'the conversations that are kept' },
  { name: 'usage', argument: '', help: 'what is sent, kept and spent' },
  {
    name: 'json',
    argument: '[on|off]',
    help: 'the last exchange as JSON; on: every answer',
    completes: SWITCH,
  },
  {
    name: 'raw',
    argument: '[on|off]',
    help: 'the last answer as it is written; on: every answer',
    completes: SWITCH,
  },
  { name: 'exit', argument: '', help: 'leave; so does Ctrl-D' },
] as const satisfies readonly SlashCommand[];

export type CommandName = (typeof slashCommands)[number]['name'];

/** Other words for some of them. */
export const aliases: Readonly<Record<string, CommandName>> = { quit: 'exit', bye: 'exit', '?': 'help' };

export function slashCommand(name: string): (SlashCommand & { readonly name: CommandName }) | undefined {
  const meant = aliases[name] ?? name;
  return slashCommands.find((command) => command.name === meant);
}
