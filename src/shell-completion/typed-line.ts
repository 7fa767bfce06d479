import type { ArgumentSheet, CommandSheet, FlagSheet } from '../command.ts';
import { type Verb, verbsOf } from './verbs.ts';

/** What may stand where the cursor is. */
export type Wanted =
  | { readonly kind: 'command'; readonly afterHelp: boolean }
  | {
      readonly kind: 'flag';
      readonly line: TypedCommand | undefined;
      /** As they were typed. */
      readonly used: readonly string[];
    }
  | { readonly kind: 'value'; readonly flag: FlagSheet; readonly line: TypedCommand | undefined }
  | {
      readonly kind: 'word';
      readonly line: TypedCommand;
      /** Undefined where there are words enough. */
      readonly argument: ArgumentSheet | undefined;
    };

/** A command, as far as it is typed. */
export interface TypedCommand {
  readonly sheet: CommandSheet;
  readonly verbs: readonly Verb[];
  /** Those before the cursor, without flags and their values. */
  readonly words: readonly string[];
}

/** What is wanted, and what is typed of it. */
export interface TypedLine {
  readonly wanted: Wanted;
  /** What stands before it in the same word: `--model=` */
  readonly prefix: string;
  readonly typed: string;
  /** The values of flags, by their long names; of those that were given several times the last. */
  readonly values: Readonly<Record<string, string>>;
}

/** What a line is read by. */
export interface Grammar {
  readonly globalFlags: readonly FlagSheet[];
  /** Undefined where there is no such command. */
  sheet(name: string): Promise<CommandSheet | undefined>;
}

/**
 * Reads a line as far as the cursor.
 * @param words those before the one at the cursor, without the program
 * @param current the one at the cursor, as far as it is typed
 * @returns undefined where nothing can be said: an unknown command
 */
export async function readLine(
  words: readonly string[],
  current: string,
  grammar: Grammar,
): Promise<TypedLine | undefined> {
  const values: Record<string, string> = {};
  const before = walk(words, grammar.globalFlags, values, true);
  if (before.open !== undefined) return atValue(before.open, current, undefined, values);
  const name = before.words[0];
  if (name === undefined || (name === 'help' && before.rest.length === 0)) {
    if (name === undefined && current.startsWith('-')) {
      return atFlag(current, grammar.globalFlags, undefined, before.used, values);
    }
    const wanted = { kind: 'command', afterHelp: name === 'help' } as const;
    return { wanted, prefix: '', typed: current, values };
  }
  const sheet = await grammar.sheet(name);
  if (sheet === undefined) return undefined;
  const after = walk(before.rest, sheet.flags, values, false);
  const line = { sheet, verbs: verbsOf(sheet), words: after.words };
  if (after.open !== undefined) return atValue(after.open, current, line, values);
  if (current.startsWith('-') && !after.ended) {
    return atFlag(current, sheet.flags, line, [...before.used, ...after.used], values);
  }
  const argument = argumentAt(sheet.arguments, after.words.length);
  return { wanted: { kind: 'word', line, argument }, prefix: '', typed: current, values };
}

function argumentAt(all: readonly ArgumentSheet[], index: number): ArgumentSheet | undefined {
  const last = all.at(-1);
  return all[index] ?? (last?.variadic === true ? last : undefined);
}

interface Walked {
  /** A flag whose value comes next. */
  readonly open: FlagSheet | undefined;
  readonly words: readonly string[];
  readonly used: readonly string[];
  /** After `--` there are no flags. */
  readonly ended: boolean;
  /** What comes after the first word, where the walk stopped there. */
  readonly rest: readonly string[];
}

/** Goes along words, telling flags and their values from the rest. @param toFirst ends with the first that is neither */
function walk(
  words: readonly string[],
  flags: readonly FlagSheet[],
  values: Record<string, string>,
  toFirst: boolean,
): Walked {
  const plain: string[] = [];
  const used: string[] = [];
  let open: FlagSheet | undefined;
  let ended = false;
  for (const [index, word] of words.entries()) {
    if (open !== undefined) {
      note(open, word, values);
      open = undefined;
    } else if (ended || !word.startsWith('-') || word === '-') {
      plain.push(word);
      if (toFirst) return { open, words: plain, used, ended, rest: words.slice(index + 1) };
    } else if (word === '--') {
      ended = true;
    } else {
      const [, name = word, value] = /^(--[^=]+)=(.*)$/s.exec(word) ?? [];
      const flag = flagCalled(name, flags);
      used.push(name);
      if (flag?.value === undefined) continue;
      if (value !== undefined) note(flag, value, values);
      // `-mNAME` has its value in it.
      else if (flag.names.includes(name)) open = flag;
    }
  }
  return { open, words: plain, used, ended, rest: [] };
}

function flagCalled(name: string, flags: readonly FlagSheet[]): FlagSheet | undefined {
  const exact = flags.find(({ names }) => names.includes(name));
  if (exact !== undefined || name.startsWith('--')) return exact;
  // Of short flags that stand together, the last may take a value: `-qm NAME`.
  const last = flags.find(({ names }) => names.includes(`-${name.at(-1)}`));
  return last === undefined ? undefined : { ...last, names: [...last.names, name] };
}

function note({ names }: FlagSheet, value: string, values: Record<string, string>): void {
  values[names.find((name) => name.startsWith('--')) ?? ''] = value;
}

function atValue(
  flag: FlagSheet,
  typed: string,
  line: TypedCommand | undefined,
  values: TypedLine['values'],
): TypedLine {
  return { wanted: { kind: 'value', flag, line }, prefix: '', typed, values };
}

function atFlag(
  current: string,
  flags: readonly FlagSheet[],
  line: TypedCommand | undefined,
  used: readonly string[],
  values: TypedLine['values'],
): TypedLine {
  const [, prefix, name = '', typed = ''] = /^((--[^=]+)=)(.*)$/s.exec(current) ?? [];
  const flag = prefix === undefined ? undefined : flags.find(({ names }) => names.includes(name));
  if (flag?.value !== undefined) {
    return { wanted: { kind: 'value', flag, line }, prefix: prefix ?? '', typed, values };
  }
  return { wanted: { kind: 'flag', line, used }, prefix: '', typed: current, values };
}
