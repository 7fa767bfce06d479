import type { OpenAI } from 'openai';
import type { Clock } from '../context.ts';
import { isObject } from '../json.ts';
import type { Api, CallOptions } from './client.ts';
import { type AnswerStream, notAnAnswer, openStream } from './stream.ts';

type ImagesApi = OpenAI.Images;
export type GenerateRequest = Parameters<ImagesApi['generate']>[0];
export type EditRequest = Parameters<ImagesApi['edit']>[0];
export type VariationRequest = Parameters<ImagesApi['createVariation']>[0];

/** A request for images, and the endpoint it is for. */
export type ImageCall =
  | { readonly endpoint: 'generations'; readonly request: GenerateRequest }
  | { readonly endpoint: 'edits'; readonly request: EditRequest }
  | { readonly endpoint: 'variations'; readonly request: VariationRequest };

/** The API's answer; `data` is there. */
export type ImagesAnswer = OpenAI.ImagesResponse & { readonly data: readonly AnsweredImage[] };
/** An image in base64 or, from older servers, by URL. */
export type AnsweredImage = OpenAI.Image;

/** What a streamed answer tells: previews, then the image with all that the answer says of it. */
export type ImageEvent = OpenAI.Images.ImageGenStreamEvent | OpenAI.Images.ImageEditStreamEvent;

const KIND = 'images';

/** Asks for images and waits for all of them. @throws Failure or Stopped */
export function makeImages(api: Api, call: ImageCall): Promise<ImagesAnswer> {
  return api.call(async (client, options) => checkedAnswer(await send(client, call, options), api));
}

function send(client: OpenAI, call: ImageCall, options: CallOptions): Promise<unknown> {
  if (call.endpoint === 'generations') return client.images.generate(call.request, options);
  if (call.endpoint === 'edits') return client.images.edit(call.request, options);
  return client.images.createVariation(call.request, options);
}

/**
 * Asks for one image with previews while it is made: resolves when the first event is here.
 * @throws Failure or Stopped
 */
export function streamImage(
  api: Api,
  call: Exclude<ImageCall, { endpoint: 'variations' }>,
  clock: Clock,
): Promise<AnswerStream<ImageEvent>> {
  return openStream<ImageEvent>(api, clock, {
    kind: KIND,
    slow: true,
    send: (client, options) =>
      call.endpoint === 'generations'
        ? client.images.generate({ ...call.request, stream: true }, options).asResponse()
        : client.images.edit({ ...call.request, stream: true }, options).asResponse(),
    whole: (answer) => wholeEvents(checkedAnswer(answer, api), call.endpoint),
  });
}

/** A server that ignores `stream` gives its whole answer: the same as a stream without previews. */
function wholeEvents(answer: ImagesAnswer, endpoint: 'generations' | 'edits'): ImageEvent[] {
  const { data, created, ...rest } = answer;
  const type = endpoint === 'generations' ? 'image_generation.completed' : 'image_edit.completed';
  return data.map((image) => ({ ...rest, ...image, created_at: created, type }) as ImageEvent);
}

/** What came with status 200 may still be anything. @throws Failure (network) */
function checkedAnswer(answer: unknown, api: Api): ImagesAnswer {
  const isAnswer =
    isObject(answer) && Array.isArray(answer['data']) && answer['data'].every((image) => isObject(image));
  if (!isAnswer) throw notAnAnswer(api, KIND);
  return answer as unknown as ImagesAnswer;
}
