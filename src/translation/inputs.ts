import { readFile } from 'node:fs/promises';
import { usageError } from '../errors.ts';
import { decodeUtf8 } from '../input/text.ts';
import { sizeText } from '../output/size.ts';
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

/** A text of more bytes is no text for a model. */
const MOST_TEXT = 20 * 1024 * 1024;

/** @throws Failure (usage) that names the input, where it is neither sound nor text */
export async function readSource(input: OpenedInput): Promise<Source> {
  const { name, start, size, path } = input;
  if (size === 0 && !input.isUnseen) throw usageError(`${name} is empty (0 bytes)`);
  if (isSound(input) || !isText(start)) return { kind: 'sound', recording: asRecording(input) };
  if (size > MOST_TEXT)
    throw usageError(`${name} is ${sizeText(size)}; texts go up to ${sizeText(MOST_TEXT)}`);
  const text = decodeUtf8(await readFile(path), name);
  if (text.trim() === '') throw usageError(`${name} has no text in it`);
  const file = readSubtitles(text);
  return file === undefined ? { kind: 'text', name, text } : { kind: 'subtitles', name, file };
}
