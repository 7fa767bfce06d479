import type { HeardAudio } from './audio-decode.ts';
import { audioOf, checkSize, readAudio } from './audio-input.ts';
import { type Call, requestId, type SandboxState } from './call.ts';
import { invalidRequest, policyViolation } from './error-answer.ts';
import { eventStream } from './event-stream.ts';
import { type FormShape, readForm } from './multipart.ts';
import { missing } from './request-check.ts';
import { type Transcript, transcriptOf } from './transcript.ts';
import { transcriptAnswer, translationAnswer } from './transcript-answer.ts';
import {
  readTranscriptionRequest,
  readTranslationRequest,
  TRANSCRIPTION_FORM,
  TRANSLATION_FORM,
  type TranscriptionRequest,
} from './transcription-request.ts';
import { transcriptionSteps } from './transcription-stream.ts';
import { inEnglish } from './translation-gloss.ts';

/** Seconds: the API's reference, `chunking_strategy`. */
const LONGEST_UNCHUNKED = 30;
/** Seconds: the API's reference, `known_speaker_references`. */
const REFERENCE = { shortest: 2, longest: 10 };

/**
 * `POST /audio/transcriptions`.
 * @throws ApiError as the API refuses requests
 */
export async function answerTranscription(call: Call, state: SandboxState): Promise<Response> {
  const { faults, clock, models } = state;
  const [request, transcript] = await heard(call, state, TRANSCRIPTION_FORM, (fields) =>
    readTranscriptionRequest(fields, models),
  );
  if (!request.isStream || !request.traits.streams || faults.plain)
    return transcriptAnswer(request, transcript);
  const pace = { clock, delay: faults.delay, signal: call.signal, batch: 0 };
  return new Response(eventStream(transcriptionSteps(request, transcript, faults.stream), pace), {
    headers: { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' },
  });
}

/**
 * `POST /audio/translations`.
 * @throws ApiError as the API refuses requests
 */
export async function answerTranslation(call: Call, state: SandboxState): Promise<Response> {
  const [request, transcript] = await heard(call, state, TRANSLATION_FORM, (fields) =>
    readTranslationRequest(fields, state.models),
  );
  const words = state.faults.untranslated ? transcript.words : inEnglish(transcript.words);
  return translationAnswer(request, { ...transcript, words });
}

/** The request, checked, and what is said in its file. */
async function heard(
  call: Call,
  { faults }: SandboxState,
  shape: FormShape,
  read: (fields: Awaited<ReturnType<typeof readForm>>['fields']) => TranscriptionRequest,
): Promise<[TranscriptionRequest, Transcript]> {
  checkSize(call);
  const { fields, files } = await readForm(call, shape);
  const request = read(fields);
  const audio = await readAudio(files, call.signal);
  checkChunking(request, audio);
  await checkReferences(request, call.signal);
  if (faults.say === 'refusal') throw policyViolation(requestId(call));
  return [request, transcriptOf(faults.say === 'empty' ? { ...audio, pieces: [] } : audio)];
}

function checkChunking({ traits, isChunked }: TranscriptionRequest, { seconds }: HeardAudio): void {
  if (traits.hasSpeakers && !isChunked && seconds > LONGEST_UNCHUNKED) throw missing('chunking_strategy');
}

async function checkReferences({ references }: TranscriptionRequest, signal: AbortSignal): Promise<void> {
  for (const [index, reference] of references.entries()) {
    const path = `known_speaker_references[${index}]`;
    const [, data] = /^data:[^,]*;base64,([\w+/=-]+)$/i.exec(reference) ?? [];
    if (data === undefined) {
      throw invalidRequest(`Invalid '${path}': expected a base64-encoded data URL.`, path, 'invalid_value');
    }
    const { seconds } = await audioOf(Buffer.from(data, 'base64'), path, signal);
    if (seconds >= REFERENCE.shortest && seconds <= REFERENCE.longest) continue;
    throw invalidRequest(
      `Invalid '${path}': expected audio of ${REFERENCE.shortest} to ${REFERENCE.longest} seconds, but got ${seconds.toFixed(1)} seconds instead.`,
      path,
      'invalid_value',
    );
  }
}
