import type { Command } from 'commander';
import { isGptImage } from '../api/image-models.ts';
import type { GenerateRequest } from '../api/images.ts';
import { defaultModels } from '../api/models.ts';
import { addFlags, type CommandModule } from '../command.ts';
import type { Context } from '../context.ts';
import { usageError } from '../errors.ts';
import {
  type ImageOptions as CommonOptions,
  countFlag,
  lookFlags,
  modelFlag,
  outputFlags,
  partialFlag,
  sizeFlag,
} from '../flags/images.ts';
import { choice } from '../flags/values.ts';
import { readParams, withParams } from '../input/params.ts';
import { readTextArgument } from '../input/prompt.ts';

export interface ImageOptions extends CommonOptions {
  readonly moderation?: 'low' | 'auto';
  readonly style?: 'vivid' | 'natural';
}

function define(command: Command): void {
  command.argument('[prompt...]', 'what to draw; without it, or for `-`, stdin is read');
  addFlags(command, [
    modelFlag(defaultModels.image),
    countFlag,
    sizeFlag,
    ...lookFlags,
    {
      flags: '--moderation <level>',
      help: 'auto, or low for less strict filtering',
      read: choice('auto', 'low'),
    },
    { flags: '--style <style>', help: "vivid or natural: dall-e-3's word", read: choice('vivid', 'natural') },
    ...outputFlags,
    partialFlag,
  ]);
}

const notes = `
Files are named after the prompt unless -o says otherwise, never replace one
another, and their paths are printed, one a line. -o cats/ is a directory,
-o 'cat-{n}.png' a pattern, -o cat.webp asks for WebP, -o - is one image on
stdout. An image appears whole under its name or not at all.`;

const examples = [
  { line: 'oai image "a siamese cat"', note: 'saved as a-siamese-cat.png' },
  { line: 'oai image "two otters" -n 2 --size 1024x1024 -o otters/', note: 'two files in a directory' },
  { line: 'oai image --sandbox "a lighthouse" -o lighthouse.png', note: 'no key needed' },
  { line: 'oai image "a logo" --background transparent -o - > logo.png', note: 'the bytes themselves' },
  { line: 'echo "a quiet harbour" | oai image -f webp --compression 80', note: 'the prompt from a pipe' },
  { line: 'oai image --json "a cat" | jq -r ".data[0].path"', note: "the API's answer, with the path" },
];

async function run(
  options: ImageOptions & { readonly words: readonly string[] },
  context: Context,
): Promise<void> {
  const { connect } = await import('../api/client.ts');
  const { imageModel, runImages } = await import('../images/command.ts');
  const { commonFields } = await import('../images/request.ts');
  const api = await connect(options, context);
  const prompt = await readTextArgument(options.words, context);
  const model = imageModel(options.model, api, context);
  const params = readParams(options.param ?? []);
  const fields = {
    ...commonFields(options, params, model, api),
    ...(options.moderation !== undefined && { moderation: options.moderation }),
    ...styleField(options.style, model),
    ...(options.partial !== undefined && { partial_images: options.partial }),
  };
  const call = (n: number) => {
    const request: GenerateRequest = withParams({ model, prompt, ...(n > 1 && { n }), ...fields }, params);
    return { endpoint: 'generations', request } as const;
  };
  await runImages({ model, call, subject: prompt }, options, api, context);
}

function styleField(style: ImageOptions['style'], model: string): { style?: 'vivid' | 'natural' } {
  if (style === undefined) return {};
  if (isGptImage(model)) {
    throw usageError(`--style is a word of dall-e-3; ${model} reads the style in the prompt`);
  }
  return { style };
}

export const image: CommandModule<ImageOptions> = { define, examples, notes, run };
