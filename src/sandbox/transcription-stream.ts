import { event, type Step } from './event-stream.ts';
import type { StreamFault } from './faults.ts';
import { faultySteps } from './stream-fault.ts';
import { deltasOf, tokensOf } from './tokens.ts';
import { type Transcript, textOf } from './transcript.ts';
import { logprobsFor, speakerSegments, told, usageOf } from './transcript-answer.ts';
import type { TranscriptionRequest } from './transcription-request.ts';

/** An event that breaks off. */
const GARBLED = event('{"type":"transcript.text.');

/** A streamed transcript: its deltas, with speakers a segment after those of each; then the whole. */
export function transcriptionSteps(
  request: TranscriptionRequest,
  transcript: Transcript,
  fault: StreamFault | undefined,
): AsyncGenerator<Step> {
  const { words } = transcript;
  const done = stepOf('event', {
    type: 'transcript.text.done',
    ...told(request, words),
    usage: usageOf(request, transcript),
  });
  const { hasSpeakers } = request.traits;
  const deltas = hasSpeakers ? spoken(request, transcript) : textDeltas(request, textOf(words));
  return faultySteps(deltas, [done], fault, GARBLED);
}

function* spoken(request: TranscriptionRequest, { words }: Transcript): Generator<Step> {
  for (const { text, segment } of speakerSegments(request, words)) {
    yield* textDeltas(request, text, { segment_id: segment.id });
    if (request.format === 'diarized_json') yield stepOf('event', segment);
  }
}

function* textDeltas(
  { withLogprobs }: TranscriptionRequest,
  text: string,
  fields: object = {},
): Generator<Step> {
  for (const tokens of deltasOf(tokensOf(text))) {
    yield stepOf('delta', {
      type: 'transcript.text.delta',
      delta: tokens.join(''),
      ...fields,
      ...(withLogprobs && { logprobs: logprobsFor(tokens) }),
    });
  }
}

function stepOf(kind: 'event' | 'delta', data: object): Step {
  return { kind, text: event(JSON.stringify(data)) };
}
