import type { CommandSheet, FlagSheet } from '../command.ts';
import type { Context } from '../context.ts';
import type { Candidate } from './candidate.ts';
import { knownValues } from './known-values.ts';
import { type Grammar, readLine, type TypedCommand, type TypedLine } from './typed-line.ts';
import { flagKind, type ValueKind, wordKind } from './value-kind.ts';
import { verbsOfFlag } from './verbs.ts';

/** What can stand at the cursor. */
export interface Completion {
  /** What the word begins with that is no part of a candidate: `--model=`, `@`. */
  readonly prefix: string;
  /** What is typed of a candidate. */
  readonly typed: string;
  /** Those that begin with what is typed. */
  readonly candidates: readonly Candidate[];
  /** Files may stand there as well. */
  readonly files: Files | undefined;
}

/** What files: any, those that end so, or folders alone. */
export type Files = { readonly endings: readonly string[] } | 'folders';

/** What is to be known of the program itself. */
export interface Program extends Grammar {
  readonly commands: readonly Pick<CommandSheet, 'name' | 'summary'>[];
}

const NOTHING: Completion = { prefix: '', typed: '', candidates: [], files: undefined };

/**
 * What can stand at the cursor.
 * @param words those before it, without the program
 * @param current the word at the cursor, as far as it is typed
 * @throws where what is known cannot be read
 */
export async function complete(
  words: readonly string[],
  current: string,
  program: Program,
  context: Context,
): Promise<Completion> {
  const line = await readLine(words, current, program);
  if (line === undefined) return NOTHING;
  const { wanted, prefix, typed } = line;
  const listed = (candidates: readonly Candidate[]): Completion => ({
    prefix,
    typed,
    candidates: beginning(candidates, typed),
    files: undefined,
  });
  if (wanted.kind === 'command') return listed(commandCandidates(program, wanted.afterHelp));
  if (wanted.kind === 'flag') {
    return listed(flagCandidates(wanted.line, wanted.line?.sheet.flags ?? program.globalFlags, wanted.used));
  }
  if (wanted.kind === 'value') {
    return ofKind(flagKind(wanted.flag, wanted.line), line, context);
  }
  const { verbs, words: typedWords } = wanted.line;
  if (typedWords.length === 0 && verbs.length > 0) {
    return listed(verbs.map(({ name, help }) => ({ value: name, help })));
  }
  if (wanted.argument === undefined) return NOTHING;
  return ofKind(wordKind(wanted.line, wanted.argument.name), line, context);
}

function beginning(candidates: readonly Candidate[], typed: string): readonly Candidate[] {
  const shown = candidates.filter(({ value }) => value.startsWith(typed) && isPlain(value));
  const seen = new Set<string>();
  return shown.filter(({ value }) => !seen.has(value) && seen.add(value));
}

/** What breaks a line, or is obeyed by a terminal, cannot be typed either. */
function isPlain(value: string): boolean {
  return value !== '' && !/\p{Cc}/u.test(value);
}

function commandCandidates({ commands }: Program, afterHelp: boolean): readonly Candidate[] {
  const known = commands.map(({ name, summary }) => ({ value: name, help: summary }));
  return afterHelp ? known : [...known, { value: 'help', help: 'how a command is used' }];
}

/** The flags that can follow: none that is there already and goes once, none that is another verb's. */
function flagCandidates(
  line: TypedCommand | undefined,
  flags: readonly FlagSheet[],
  used: readonly string[],
): readonly Candidate[] {
  const verb = line?.words[0];
  const help = { names: ['-h', '--help'], help: 'how it is used' };
  const version = { names: ['-V', '--version'], help: 'the version' };
  const fitting = flags.filter((flag) => {
    if (!flag.repeatable && flag.names.some((name) => used.includes(name))) return false;
    const verbs = line === undefined ? undefined : verbsOfFlag(flag.help, line.verbs);
    return verbs === undefined || verb === undefined || verbs.includes(verb);
  });
  const all = [...fitting, help, ...(line === undefined ? [version] : [])];
  const byLongName = all.map(({ names, help }) => ({ value: names.at(-1) ?? '', help }));
  const byShortName = all.flatMap(({ names: [name = ''], help }) =>
    name.startsWith('--') ? [] : [{ value: name, help }],
  );
  return [...byLongName, ...byShortName];
}

async function ofKind(kind: ValueKind, line: TypedLine, context: Context): Promise<Completion> {
  const { prefix, typed } = line;
  const nothing = { prefix, typed, candidates: [], files: undefined };
  if (kind.kind === 'files') return { ...nothing, files: { endings: kind.endings } };
  if (kind.kind === 'folders') return { ...nothing, files: 'folders' };
  if (kind.kind === 'words') {
    const candidates = kind.words.map((value) => ({ value, help: '' }));
    return { ...nothing, candidates: beginning(candidates, typed) };
  }
  if (kind.kind === 'known') {
    return { ...nothing, candidates: beginning(await knownValues(kind.what, line, context), typed) };
  }
  // The text of a flag may be that of a file; a word of the line never is.
  const { wanted } = line;
  if (wanted.kind !== 'value' || !typed.startsWith('@') || typed.startsWith('@@')) return nothing;
  return { prefix: `${prefix}@`, typed: typed.slice(1), candidates: [], files: { endings: [] } };
}
