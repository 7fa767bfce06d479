import type { ChatAnswer } from '../api/completions.ts';
import { readWavHeader } from '../audio/wav.ts';
import type { Context } from '../context.ts';
import { Failure } from '../errors.ts';
import { type AudioFormat, extensionOf } from '../flags/speaking.ts';
import { warn } from '../output/messages.ts';
import type { Choice } from './answer.ts';
import type { Speaking } from './speaking.ts';
import { verdict } from './verdict.ts';

/** What became of the sounds of answers. */
export interface SavedSounds {
  /** Of each answer, where there is one. */
  readonly paths: readonly (string | undefined)[];
  /** What cut them, with word of what is kept; that they cannot be written, or are not there. */
  readonly problem: Error | undefined;
}

/**
 * Saves the sounds of answers. Of a sound that was cut, what came stays beside, as `NAME.part`.
 * @param failure what cut the answers
 * @param limited the user set a limit of tokens: to be cut there is what was asked for
 */
export async function saveSounds(
  choices: readonly Choice[],
  { failure, limited }: { failure: Error | undefined; limited: boolean },
  { target, format }: Speaking,
  context: Context,
): Promise<SavedSounds> {
  const paths: (string | undefined)[] = [];
  let problem: unknown = failure;
  for (const [index, choice] of choices.entries()) {
    const sound = soundOf(choice, format);
    const cut = choice.finishReason === undefined ? failure : cutOf(choice, limited);
    const data = cut === undefined ? sound : cutAfter(sound, cut);
    const onKept = (part: string) => warn(context, `what arrived is in ${part}`);
    if (sound.length === 0 && isSilent(choice))
      problem ??= new Failure('incomplete', 'the answer came without sound');
    const saved =
      sound.length === 0
        ? undefined
        : target.save(index + 1, { extension: extensionOf(format), data, onKept });
    const path = await saved?.catch((error: unknown) => {
      // Each says where what came of it is.
      if (problem !== failure && problem instanceof Error) warn(context, problem.message);
      problem = error;
      return undefined;
    });
    paths.push(path);
    if (path !== undefined && !target.isStdout) warn(context, `saved as ${path}`);
  }
  return { paths, problem: problem instanceof Error ? problem : failure };
}

/** What is wrong with an answer that came to its end; that it asks for tools is not. */
function cutOf(choice: Choice, limited: boolean): Failure | undefined {
  const judged = verdict([choice], limited);
  return judged?.kind === 'tools' ? undefined : judged;
}

/** An answer that is whole and was to be said, and was not. */
function isSilent({ refusal, toolCalls, finishReason }: Choice): boolean {
  return refusal === '' && toolCalls.length === 0 && finishReason === 'stop';
}

async function* cutAfter(data: Uint8Array, failure: unknown): AsyncGenerator<Uint8Array> {
  yield data;
  throw failure;
}

/** All of a sound. */
function soundOf({ sound }: Choice, format: AudioFormat): Uint8Array {
  const data = Buffer.concat(sound?.pieces ?? []);
  return format === 'wav' ? withLength(data) : data;
}

/** The API tells no length in the header of a WAV, which it begins before it knows; not every program reads that. */
function withLength(data: Buffer): Buffer {
  const header = readWavHeader(data);
  if (header === undefined || 'problem' in header || header.dataLength !== undefined) return data;
  if (data.toString('latin1', 0, 4) !== 'RIFF') return data;
  data.writeUInt32LE(data.length - 8, 4);
  data.writeUInt32LE(data.length - header.dataOffset, header.dataOffset - 4);
  return data;
}

/** The API's answer with paths in the place of sounds: what is saved in a file appears as its path (design, section 2). */
export function withPaths(answer: ChatAnswer, paths: readonly (string | undefined)[]): object {
  const choices = answer.choices.map((choice, index) => {
    const { audio } = choice.message;
    if (audio == null) return choice;
    const { data: _, ...told } = audio;
    return { ...choice, message: { ...choice.message, audio: { ...told, path: paths[index] ?? null } } };
  });
  return { ...answer, choices };
}
