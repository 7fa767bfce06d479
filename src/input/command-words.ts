import { usageError } from '../errors.ts';

/** What a shell would do something with. Here there is no shell: to pass it on as text would surprise everybody. */
const SHELL_ONLY: ReadonlySet<string> = new Set('|&;<>()$`*?[#~');
/** Of these, what a shell minds in double quotes too. */
const IN_DOUBLE_QUOTES: ReadonlySet<string> = new Set('$`');
/** What a backslash takes the meaning from in double quotes (POSIX shell, 2.2.3). */
const ESCAPED_IN_QUOTES: ReadonlySet<string> = new Set('$`"\\');
/** These mean something to a shell at the begin of a word alone. */
const AT_BEGIN: ReadonlySet<string> = new Set('#~');

/**
 * Splits a command into its program and that program's arguments, by spaces and quotes as a POSIX shell does, and does
 * nothing else that a shell does: no variables, no patterns, no pipes.
 * @param name what errors call it: `--tool weather`
 * @throws Failure (usage) where there is no program, a quote is open, or something in it is for a shell
 */
export function commandWords(command: string, name: string): readonly [string, ...string[]] {
  if (command.includes('\0')) throw usageError(`${name} holds a character that no command has`);
  const words = new Splitter(command, name).words();
  const [program = '', ...rest] = words;
  if (program === '') throw usageError(`${name} names no program`, '--tool NAME=COMMAND, e.g. now=date');
  return [program, ...rest];
}

class Splitter {
  readonly #text: string;
  readonly #name: string;
  readonly #words: string[] = [];
  /** Undefined between words. */
  #word: string | undefined;
  #at = 0;

  constructor(text: string, name: string) {
    this.#text = text;
    this.#name = name;
  }

  words(): readonly string[] {
    while (this.#at < this.#text.length) this.#step(this.#next());
    this.#endWord();
    return this.#words;
  }

  #step(character: string): void {
    if (/\s/.test(character)) this.#endWord();
    else if (character === "'") this.#add(this.#singleQuoted());
    else if (character === '"') this.#add(this.#doubleQuoted());
    else if (character === '\\') this.#add(this.#escaped());
    else this.#add(this.#plain(character));
  }

  #next(): string {
    const character = this.#text.charAt(this.#at);
    this.#at += 1;
    return character;
  }

  #add(text: string): void {
    this.#word = (this.#word ?? '') + text;
  }

  #endWord(): void {
    if (this.#word !== undefined) this.#words.push(this.#word);
    this.#word = undefined;
  }

  #plain(character: string): string {
    const means = SHELL_ONLY.has(character) && (this.#word === undefined || !AT_BEGIN.has(character));
    if (means) throw this.#forShell(character);
    return character;
  }

  #singleQuoted(): string {
    const end = this.#text.indexOf("'", this.#at);
    if (end === -1) throw this.#open("'");
    const text = this.#text.slice(this.#at, end);
    this.#at = end + 1;
    return text;
  }

  #doubleQuoted(): string {
    let text = '';
    while (this.#at < this.#text.length) {
      const character = this.#next();
      if (character === '"') return text;
      if (IN_DOUBLE_QUOTES.has(character)) throw this.#forShell(character);
      const escapes = character === '\\' && ESCAPED_IN_QUOTES.has(this.#text.charAt(this.#at));
      text += escapes ? this.#next() : character;
    }
    throw this.#open('"');
  }

  #escaped(): string {
    if (this.#at === this.#text.length) throw this.#open('\\');
    return this.#next();
  }

  #open(mark: string) {
    return usageError(`${this.#name} has a ${mark} that nothing ends: ${this.#text}`);
  }

  #forShell(character: string) {
    return usageError(
      `${this.#name} is a program and its words, and no line for a shell: ${character} means nothing here`,
      `quote it if it is meant as it stands, or ask for a shell: sh -c '…'`,
    );
  }
}
