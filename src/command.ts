import { Command, Option } from 'commander';
import type { Context } from './context.ts';
import { usageError } from './errors.ts';
import type { Flag } from './flags/flag.ts';
import { type GlobalOptions, globalFlags } from './flags/global.ts';

export interface Example {
  /** A command line that works when pasted. */
  readonly line: string;
  /** What it does, in a few words. */
  readonly note: string;
}

/** What the file of a command gives to `program.ts`. The global flags are added there. */
export interface CommandModule<Options extends GlobalOptions> {
  /** Adds arguments and flags to an empty command. Flag values are read to their types here. */
  define(command: Command): void;
  readonly examples: readonly Example[];
  /** A few lines below the flags in `--help`, for what a flag's line cannot say. */
  readonly notes?: string;
  /**
   * Does the work. Arguments of the command are in `options.words`, in order.
   * @throws Failure for anything expected
   */
  run(options: Options & { readonly words: readonly string[] }, context: Context): Promise<void>;
}

/**
 * Gives a command flags that it shares with others.
 * @param heading what they stand under in `--help`: `Sampling:`
 */
export function addFlags(command: Command, flags: readonly Flag[], heading?: string): void {
  if (heading !== undefined) command.optionsGroup(heading);
  for (const flag of flags) command.addOption(optionOf(flag));
}

/** Gives an empty command all that it has: its own arguments and flags, and those of every command. */
export function shape(command: Command, module: CommandModule<never>): void {
  module.define(command);
  command.optionsGroup(GLOBAL_HEADING).helpOption('-h, --help', 'show this');
  addFlags(command, globalFlags);
}

/** What the flags of every command stand under. */
export const GLOBAL_HEADING = 'Flags of every command:';

/** A flag as it is typed and told. */
export interface FlagSheet {
  /** `-m`, `--model` */
  readonly names: readonly string[];
  /** What stands for its value, `name`; undefined where it takes none. */
  readonly value: string | undefined;
  readonly help: string;
  /** What it stands under in `--help`; undefined for the first of them. */
  readonly heading: string | undefined;
  /** The words to choose its value from. */
  readonly choices: readonly string[] | undefined;
  readonly repeatable: boolean;
}

/** An argument of a command. */
export interface ArgumentSheet {
  readonly name: string;
  readonly help: string;
  readonly required: boolean;
  /** It takes all words that are left. */
  readonly variadic: boolean;
}

/** A command as `--help` knows it, for whoever tells it in another form. */
export interface CommandSheet {
  readonly name: string;
  readonly summary: string;
  readonly arguments: readonly ArgumentSheet[];
  readonly flags: readonly FlagSheet[];
  readonly notes: string;
  readonly examples: readonly Example[];
}

export function sheetOf(name: string, summary: string, module: CommandModule<never>): CommandSheet {
  const command = new Command(name);
  shape(command, module);
  const words = command.registeredArguments.map((argument) => ({
    name: argument.name(),
    help: argument.description,
    required: argument.required,
    variadic: argument.variadic,
  }));
  const { notes = '', examples } = module;
  return {
    name,
    summary,
    arguments: words,
    flags: command.options.map(flagSheet),
    notes: notes.trim(),
    examples,
  };
}

/** The flags of every command. */
export function globalSheet(): readonly FlagSheet[] {
  return globalFlags.map((flag) => ({ ...flagSheet(optionOf(flag)), heading: GLOBAL_HEADING }));
}

function flagSheet(option: Option): FlagSheet {
  const flag = option instanceof FlagOption ? option.flag : undefined;
  return {
    names: [option.short, option.long].filter((name) => name !== undefined),
    value: /<(.+)>/.exec(option.flags)?.[1],
    help: option.description,
    heading: option.helpGroupHeading,
    choices: flag?.read?.choices,
    repeatable: flag?.repeatable === true,
  };
}

/** Remembers the flag that it was made of. */
class FlagOption extends Option {
  readonly flag: Flag;

  constructor(flag: Flag) {
    super(flag.flags, flag.help);
    this.flag = flag;
  }
}

function optionOf(flag: Flag): Option {
  const { flags, read, repeatable, once } = flag;
  const option = new FlagOption(flag);
  const name = option.long ?? flags;
  const value = (text: string) => (read === undefined ? text : read(text, name));
  if (repeatable === true) {
    // False where a `--no-…` of the same name came before it.
    option.argParser((text: string, earlier: readonly unknown[] | false | undefined) => [
      ...(earlier || []),
      value(text),
    ]);
  } else if (once === true) {
    option.argParser((text: string, earlier: unknown) => {
      if (earlier === undefined) return value(text);
      throw usageError(`${name} is given twice: ${earlier} and ${text}`, 'leave out one of the two');
    });
  } else if (read !== undefined) option.argParser(value);
  return option;
}
