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
import type { ImageLook, InputImage } from '../images/inputs.ts';
import { type Rectangle, rectangle } from '../images/mask.ts';
import { isStdinPath, isUrl } from '../input/file.ts';
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
  const { editFields, refuseNulls } = await import('../images/request.ts');
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
  const { files, first } = await readImages(names, model, api, context);
  const mask = await readMask(options, first, api, context);
  const [file] = files;
  if (file === undefined) throw usageError('no image');
  const uploads = {
    image: files.length === 1 ? file : files,
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
  const lastIsPrompt = prompt === undefined && last !== '' && !(await namesImage(last, context));
  const names = lastIsPrompt ? words.slice(0, -1) : words;
  if (names.length === 0) {
    throw usageError(`no image: there is no file ${last}`, 'oai edit IMAGE… -p "what to change"');
  }
  if (names.length > MOST_IMAGES) {
    throw usageError(`${names.length} images: the API takes up to ${MOST_IMAGES} at a time`);
  }
  if (lastIsPrompt) return { names, prompt: last };
  const takesStdin = names.some(isStdinPath);
  if (prompt !== undefined) {
    if (takesStdin && prompt.startsWith('@') && isStdinPath(prompt.slice(1))) throw stdinTwice();
    const text = await textValue(prompt, '--prompt', context);
    if (text.trim() === '') throw usageError('--prompt is empty');
    return { names, prompt: text };
  }
  // A name that is mistyped, and stdin that is an image already, are told from a prompt that is missing.
  if (takesStdin) throw usageError('no prompt', '-p "what to change"; stdin is the image');
  if (!(await exists(last, context)) && !isUrl(last)) {
    throw usageError(`cannot read ${last}: no such file`, 'if that is the prompt: -p');
  }
  return { names, prompt: await readTextArgument([], context) };
}

function stdinTwice() {
  return usageError(
    'stdin can be read once, but the image and --prompt both want it',
    'put one of them in a file',
  );
}

/** What looks like the name of an image is taken for one, so that a slip of a finger is not drawn. */
async function namesImage(word: string, context: Context): Promise<boolean> {
  if (isStdinPath(word) || isUrl(word)) return true;
  if (/^\S+\.(?:png|jpe?g|webp|gif|bmp|tiff?|heic|avif|svg)$/i.test(word) || /^\S*\/\S+$/.test(word))
    return true;
  return exists(word, context);
}

function exists(word: string, { cwd }: Context): Promise<boolean> {
  return stat(resolve(cwd, word)).then(
    () => true,
    () => false,
  );
}

/** Reads the images one by one, and keeps of each no more than the file that is to be sent. */
async function readImages(
  names: readonly string[],
  model: string,
  api: Api,
  context: Context,
): Promise<{ readonly files: File[]; readonly first: ImageLook | undefined }> {
  const { EDIT_LIMITS, PNG_LIMITS, readInputImage, uploadOf } = await import('../images/inputs.ts');
  const limits = model === 'dall-e-2' ? PNG_LIMITS : EDIT_LIMITS;
  const files: File[] = [];
  let first: ImageLook | undefined;
  for (const [index, name] of names.entries()) {
    const role = names.length === 1 ? 'the image' : `image ${index + 1}`;
    const image = await readInputImage(name, role, limits, api, context);
    first ??= { name: image.name, info: image.info };
    files.push(uploadOf(image, api));
  }
  return { files, first };
}

async function readMask(
  { mask, maskRect }: EditOptions,
  image: ImageLook | undefined,
  api: Api,
  context: Context,
): Promise<InputImage | undefined> {
  if (image === undefined || (mask === undefined && maskRect === undefined)) return undefined;
  if (mask !== undefined && maskRect !== undefined) {
    throw usageError('--mask and --mask-rect contradict each other');
  }
  const { checkMask, isOpaque, rectangleMask } = await import('../images/mask.ts');
  if (maskRect !== undefined) return rectangleMask(maskRect, image);
  const { PNG_LIMITS, readInputImage } = await import('../images/inputs.ts');
  const read = await readInputImage(mask ?? '', '--mask', PNG_LIMITS, api, context);
  checkMask(read, image);
  if (await isOpaque(read)) warn(context, `${read.name} is transparent nowhere: nothing may change`);
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

export const edit: CommandModule<EditOptions> = { define, examples, notes, run };
