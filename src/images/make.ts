import type { Api } from '../api/client.ts';
import { imagesPerRequest } from '../api/image-models.ts';
import {
  type ImageCall,
  type ImageEvent,
  type ImagesAnswer,
  makeImages,
  streamImage,
} from '../api/images.ts';
import { inParallel } from '../bulk/parallel.ts';
import type { Context } from '../context.ts';
import { Failure } from '../errors.ts';
import type { ImageOptions } from '../flags/images.ts';
import { isObject } from '../json.ts';
import { writeJson } from '../output/json.ts';
import { warn } from '../output/messages.ts';
import { startWaiting } from '../output/progress.ts';
import type { Target } from '../output/target.ts';
import { imagePreview } from '../preview/image-preview.ts';
import { noteDuration, readEstimate } from '../settings/durations.ts';
import { Gallery } from './gallery.ts';
import { summed, type Usage, usageLine } from './usage.ts';

/** What is to be made. */
export interface ImageJob {
  readonly model: string;
  /** How many images. */
  readonly count: number;
  /** The request for so many of them. */
  call(n: number): ImageCall;
  readonly target: Target;
  readonly options: Pick<ImageOptions, 'dryRun' | 'json' | 'open' | 'show' | 'partial' | 'quality' | 'size'>;
}

/** Requests that are under way at the same time. */
const AT_ONCE = 4;

/**
 * Makes images and saves them: the paths go to stdout, one a line, or with `--json` the API's answer with the paths in
 * place of the bytes.
 * @throws Failure where not all of them were made, of kind `partial` where some were; Stopped
 */
export async function makeAndSave(job: ImageJob, api: Api, context: Context): Promise<void> {
  const { count, target, options } = job;
  const show = options.dryRun !== true && (options.show ?? api.settings.showImages);
  const gallery = new Gallery(
    {
      target,
      count,
      open: options.open === true,
      printPaths: options.json !== true,
      preview: show ? await imagePreview(context) : undefined,
    },
    api,
    context,
  );
  const answers = await askForAll(job, gallery, api, context);
  await gallery.end();
  if (context.signal.aborted) {
    gallery.sayWhatIsSaved();
    throw context.signal.reason;
  }
  const usage = summed(answers.map(usageOf));
  const line = usage === undefined ? '' : usageLine(usage);
  if (line !== '') warn(context, line);
  if (options.json === true && gallery.isWorthListing)
    await writeJson(context.stdout, document(answers, gallery, usage));
  const failure = gallery.failure();
  if (failure !== undefined) throw failure;
}

/** Asks for the images in as few requests as the model allows; with previews, each is a request of its own. */
async function askForAll(
  job: ImageJob,
  gallery: Gallery,
  api: Api,
  context: Context,
): Promise<ImagesAnswer[]> {
  const { count, model, options } = job;
  const perRequest = options.partial === undefined ? imagesPerRequest(model) : 1;
  const key = `image ${model} ${options.quality ?? 'auto'} ${options.size ?? 'auto'} x${Math.min(count, perRequest)}`;
  const { sandbox, tape } = api.settings;
  // What a cassette or the cache answers takes no time.
  const learns = !sandbox && (tape === undefined || tape.kind === 'record');
  const estimate = learns ? await readEstimate(context, key) : undefined;
  const waiting = startWaiting(context, `drawing with ${model}`, {
    elapsed: true,
    ...(estimate !== undefined && { estimate }),
  });
  const answers: ImagesAnswer[] = [];
  const ask = async (numbers: readonly number[]) => {
    const started = context.clock.now();
    try {
      const answer = await (options.partial === undefined
        ? askOnce(job, numbers, gallery, api)
        : askWithPreviews(job, numbers[0] ?? 1, gallery, api, context));
      answers.push(answer);
      if (learns) await noteDuration(context, key, context.clock.now() - started);
    } catch (error) {
      gallery.fail(numbers, error);
    }
    if (count > 1) waiting.update(`drawing with ${model}: ${gallery.size} of ${count} done`);
  };
  try {
    const goOn = () => !context.signal.aborted && !gallery.isHopeless;
    const left = await inParallel(batches(count, perRequest), AT_ONCE, ask, goOn);
    gallery.fail(left.flat(), new Failure('network', 'not asked for after that'));
  } finally {
    waiting.stop();
  }
  return answers;
}

/** The numbers of the images, from 1 on, in groups of a request each. */
function batches(count: number, perRequest: number): number[][] {
  const numbers = Array.from({ length: count }, (_, index) => index + 1);
  const groups: number[][] = [];
  for (let at = 0; at < count; at += perRequest) groups.push(numbers.slice(at, at + perRequest));
  return groups;
}

async function askOnce(
  job: ImageJob,
  numbers: readonly number[],
  gallery: Gallery,
  api: Api,
): Promise<ImagesAnswer> {
  const answer = await makeImages(api, job.call(numbers.length));
  for (const [index, image] of answer.data.entries()) await gallery.add(numbers[index], image);
  const missing = numbers.slice(answer.data.length);
  if (missing.length > 0) gallery.fail(missing, tooFew(numbers.length, answer.data.length, api));
  // The bytes are saved: they need not be kept.
  return { ...answer, data: [] };
}

function tooFew(asked: number, made: number, { settings }: Api): Failure {
  const { host } = new URL(settings.baseUrl);
  const what = asked === 1 ? 'no image' : `${made} of ${asked} images`;
  return new Failure('incomplete', `${host} answered with ${what}`, { code: 'missing_images' });
}

async function askWithPreviews(
  job: ImageJob,
  number: number,
  gallery: Gallery,
  api: Api,
  context: Context,
): Promise<ImagesAnswer> {
  const call = job.call(1);
  if (call.endpoint === 'variations') throw new Error('variations have no previews');
  const stream = await streamImage(api, call, context.clock);
  const answers: ImagesAnswer[] = [];
  let previews = 0;
  try {
    for (let event = await stream.next(); event !== undefined; event = await stream.next()) {
      if (isPartial(event)) {
        stream.pause();
        // Counted here: the number that the server gives it is no matter.
        previews += 1;
        await gallery.addPreview(number, previews, event.b64_json);
      } else if (isCompleted(event)) {
        stream.complete();
        const { data, ...answer } = answerOf(event);
        for (const image of data) await gallery.add(answers.length === 0 ? number : undefined, image);
        answers.push({ ...answer, data: [] });
      }
    }
  } finally {
    stream.close();
  }
  const [answer] = answers;
  if (answer !== undefined) return answer;
  const { host } = new URL(api.settings.baseUrl);
  throw new Failure('network', `${host} ended the answer before the image was complete`);
}

/** What came with status 200 may be anything: an event is known by its type and its bytes. */
function isPartial(event: ImageEvent): event is Extract<ImageEvent, { partial_image_index: number }> {
  return isObject(event) && typeof event['b64_json'] === 'string' && 'partial_image_index' in event;
}

function isCompleted(event: ImageEvent): boolean {
  return isObject(event) && String(event['type']).endsWith('.completed');
}

/** The answer that a stream's last event stands for. */
function answerOf(event: ImageEvent): ImagesAnswer {
  const { type: _, created_at, b64_json, ...rest } = event;
  const { url, revised_prompt } = rest as { url?: string; revised_prompt?: string };
  const image = {
    ...(b64_json !== undefined && { b64_json }),
    ...(url !== undefined && { url }),
    ...(revised_prompt !== undefined && { revised_prompt }),
  };
  return { ...rest, created: created_at, data: [image] } as ImagesAnswer;
}

function usageOf({ usage }: ImagesAnswer): Usage | undefined {
  return isObject(usage) ? usage : undefined;
}

/** One document for all requests: the fields of the first answer, all images, and the usage of all. */
function document(answers: readonly ImagesAnswer[], gallery: Gallery, usage: Usage | undefined): object {
  return { ...answers[0], data: gallery.listed(), ...(usage !== undefined && { usage }) };
}
