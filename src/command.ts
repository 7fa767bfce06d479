import { type Command, Option } from 'commander';
import type { Context } from './context.ts';
import { usageError } from './errors.ts';
import type { Flag } from './flags/flag.ts';
import type { GlobalOptions } from './flags/global.ts';

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

function optionOf({ flags, help, read, repeatable, once }: Flag): Option {
  const option = new Option(flags, help);
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
