import type { OpenAI } from 'openai';
import type { Context } from '../context.ts';
import type { Api } from './client.ts';
import { Exchange } from './exchange.ts';
import { notAnAnswer } from './stream.ts';

export type SpeechRequest = OpenAI.Audio.Speech.SpeechCreateParams;

/**
 * Asks for speech: resolves when the answer's head is here, so that a try that fails before it is made again.
 * @returns the sound, as its bytes come; what ends it early is thrown there, and `Api.failure` has the words for it
 * @throws Failure or Stopped
 */
export function openSpeech(
  api: Api,
  request: SpeechRequest,
  context: Context,
): Promise<AsyncIterable<Uint8Array>> {
  return api.call((client, { signal }) => ask(client, request, api, context, signal));
}

/** The whole sound: a connection that is lost on the way is a try that is made again. @throws Failure or Stopped */
export function readSpeech(api: Api, request: SpeechRequest, context: Context): Promise<Uint8Array> {
  return api.call(async (client, { signal }) => {
    const pieces: Uint8Array[] = [];
    for await (const piece of await ask(client, request, api, context, signal)) pieces.push(piece);
    return Buffer.concat(pieces);
  });
}

async function ask(
  client: OpenAI,
  request: SpeechRequest,
  api: Api,
  context: Context,
  signal: AbortSignal,
): Promise<AsyncIterable<Uint8Array>> {
  const exchange = new Exchange('the speech', api.settings.stallTimeout, context.clock, signal);
  const response = await exchange.open((signal) =>
    client.audio.speech.create(request, { signal }).asResponse(),
  );
  if (response.body === null || isText(response)) {
    exchange.close();
    throw notAnAnswer(api, 'speech');
  }
  return exchange.pieces(response.body);
}

/** Servers leave the type of sound out, or get it wrong; no sound is JSON. */
function isText({ headers }: Response): boolean {
  return /^(?:text\/|application\/json)/i.test(headers.get('content-type') ?? '');
}
