import type { CommandSheet } from '../command.ts';

/** One of the things that a command does, named by its first word. */
export interface Verb {
  readonly name: string;
  /** What stands for its words: `NAME`, `NEW`. */
  readonly words: readonly string[];
  readonly help: string;
}

/** A verb and its words, in capitals. */
const VERB = /([a-z][a-z0-9-]*)((?: \[?[A-Z][A-Z-]*…?\]?)*)/;
/** A line of the list of actions in `--help`: two spaces, verbs with commas between them, what they do. */
const LINE = new RegExp(`^ {2}(${VERB.source}(?:, ${VERB.source})*)(?: +(\\S.*))?$`);

/** The verbs of a command, as its `--help` lists them; none where it has none. */
export function verbsOf({ notes }: Pick<CommandSheet, 'notes'>): readonly Verb[] {
  const [, list = ''] = /^Actions:\n((?: .*(?:\n|$))+)/m.exec(notes) ?? [];
  return list.split('\n').flatMap((line) => {
    const found = LINE.exec(line);
    const [, verbs = ''] = found ?? [];
    const help = found?.at(-1) ?? '';
    return verbs.split(', ').flatMap((verb) => {
      const [, name, words = ''] = VERB.exec(verb) ?? [];
      return name === undefined ? [] : [{ name, words: words.match(/[A-Z-]+/g) ?? [], help }];
    });
  });
}

/** The verbs that a flag is for, which its help begins with: `list, get: …`; undefined where it is for all. */
export function verbsOfFlag(help: string, verbs: readonly Verb[]): readonly string[] | undefined {
  const named = /^([a-z][a-z0-9-]*(?:(?:, | and )[a-z][a-z0-9-]*)*): /.exec(help)?.[1]?.split(/, | and /);
  return named?.every((name) => verbs.some((verb) => verb.name === name)) === true ? named : undefined;
}
