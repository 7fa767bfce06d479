import { basename, dirname, join, relative, resolve } from 'node:path';
import { stem } from '../audio/audio-part.ts';
import type { InputWord } from '../input/find-files.ts';

/** An input, and the file that is made of it. */
export interface PlannedOutput {
  readonly input: InputWord;
  /** As it is told: beside the input, or in the folder that was named. */
  readonly path: string;
}

/**
 * Finds a name for the output of each input: `talk.srt` for `talk.mp3`. Where two inputs would have the same, or an
 * input has it itself, it is made of the whole name: `talk.mp3.srt`; the same inputs always give the same names.
 * @param folder undefined: beside each input
 * @param endingFor `.srt`, `.ko.txt`, by the name of the input
 */
export function planOutputs(
  inputs: readonly InputWord[],
  folder: string | undefined,
  endingFor: (name: string) => string,
  cwd: string,
): PlannedOutput[] {
  const taken = new Set(inputs.flatMap((input) => (input.kind === 'file' ? [resolve(cwd, input.path)] : [])));
  const wishes = inputs.map((input) => namesOf(input, folder, endingFor(pathOf(input)), cwd));
  const count = new Map<string, number>();
  for (const [first = ''] of wishes) count.set(first, (count.get(first) ?? 0) + 1);
  return inputs.map((input, index) => {
    const [first = '', ...others] = wishes[index] ?? [];
    const names = (count.get(first) ?? 0) > 1 ? others : [first, ...others];
    const path =
      names.find((name) => !taken.has(resolve(cwd, name))) ?? numbered(first, endingFor(first), taken, cwd);
    taken.add(resolve(cwd, path));
    return { input, path };
  });
}

/** The names that an output may have, the best first. */
function namesOf(input: InputWord, folder: string | undefined, ending: string, cwd: string): string[] {
  const path = pathOf(input);
  const place = (name: string) => join(folder ?? dirname(path), name);
  const flat = relative(cwd, resolve(cwd, path))
    .replace(/^(?:\.\.[/\\])+/, '')
    .replace(/[/\\]+/g, '_');
  return [place(stem(path) + ending), place(basename(path) + ending), place(flat + ending)];
}

/** A path that stands for an input: what is no file is named after the end of its URL. */
function pathOf(input: InputWord): string {
  if (input.kind === 'file') return input.path;
  if (input.kind === 'stdin') return 'stdin';
  const name = basename(new URL(input.url).pathname).replace(/%[0-9a-f]{2}/gi, '-');
  return name === '' ? 'audio' : name;
}

function numbered(name: string, ending: string, taken: ReadonlySet<string>, cwd: string): string {
  for (let number = 2; ; number++) {
    const path = `${name.slice(0, name.length - ending.length)}-${number}${ending}`;
    if (!taken.has(resolve(cwd, path))) return path;
  }
}
