import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Context } from '../context.ts';
import { errno, reasonOf, usageError } from '../errors.ts';
import { commandWords } from '../input/command-words.ts';
import { whereIs } from '../output/programs.ts';
import { quoted } from '../output/shell.ts';

/** A program that is there and may be run, with its arguments. */
export interface Program {
  /** The path, absolute, and the arguments. */
  readonly words: readonly [string, ...string[]];
}

/**
 * Reads a command and looks for its program: in the folders of PATH, or where its path says.
 * @param name what errors call it: `--tool weather`
 * @throws Failure (usage) where it is not there or may not be run
 */
export async function findProgram(command: string, name: string, context: Context): Promise<Program> {
  const [word, ...rest] = commandWords(command, name);
  const path = word.includes('/') ? await atPath(word, name, context) : await inPath(word, name, context);
  return { words: [path, ...rest] };
}

async function atPath(word: string, name: string, { cwd }: Context): Promise<string> {
  const path = resolve(cwd, word);
  try {
    if (!(await stat(path)).isFile()) throw usageError(`${name}: ${word} is no program: it is no file`);
    await access(path, constants.X_OK);
    return path;
  } catch (error) {
    if (errno(error) === undefined) throw error;
    if (errno(error) === 'EACCES' && (await isFile(path))) {
      throw usageError(`${name}: ${word} may not be run`, `chmod +x ${quoted(word)}`, error);
    }
    throw usageError(`${name}: cannot run ${word}: ${reasonOf(error)}`, undefined, error);
  }
}

async function inPath(word: string, name: string, { env, cwd }: Context): Promise<string> {
  const found = await whereIs(word, env);
  if (found !== undefined) return resolve(cwd, found);
  const isHere = await isFile(join(cwd, word));
  const hint = isHere ? `the file beside you is ./${word}` : 'a path has a slash in it: ./NAME';
  throw usageError(`${name}: there is no program ${word} in PATH`, hint);
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}

/** A command as a shell would take it. */
export function commandLine(words: readonly string[]): string {
  return words.map(quoted).join(' ');
}
