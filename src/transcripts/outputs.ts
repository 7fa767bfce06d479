import { stat } from 'node:fs/promises';
import { basename, dirname, extname, join, relative, resolve, sep } from 'node:path';
import { stem } from '../audio/audio-part.ts';
import type { Context } from '../context.ts';
import { type Failure, usageError } from '../errors.ts';
import { fileNameOf, type InputWord, nameOf } from '../input/find-files.ts';

/** An input, and the file that is made of it. */
export interface PlannedOutput {
  readonly input: InputWord;
  /** As it is told: beside the input, or in the folder that was named. */
  readonly path: string;
  /** Why the file cannot be made. */
  readonly problem: Failure | undefined;
}

/**
 * Finds a name for the output of each input: `talk.srt` for `talk.mp3`, under `-o DIR/` in the same folders as it is in
 * below the directory or pattern that was named. A run that goes on where another stopped is to find what that one made,
 * whatever has come to the inputs since:
 *
 * - Inputs that would have the same name get one of their whole name, `talk.mp3.srt`, which is nobody else's; and keep
 *   it when they are alone again.
 * - Where the short name is there already when two inputs claim it, nobody can tell which of them it was made of.
 * @param folder undefined: beside each input
 * @param endingFor `.srt`, `.ko.txt`, by the name of the input
 */
export async function planOutputs(
  inputs: readonly InputWord[],
  folder: string | undefined,
  endingFor: (name: string) => string,
  { cwd }: Context,
): Promise<PlannedOutput[]> {
  const wishes = inputs.map((input) => ({ input, names: namesOf(input, folder, endingFor, cwd) }));
  const claims = claimsOn(wishes, cwd);
  const plans: PlannedOutput[] = [];
  for (const { input, names } of wishes) {
    const isOwn = (name: string) => claims.get(resolve(cwd, name))?.length === 1;
    const made = await lastThere(names.filter(isOwn), cwd);
    const path = made ?? names.find(isOwn) ?? names.at(-1) ?? '';
    const problem =
      made === undefined ? await problemOf({ input, names, path, folder, claims }, cwd) : undefined;
    plans.push({ input, path, problem });
  }
  return plans;
}

/** Whether an input has a name of its own: what comes through a pipe is called the same each time. */
export function hasOwnName(input: InputWord): boolean {
  if (input.kind !== 'file') return input.kind === 'url';
  return !/^\/(?:dev|proc)\//.test(input.path);
}

interface Wish {
  readonly input: InputWord;
  /** Names that the output may have, the best first, the last surely its own. */
  readonly names: readonly string[];
}

/** Who wants a path, by its absolute form: an input itself, or inputs whose output may be called so. */
type Claims = ReadonlyMap<string, readonly string[]>;

function claimsOn(wishes: readonly Wish[], cwd: string): Claims {
  const claims = new Map<string, string[]>();
  const claim = (path: string, name: string) => claims.set(path, [...(claims.get(path) ?? []), name]);
  for (const { input, names } of wishes) {
    const paths = new Set(names.map((name) => resolve(cwd, name)));
    for (const path of paths) claim(path, nameOf(input));
  }
  for (const { input } of wishes) {
    const path = input.kind === 'file' ? resolve(cwd, input.path) : undefined;
    // An input is never written over: nobody has its name.
    if (path !== undefined && claims.has(path)) claims.set(path, []);
  }
  return claims;
}

interface Choice extends Wish {
  readonly path: string;
  readonly folder: string | undefined;
  readonly claims: Claims;
}

async function problemOf(
  { input, names, path, folder, claims }: Choice,
  cwd: string,
): Promise<Failure | undefined> {
  if (folder === undefined && input.kind === 'file' && !hasOwnName(input)) {
    return usageError(`${input.path} is a pipe, beside which no file can be`, '-o DIR/ or -o - takes it');
  }
  const isShared = (name: string) => (claims.get(resolve(cwd, name))?.length ?? 0) > 1;
  if (claims.get(resolve(cwd, path))?.length !== 1) {
    return usageError(`no name is left for the file of ${nameOf(input)}`, 'do it by itself, with -o');
  }
  const doubtful = await lastThere(names.slice(0, names.indexOf(path)).filter(isShared), cwd);
  if (doubtful === undefined) return undefined;
  const claimants = claims.get(resolve(cwd, doubtful)) ?? [];
  return usageError(
    `${doubtful} exists, and may have been made of ${claimants.join(' or ')}`,
    `give it the whole name of the right one, such as ${path}; --force makes all anew`,
  );
}

/** The last of some files that is there. */
async function lastThere(names: readonly string[], cwd: string): Promise<string | undefined> {
  for (const name of [...names].reverse()) {
    if (await isThere(resolve(cwd, name))) return name;
  }
  return undefined;
}

/** @param path absolute */
export async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

function namesOf(
  input: InputWord,
  folder: string | undefined,
  endingFor: (name: string) => string,
  cwd: string,
): string[] {
  const name = fileNameOf(input);
  const ending = endingFor(name);
  if (input.kind !== 'file') {
    const place = (file: string) => join(folder ?? '', file + ending);
    const whole = input.kind === 'url' ? nameOf(input).replace(/^\w+:\/\//, '') : name;
    return [place(stem(name)), place(name), place(whole.replace(/[^\p{L}\p{N}._-]+/gu, '_'))];
  }
  const beside = dirname(input.path);
  if (folder === undefined) return [join(beside, stem(name) + ending), join(beside, name + ending)];
  const inFolder = join(folder, dirname(input.below));
  // From the working directory: a way that no other input has.
  const way = relative(cwd, resolve(cwd, beside)) || '_';
  const above = way.split(sep).map((step) => (step === '..' ? '__' : step));
  return [
    join(inFolder, stem(name) + ending),
    join(inFolder, name + ending),
    join(folder, ...above, name + ending),
  ];
}

/** Whether two paths are of one file, also by a link. Absolute. */
export async function isSameFile(one: string, other: string): Promise<boolean> {
  const [first, second] = await Promise.all([one, other].map((path) => stat(path).catch(() => undefined)));
  return first !== undefined && first.dev === second?.dev && first.ino === second.ino;
}

/** @throws Failure (usage) where a transcript would take the place of its own sound */
export async function checkNotInput(input: InputWord, path: string, { cwd }: Context): Promise<void> {
  if (input.kind !== 'file') return;
  if (await isSameFile(resolve(cwd, input.path), resolve(cwd, path))) {
    const example = `${path.slice(0, path.length - extname(path).length)}.txt`;
    throw usageError(
      `${basename(path)} is what is to be heard: it is not replaced`,
      `another name: -o ${example}`,
    );
  }
}
