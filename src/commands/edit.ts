import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { Api } from '../api/client.ts';
import { isAlwaysFaithful } from '../api/image-models.ts';
import type { EditRequest } from '../api/images.ts';
import { defaultModels } from '../api/models.ts';
import { addFlags, type CommandModule } from '../command.ts';
import type { Context } from '../context.ts';
import { usageError } from '../errors.ts';
import {
  countFlag,
  type ImageOptions,
  lookFlags,
  modelFlag,
  outputFlags,
  partialFlag,
  sizeFlag,
} from '../flags/images.ts';
import { choice } from '../flags/values.ts';
import type { InputImage } from '../images/inputs.ts';
import { type Rectangle, rectangle } from '../images/mask.ts';
import { isStdinPath } from '../input/file.ts';
import { readParams, withParams } from '../input/params.ts';
import { readTextArgument } from '../input/prompt.ts';
import { textValue } from '../input/text.ts';
import { warn } from '../output/messages.ts';

export interface EditOptions extends ImageOptions {
  /** Text or `@file`. */
  readonly prompt?: string;
  /** A file, a URL or `-`. */
  readonly mask?: string;
  readonly maskRect?: Rectangle;
  readonly inputFidelity?: 'high' | 'low';
}

/** The most images of one request (the API's reference, `image` of `/images/edits`). */
const MOST_IMAGES = 16;

function define(command: Command): void {
  command.argument(
    '<image...>',
    'files, URLs or `-` (stdin), up to 16; a last word that is none is the prompt',
  );
  addFlags(command, [
    { flags: '-p, --prompt <text>', help: 'what to change; @file reads it from a file' },
    { flags: '--mask <image>', help: 'a PNG that is transparent where the first image may change' },
    {
      flags: '--mask-rect <x,y,w,h>',
      help: 'make that mask: this part, in pixels, may change',
      read: rectangle,
    },
    {
      flags: '--input-fidelity <level>',
      help: 'high or low: how closely gpt-image-1.5 keeps to the image',
      read: choice('high', 'low'),
    },
    modelFlag(defaultModels.image),
    countFlag,
    sizeFlag,
    ...lookFlags,
    ...outputFlags,
    partialFlag,
  ]);
}

const notes = `
Images are PNG, JPEG or WebP by their bytes, below 50 MB; they are looked at
before anything is sent. Files are named and printed as with \`oai image\`.`;

const examples = [
  { line: 'oai edit room.png "add a flamingo"', note: 'the last word is the prompt' },
  { line: 'oai edit room.png --mask hole.png -p "a pool"', note: 'only where the mask is transparent' },
  { line: 'oai edit room.png --mask-rect 200,300,400,200 -p "a pool"', note: 'no image editor needed' },
  { line: 'cat logo.png | oai edit - -p "make it blue" -o - > blue.png', note: 'in a pipe' },
  { line: 'oai edit room.png logo.png -p "hang the logo on the wall"', note: 'several images' },
];

async function run(
  options: EditOptions & { readonly words: readonly string[] },
  context: Context,
): Promise<void> {
  const { connect } = await import('../api/client.ts');
  const { imageModel, runImages } = await import('../images/command.ts');
  const { editFields } = await import('../images/request.ts');
  const { uploadOf } = await import('../images/inputs.ts');
  const api = await connect(options, context);
  const { names, prompt } = await splitWords(options, context);
  const model = imageModel(options.model, api, context);
  const params = readParams(options.param ?? []);
  refuseNulls(params);
  const fields = {
    ...editFields(options, params, model, api),
    ...fidelityField(options.inputFidelity, model, api, context),
    ...(options.partial !== undefined && { partial_images: options.partial }),
  };
  const images = await readImages(names, model, api, context);
  const mask = await readMask(options, images[0], api, context);
  const files = images.map((image) => uploadOf(image, api));
  const [first] = files;
  if (first === undefined) throw usageError('no image');
  const uploads = {
    image: files.length === 1 ? first : files,
    ...(mask !== undefined && { mask: uploadOf(mask, api) }),
  };
  const call = (n: number) => {
    const request: EditRequest = withParams(
      { model, prompt, ...uploads, ...(n > 1 && { n }), ...fields },
      params,
    );
    return { endpoint: 'edits', request } as const;
  };
  await runImages({ model, call, subject: prompt }, options, api, context);
}

/**
 * Tells images and prompt apart: `--prompt`, else a last word that names no file, else piped text.
 * @throws Failure (usage) when one of them is missing
 */
async function splitWords(
  { prompt, words }: EditOptions & { readonly words: readonly string[] },
  context: Context,
): Promise<{ names: readonly string[]; prompt: string }> {
  const last = words.at(-1) ?? '';
  const lastIsPrompt = prompt === undefined && !(await namesImage(last, context));
  const names = lastIsPrompt ? words.slice(0, -1) : words;
  if (names.length === 0) {
    throw usageError(`no image: there is no file ${last}`, 'oai edit IMAGE… -p "what to change"');
  }
  if (names.length > MOST_IMAGES) {
    throw usageError(`${names.length} images: the API takes up to ${MOST_IMAGES} at a time`);
  }
  const text = prompt === undefined ? undefined : await textValue(prompt, '--prompt', context);
  if (text !== undefined) {
    if (text.trim() === '') throw usageError('--prompt is empty');
    return { names, prompt: text };
  }
  return { names, prompt: await readTextArgument(lastIsPrompt ? [last] : [], context) };
}

/** What looks like the name of an image is taken for one, so that a slip of a finger is not drawn. */
async function namesImage(word: string, { cwd }: Context): Promise<boolean> {
  if (isStdinPath(word) || /^https?:\/\/\S+$/i.test(word)) return true;
  if (/^\S+\.(?:png|jpe?g|webp|gif|bmp|tiff?|heic|avif|svg)$/i.test(word) || /^\S*\/\S+$/.test(word))
    return true;
  return stat(resolve(cwd, word)).then(
    () => true,
    () => false,
  );
}

async function readImages(
  names: readonly string[],
  model: string,
  api: Api,
  context: Context,
): Promise<InputImage[]> {
  const { EDIT_LIMITS, PNG_LIMITS, readInputImage } = await import('../images/inputs.ts');
  const limits = model === 'dall-e-2' ? PNG_LIMITS : EDIT_LIMITS;
  const images: InputImage[] = [];
  for (const name of names) images.push(await readInputImage(name, 'the image', limits, api, context));
  return images;
}

async function readMask(
  { mask, maskRect }: EditOptions,
  image: InputImage | undefined,
  api: Api,
  context: Context,
): Promise<InputImage | undefined> {
  if (image === undefined || (mask === undefined && maskRect === undefined)) return undefined;
  if (mask !== undefined && maskRect !== undefined) {
    throw usageError('--mask and --mask-rect contradict each other');
  }
  const { checkMask, rectangleMask } = await import('../images/mask.ts');
  if (maskRect !== undefined) return rectangleMask(maskRect, image);
  const { PNG_LIMITS, readInputImage } = await import('../images/inputs.ts');
  const read = await readInputImage(mask ?? '', '--mask', PNG_LIMITS, api, context);
  checkMask(read, image);
  return read;
}

/** gpt-image-2 and later always look closely, and refuse to be told so. */
function fidelityField(
  fidelity: EditOptions['inputFidelity'],
  model: string,
  { settings }: Api,
  context: Context,
): { input_fidelity?: 'high' | 'low' } {
  if (fidelity === undefined) return {};
  if (!settings.isOpenAI || !isAlwaysFaithful(model)) return { input_fidelity: fidelity };
  if (fidelity === 'low') {
    throw usageError(
      `${model} always keeps closely to the image: it has no --input-fidelity low`,
      '-m gpt-image-1.5 has',
    );
  }
  warn(context, `${model} always keeps closely to the image: left out --input-fidelity high`);
  return {};
}

/** A form has no way to say null. */
function refuseNulls(params: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(params)) {
    if (value === null) throw usageError(`--param ${name}: a request with files has no null`);
  }
}

export const edit: CommandModule<EditOptions> = { define, examples, notes, run };
