import { imageTypes } from '../input/image-kind.ts';
import { isObject } from '../json.ts';
import { type Call, jsonBody, requestId, type SandboxState } from './call.ts';
import { moderationBlocked } from './error-answer.ts';
import { eventStream } from './event-stream.ts';
import { formatsFor } from './image-codec.ts';
import { type ImageInputs, readImageInputs } from './image-input.ts';
import { ImageMaker } from './image-maker.ts';
import type { ImageEndpoint } from './image-models.ts';
import { type ImageRequest, readImageRequest } from './image-request.ts';
import { imageSteps } from './image-stream.ts';
import { CREATED, type ModelCatalogue } from './models.ts';
import { type FormShape, readForm } from './multipart.ts';
import { unsupportedParameter } from './request-check.ts';

/** How the fields of edits and variations are sent. */
const FORM: FormShape = {
  numbers: ['n', 'output_compression', 'partial_images', 'frame_count', 'frame_duration_ms'],
  booleans: ['stream'],
  files: ['image', 'mask', 'markup'],
  lists: ['image'],
  verbatim: ['prompt', 'model', 'user', 'safety_identifier'],
};

const VARIATION_FORM: FormShape = { ...FORM, files: ['image'], lists: [] };

/**
 * `POST /images/generations`, `/images/edits` and `/images/variations`.
 * @param endpoint the last part of the path
 * @throws ApiError as the API refuses requests
 */
export async function answerImages(call: Call, state: SandboxState, endpoint: string): Promise<Response> {
  const { faults } = state;
  const [request, inputs] = await readImages(call, endpoint as ImageEndpoint, state.models);
  if (faults.say === 'refusal') throw moderationBlocked(requestId(call));
  const count = faults.say === 'empty' ? 0 : (request.fields.n ?? 1);
  const maker = new ImageMaker(request, inputs, count, state.images.take(count));
  if (request.fields.stream !== true || faults.plain || faults.urls) return wholeAnswer(maker, call, state);
  const pace = { clock: state.clock, delay: faults.delay, signal: call.signal, batch: 0 };
  return new Response(eventStream(imageSteps(maker, faults.stream), pace), {
    headers: { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' },
  });
}

async function readImages(
  call: Call,
  endpoint: ImageEndpoint,
  models: ModelCatalogue,
): Promise<[ImageRequest, ImageInputs]> {
  if (endpoint === 'generations') {
    const body = jsonBody(call);
    const formats = await formatsFor(isObject(body) ? body['output_format'] : undefined);
    return [readImageRequest(endpoint, body, models, formats), { images: [], mask: undefined }];
  }
  const { fields, files } = await readForm(call, endpoint === 'edits' ? FORM : VARIATION_FORM);
  const request = readImageRequest(endpoint, fields, models, await formatsFor(fields['output_format']));
  if (files.has('markup')) throw unsupportedParameter('markup');
  return [request, await readImageInputs(files, request.traits)];
}

async function wholeAnswer(
  maker: ImageMaker,
  call: Call,
  { faults, images }: SandboxState,
): Promise<Response> {
  const { request, count } = maker;
  const { isGpt } = request.traits;
  const byUrl = faults.urls || (!isGpt && request.fields.response_format !== 'b64_json');
  const revised = request.model === 'dall-e-3' ? { revised_prompt: revisedPrompt(request) } : {};
  const data: object[] = [];
  for (let index = 0; index < count; index += 1) {
    call.signal.throwIfAborted();
    const bytes = await maker.image(index);
    if (byUrl) {
      const { extension, mime } = imageTypes[maker.encoding.format];
      const name = `${call.hash.slice(0, 32)}-${index + 1}.${extension}`;
      images.keep(name, { bytes, type: mime });
      data.push({ ...revised, url: `${call.origin}/v1/sandbox/images/${name}` });
    } else data.push({ ...revised, b64_json: Buffer.from(bytes).toString('base64') });
  }
  if (!isGpt || faults.urls) return Response.json({ created: CREATED, data });
  const usage = maker.usage(count, 0);
  const details = { image_tokens: usage.output_tokens, text_tokens: 0 };
  return Response.json({
    created: CREATED,
    ...maker.told,
    data,
    usage: { ...usage, output_tokens_details: details },
  });
}

/** DALL·E 3 made a prompt of its own of every prompt. */
function revisedPrompt({ fields: { prompt, style } }: ImageRequest): string {
  return `A ${style ?? 'vivid'} and detailed picture: ${prompt}`;
}
