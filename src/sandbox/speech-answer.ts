import { type Call, jsonBody, requestId, type SandboxState } from './call.ts';
import { policyViolation } from './error-answer.ts';
import { event, eventStream, type Step } from './event-stream.ts';
import type { StreamFault } from './faults.ts';
import { encodeSpeech, speechTypes } from './speech-codec.ts';
import { readSpeechRequest, type SpeechRequest } from './speech-request.ts';
import { CHARACTERS_A_SECOND, pitchOf, speechPcm } from './speech-sound.ts';
import { faultySteps } from './stream-fault.ts';
import { countTokens } from './tokens.ts';

/** What breaks off in the middle of an event; in a file it is bytes that do not belong there. */
const GARBLED = event('{"type":"speech.audio.');

/** Tokens of a second of sound that is made (OpenAI's pricing: a minute of speech is 1,200 or so). */
const TOKENS_A_SECOND = 20;

/**
 * `POST /audio/speech`.
 * @throws ApiError as the API refuses requests
 */
export async function answerSpeech(call: Call, state: SandboxState): Promise<Response> {
  const { faults, clock } = state;
  const request = await readSpeechRequest(jsonBody(call), state.models);
  if (faults.say === 'refusal') throw policyViolation(requestId(call));
  const pieces = faults.say === 'empty' ? [] : spoken(request);
  const isStream = request.isStream && !faults.plain;
  const steps = isStream ? eventSteps(request, pieces, faults.stream) : fileSteps(pieces, faults.stream);
  const type = isStream ? 'text/event-stream; charset=utf-8' : speechTypes[request.format];
  return new Response(eventStream(steps, { clock, delay: faults.delay, signal: call.signal, batch: 0 }), {
    headers: { 'content-type': type, 'cache-control': 'no-cache' },
  });
}

function spoken({ input, voice, speed, format }: SpeechRequest): AsyncGenerator<Uint8Array> {
  return encodeSpeech(speechPcm(input, { pitch: pitchOf(voice), speed }), format);
}

type Pieces = Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

function fileSteps(pieces: Pieces, fault: StreamFault | undefined): AsyncGenerator<Step> {
  async function* steps(): AsyncGenerator<Step> {
    for await (const bytes of pieces) yield { kind: 'piece', bytes };
  }
  return faultySteps(steps(), [], fault, GARBLED);
}

function eventSteps(
  request: SpeechRequest,
  pieces: Pieces,
  fault: StreamFault | undefined,
): AsyncGenerator<Step> {
  async function* deltas(): AsyncGenerator<Step> {
    for await (const bytes of pieces) {
      const audio = Buffer.from(bytes).toString('base64');
      yield { kind: 'delta', text: event(JSON.stringify({ type: 'speech.audio.delta', audio })) };
    }
  }
  const done = { type: 'speech.audio.done', usage: usageOf(request) };
  return faultySteps(deltas(), [{ kind: 'event', text: event(JSON.stringify(done)) }], fault, GARBLED);
}

function usageOf({ input, speed }: SpeechRequest): object {
  const input_tokens = countTokens(input);
  const output_tokens = Math.ceil((input.length / CHARACTERS_A_SECOND / speed) * TOKENS_A_SECOND);
  return { input_tokens, output_tokens, total_tokens: input_tokens + output_tokens };
}
