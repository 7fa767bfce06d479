import { readFile } from 'node:fs/promises';
import { stem } from '../audio/audio-part.ts';
import type { Context } from '../context.ts';
import { Failure, usageError } from '../errors.ts';
import { readAudioInfo } from '../input/audio-kind.ts';
import { type FoundInputs, fileNameOf, findInputs, type InputWord, nameOf } from '../input/find-files.ts';
import { isPiped } from '../input/stdin.ts';
import { decodeUtf8 } from '../input/text.ts';
import { warn } from '../output/messages.ts';
import { sizeText } from '../output/size.ts';
import { isNamedSound } from '../transcripts/format.ts';
import type { Language } from '../transcripts/language.ts';
import {
  asRecording,
  isSound,
  isText,
  type OpenedInput,
  type Recording,
} from '../transcripts/opened-input.ts';
import { readSubtitles, type SubtitleFile } from '../transcripts/subtitles/subtitle-file.ts';

/** What is to be translated, told by its bytes. */
export type Source =
  | { readonly kind: 'sound'; readonly recording: Recording }
  | { readonly kind: 'text'; readonly name: string; readonly text: string }
  | { readonly kind: 'subtitles'; readonly name: string; readonly file: SubtitleFile };

const THING = 'sound or subtitles';

/**
 * Finds what is to be translated: what the words name, else what is piped in. Of a directory it is sound and subtitles:
 * a text in it may be anything, such as the transcript of what lies beside it. Of several inputs, those that are named
 * as being in the other language already, as what this command makes of the others, are left out.
 * @throws Failure (usage)
 */
export async function findTranslationInputs(
  words: readonly string[],
  to: Language,
  context: Context,
): Promise<FoundInputs> {
  if (words.length === 0 && !isPiped(context)) {
    throw usageError('nothing to translate', 'name a file, or pipe one in; --help shows how');
  }
  // A file that is named like sound, and is none, is better complained about than left out.
  const isWanted = (start: Uint8Array, path: string) =>
    readAudioInfo(start) !== undefined || isNamedSubtitles(path) || isNamedSound(path);
  const found = await findInputs(words.length === 0 ? ['-'] : words, THING, isWanted, context).catch(
    withTexts,
  );
  return found.areSeveral ? withoutTranslated(found, to, context) : found;
}

function withTexts(error: unknown): never {
  if (!(error instanceof Failure) || !error.message.endsWith(`has no ${THING} in it`)) throw error;
  throw usageError(error.message, error.hint ?? "texts go by their names, or a pattern: '*.txt'", error);
}

function isNamedSubtitles(path: string): boolean {
  return /\.(?:srt|vtt)$/i.test(path);
}

/** Whether an input can turn out to be sound, for all that its name says. */
export function mayBeSound(input: InputWord): boolean {
  return !/\.(?:srt|vtt|txt|md)$/i.test(nameOf(input));
}

/** Whether an input can turn out to be subtitles, for all that its name says. */
export function mayBeSubtitles(input: InputWord): boolean {
  return input.kind !== 'file' || isNamedSubtitles(input.path);
}

function withoutTranslated({ inputs, areSeveral }: FoundInputs, to: Language, context: Context): FoundInputs {
  const ending = `.${to.tag}`.toLowerCase();
  const isTranslated = (input: InputWord) => stem(fileNameOf(input)).toLowerCase().endsWith(ending);
  const [first, ...more] = inputs.filter(isTranslated);
  if (first === undefined) return { inputs, areSeveral };
  const name = nameOf(first);
  const [whose, verb] = more.length === 0 ? [name, 'is'] : [`${name} and ${more.length} more`, 'are'];
  warn(context, `${whose} ${verb} in ${to.name} by name: left out`);
  return { inputs: inputs.filter((input) => !isTranslated(input)), areSeveral };
}

/** A text of more bytes is no text for a model. */
const MOST_TEXT = 20 * 1024 * 1024;

/** @throws Failure (usage) that names the input, where it is neither sound nor text */
export async function readSource(input: OpenedInput): Promise<Source> {
  const { name, start, size, path } = input;
  if (size === 0 && !input.isUnseen) throw usageError(`${name} is empty (0 bytes)`);
  if (isSound(input)) return { kind: 'sound', recording: asRecording(input) };
  // What is neither is complained about as sound, unless it is a text in another encoding.
  if (!isText(start) && !looksLikeText(input)) return { kind: 'sound', recording: asRecording(input) };
  if (size > MOST_TEXT)
    throw usageError(`${name} is ${sizeText(size)}; texts go up to ${sizeText(MOST_TEXT)}`);
  const text = decode(await readFile(path), name);
  if (text.trim() === '') throw usageError(`${name} has no text in it`);
  const file = readSubtitles(text);
  return file === undefined ? { kind: 'text', name, text } : { kind: 'subtitles', name, file };
}

/** Whether bytes that are no UTF-8 are a text all the same: by the name, or by having no control characters. */
function looksLikeText({ fileName, start }: OpenedInput): boolean {
  if (/\.(?:srt|vtt|txt|md|smi|sub|ass|ssa)$/i.test(fileName) || hasUtf16Mark(start)) return true;
  return !start.some((byte) => byte < 0x09 || (byte > 0x0d && byte < 0x20 && byte !== 0x1b) || byte === 0x7f);
}

function hasUtf16Mark([first, second]: Uint8Array): boolean {
  return (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
}

/** @throws Failure (usage) that says how it becomes UTF-8 */
function decode(bytes: Uint8Array, name: string): string {
  try {
    return decodeUtf8(bytes, name);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    const encoding = hasUtf16Mark(bytes) ? 'UTF-16' : 'ENCODING: LATIN1, CP949, SHIFT_JIS, whatever it is in';
    throw usageError(error.message, `convert it first: iconv -t UTF-8 -f ${encoding}`, error);
  }
}
