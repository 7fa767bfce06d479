import { basename, extname } from 'node:path';
import type { Command } from 'commander';
import type { Api } from '../api/client.ts';
import type { EditRequest, ImageCall, VariationRequest } from '../api/images.ts';
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
import { isStdinPath, isUrl } from '../input/file.ts';
import { readParams, withParams } from '../input/params.ts';
import { textValue } from '../input/text.ts';
import type { JsonObject } from '../json.ts';
import { warn } from '../output/messages.ts';

export interface VariationOptions extends ImageOptions {
  /** Text or `@file`. */
  readonly like?: string;
  readonly via?: 'edits' | 'variations';
  readonly fit?: boolean;
}

type Options = VariationOptions & { readonly words: readonly string[] };

/** What asks a model that edits for what `/images/variations` made. */
const PROMPT =
  'Make a variation of this image: keep its subject, its style and its palette, and change the composition and the details.';

function define(command: Command): void {
  command.argument('<image>', 'a file, a URL or `-` (stdin)');
  addFlags(command, [
    modelFlag(defaultModels.image),
    countFlag,
    sizeFlag,
    { flags: '--like <text>', help: 'what the variation is to be like; @file reads it from a file' },
    {
      flags: '--via <route>',
      help: 'edits (default), or variations for servers that still have it',
      read: choice('edits', 'variations'),
    },
    { flags: '--fit', help: 'with --via variations: make it a square PNG below 4 MB' },
    ...lookFlags,
    ...outputFlags,
    partialFlag,
  ]);
}

const notes = `
OpenAI's own endpoint for variations is closed: an edit with a prompt for a
variation takes its place. \`--via variations\` is for servers that have it; it
takes a square PNG below 4 MB.`;

const examples = [
  { line: 'oai variation corgi.png', note: 'saved as corgi-variation.png' },
  { line: 'oai variation logo.png -n 4 -o logos/', note: 'four of them' },
  { line: 'oai variation corgi.png --like "in watercolour"', note: 'with a wish' },
];

async function run(options: Options, context: Context): Promise<void> {
  const [word = ''] = options.words;
  const { connect } = await import('../api/client.ts');
  const { runImages } = await import('../images/command.ts');
  const api = await connect(options, context);
  const params = readParams(options.param ?? []);
  const { refuseNulls } = await import('../images/request.ts');
  refuseNulls(params);
  const plan = options.via === 'variations' ? planLegacy : planEdit;
  const { model, call } = await plan(word, options, params, api, context);
  await runImages({ model, call, subject: `${nameOf(word)} variation` }, options, api, context);
}

/** What a plan decides. */
interface Plan {
  readonly model: string;
  call(n: number): ImageCall;
}

async function planEdit(
  word: string,
  options: Options,
  params: JsonObject,
  api: Api,
  context: Context,
): Promise<Plan> {
  if (options.fit === true) throw usageError('--fit goes with --via variations');
  const { EDIT_LIMITS, readInputImage, uploadOf } = await import('../images/inputs.ts');
  const { imageModel } = await import('../images/command.ts');
  const { editFields } = await import('../images/request.ts');
  const model = imageModel(options.model, api, context);
  const like = options.like === undefined ? '' : await textValue(options.like, '--like', context);
  const prompt = [PROMPT, like].filter((part) => part !== '').join('\n\n');
  const fields = {
    ...editFields(options, params, model, api),
    ...(options.partial !== undefined && { partial_images: options.partial }),
  };
  const input = await readInputImage(word, 'the image', EDIT_LIMITS, api, context);
  const image = uploadOf(input, api);
  return {
    model,
    call(n) {
      const request: EditRequest = withParams(
        { model, prompt, image, ...(n > 1 && { n }), ...fields },
        params,
      );
      return { endpoint: 'edits', request };
    },
  };
}

/** Flags that the legacy endpoint has no field for. */
const NOT_LEGACY = ['like', 'quality', 'background', 'format', 'compression', 'partial'] as const;

async function planLegacy(
  word: string,
  options: Options,
  params: JsonObject,
  api: Api,
  context: Context,
): Promise<Plan> {
  const given = NOT_LEGACY.find((name) => options[name] !== undefined);
  if (given !== undefined) throw usageError(`--${given} does not go with --via variations`);
  const { uploadOf } = await import('../images/inputs.ts');
  const image = uploadOf(await readSquare(word, options.fit === true, api, context), api);
  if (api.settings.isOpenAI && !api.settings.sandbox) {
    warn(context, 'OpenAI closed /images/variations; without --via an edit takes its place');
  }
  const { model, size } = options;
  return {
    model: model ?? 'the server',
    call(n) {
      const request: VariationRequest = withParams(
        {
          image,
          ...(model !== undefined && { model: api.settings.model('image', model) ?? model }),
          ...(n > 1 && { n }),
          ...(size !== undefined && { size: size as NonNullable<VariationRequest['size']> }),
        },
        params,
      );
      return { endpoint: 'variations', request };
    },
  };
}

/** @throws Failure (usage) where the image is not what the legacy endpoint takes */
async function readSquare(word: string, fit: boolean, api: Api, context: Context): Promise<InputImage> {
  const { FIT_LIMITS, PNG_LIMITS, readInputImage } = await import('../images/inputs.ts');
  if (fit) {
    const { fittedToSquare } = await import('../images/fit.ts');
    return fittedToSquare(await readInputImage(word, 'the image', FIT_LIMITS, api, context), PNG_LIMITS);
  }
  const { sizeOf } = await import('../images/mask.ts');
  const limits = { ...PNG_LIMITS, hint: '--fit makes it a square PNG below 4 MB' };
  const image = await readInputImage(word, 'the image', limits, api, context);
  if (image.info.width !== image.info.height) {
    throw usageError(`${image.name} is ${sizeOf(image)}, and must be square`, '--fit makes it so');
  }
  return image;
}

/** What an image is called, for the names of its variations. */
function nameOf(word: string): string {
  if (isStdinPath(word)) return 'image';
  const path = isUrl(word) ? decoded(new URL(word).pathname) : word;
  return basename(path, extname(path));
}

/** A path without percent signs, where they make sense. */
function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

export const variation: CommandModule<VariationOptions> = { define, examples, notes, run };
