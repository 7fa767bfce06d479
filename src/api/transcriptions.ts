import type { OpenAI } from 'openai';
import type { Uploadable } from 'openai/core/uploads';
import type { Clock } from '../context.ts';
import { isObject, type JsonObject } from '../json.ts';
import type { Api, CallOptions } from './client.ts';
import { sentFile } from './sent-file.ts';
import { type AnswerStream, notAnAnswer, openStream } from './stream.ts';
import type { StreamedUpload } from './uploads.ts';

/** The fields of a request for a transcription or a translation, but for its file and how it is answered. */
export type TranscriptionFields = JsonObject & { readonly model: string };

/** What all answers have in common: of `json`, `verbose_json` and `diarized_json`. */
export type TranscriptionAnswer = JsonObject & { readonly text: string };

/** What a streamed answer tells: pieces of text, segments of a speaker, then the whole. */
export type TranscriptionEvent = OpenAI.Audio.TranscriptionStreamEvent;

/** A request for what is said in a sound. */
export interface TranscriptionCall {
  readonly endpoint: 'transcriptions' | 'translations';
  readonly sound: StreamedUpload;
  readonly fields: TranscriptionFields;
}

const KIND = 'a transcript';

/** Asks for a transcript and waits for all of it. @throws Failure or Stopped */
export function transcribe(api: Api, call: TranscriptionCall): Promise<TranscriptionAnswer> {
  return api.call(async (client, options) =>
    checkedAnswer(
      await sentFile(call.sound, api, (file) => send(client, call, bodyOf(call, file), options)),
      api,
    ),
  );
}

/**
 * Asks for a transcript that comes as it is recognised: resolves when its first piece is here.
 * @throws Failure or Stopped
 */
export function streamTranscript(
  api: Api,
  call: TranscriptionCall,
  clock: Clock,
): Promise<AnswerStream<TranscriptionEvent>> {
  return openStream<TranscriptionEvent>(api, clock, {
    kind: KIND,
    // A long sound is listened to before its first word is told.
    slow: true,
    send: (client, options) =>
      sentFile(call.sound, api, (file) =>
        client.audio.transcriptions.create({ ...bodyOf(call, file), stream: true }, options).asResponse(),
      ),
    whole: (answer) => [
      { ...checkedAnswer(answer, api), type: 'transcript.text.done' } as unknown as TranscriptionEvent,
    ],
  });
}

type Body = Parameters<OpenAI['audio']['transcriptions']['create']>[0];

function bodyOf({ fields }: TranscriptionCall, file: Uploadable): Body {
  return { file, ...fields } as Body;
}

function send(
  client: OpenAI,
  { endpoint }: TranscriptionCall,
  body: Body,
  options: CallOptions,
): Promise<unknown> {
  if (endpoint === 'transcriptions') return client.audio.transcriptions.create(body, options);
  return client.audio.translations.create(
    body as Parameters<typeof client.audio.translations.create>[0],
    options,
  );
}

/** What came with status 200 may still be anything; some servers answer with the text alone. @throws Failure (network) */
function checkedAnswer(answer: unknown, api: Api): TranscriptionAnswer {
  if (typeof answer === 'string') return { text: answer.trimEnd() };
  if (!isObject(answer) || typeof answer['text'] !== 'string') throw notAnAnswer(api, KIND);
  return { ...answer, text: answer['text'] };
}
