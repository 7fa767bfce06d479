import type { Context } from './context.ts';
import { usageError } from './errors.ts';
import { didYouMean } from './settings/nearest.ts';

/** One of the things that a command such as `index` does, named by its first word. */
export interface Action<Options> {
  /** The flags that it knows beside those of all actions and of every command. */
  readonly flags: readonly (keyof Options & string)[];
  /** The words that it takes; any number where it is not said. */
  readonly words?: {
    /** What they are, for errors: `a model`. */
    readonly what: string;
    readonly least: number;
    readonly most: number;
  };
  run(words: readonly string[], options: Options, context: Context): Promise<void>;
}

/** For an action that takes none. */
export const NO_WORDS = { what: 'no words', least: 0, most: 0 } as const;

/** The actions of a command. */
export interface Actions<Options> {
  /** The command. */
  readonly name: string;
  readonly actions: Readonly<Record<string, Action<Options>>>;
  /** What is done when no action is named; absent: one must be. */
  readonly usual?: string;
  /** A command line that works, for who names none. */
  readonly example: string;
}

/**
 * Does what the first word says.
 * @throws Failure (usage) on an action that there is not, on flags of another, and on too many or too few words
 */
export async function runAction<Options extends object>(
  { name, actions, usual, example }: Actions<Options>,
  options: Options & { readonly words: readonly string[] },
  context: Context,
): Promise<void> {
  const names = Object.keys(actions);
  const [chosen = usual, ...words] = options.words;
  if (chosen === undefined) throw usageError(`${name} needs one of ${names.join(', ')}`, example);
  const action = Object.hasOwn(actions, chosen) ? actions[chosen] : undefined;
  if (action === undefined) {
    const near = didYouMean(chosen, names);
    const all = `the actions are ${names.join(', ')}`;
    // Who forgot the action sees where it goes.
    throw usageError(`${name} ${chosen} is no action${near}`, near === '' ? `${all}: ${example}` : all);
  }
  const others = Object.values(actions).flatMap(({ flags }) => flags);
  const stray = others.find((flag) => options[flag] !== undefined && !action.flags.includes(flag));
  if (stray !== undefined) throw usageError(`${typed(stray)} means nothing to ${name} ${chosen}`);
  checkWords(`${name} ${chosen}`, action, words);
  await action.run(words, options, context);
}

function checkWords<Options>(
  name: string,
  { words: wanted }: Action<Options>,
  words: readonly string[],
): void {
  if (wanted === undefined) return;
  const { what, least, most } = wanted;
  const extra = words[most];
  if (extra !== undefined) {
    throw usageError(
      most === 0
        ? `${name} takes no words: ${extra}`
        : `${name} takes ${what}, and there is ${extra} beside it`,
    );
  }
  if (words.some((word) => word.trim() === '')) {
    throw usageError(
      words.length > 1 ? `${name} takes ${what}: one of them is empty` : `${name}: ${what} is empty`,
    );
  }
  if (words.length < least) throw usageError(`${name} needs ${what}`);
}

/** A flag as it is typed: `--max-tokens` for `maxTokens`. */
function typed(option: string): string {
  return `--${option.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}
