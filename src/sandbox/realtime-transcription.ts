import { sleep } from '../context.ts';
import type { SandboxState } from './call.ts';
import { SERVER_ERROR } from './error-answer.ts';
import type { ResponseStep } from './realtime-response.ts';
import { deltasOf, tokensOf } from './tokens.ts';

/** The transcript of a turn that is to be told. */
export interface TranscriptPlan {
  readonly itemId: string;
  readonly text: string;
  /** What was told of it while it was said. */
  readonly told: string;
  readonly seconds: number;
  /** Pieces of transcripts that were sent before. */
  readonly sent: number;
}

/**
 * The events with which a turn is written down, in their order. After all faults but `garbled` there are no more.
 * @param ended nobody listens any more
 */
export async function* transcriptionSteps(
  { itemId, text, told, seconds, sent }: TranscriptPlan,
  { faults, clock }: Pick<SandboxState, 'faults' | 'clock'>,
  ended: AbortSignal,
): AsyncGenerator<ResponseStep> {
  const place = { item_id: itemId, content_index: 0 };
  const transcript = faults.say === 'empty' ? '' : text;
  const rest = transcript.slice(told.length);
  let due = faults.stream;
  let counted = sent;
  for (const tokens of [...deltasOf(tokensOf(rest)), undefined]) {
    await new Promise((resolve) => setImmediate(resolve));
    if (faults.delay !== undefined) await sleep(clock, faults.delay, ended).catch(() => {});
    if (ended.aborted) return;
    if (due !== undefined && (counted >= due.after || tokens === undefined)) {
      if (due.kind === 'error') {
        const error = { type: SERVER_ERROR.type, message: SERVER_ERROR.message };
        yield { event: { type: 'conversation.item.input_audio_transcription.failed', ...place, error } };
        return;
      }
      yield { fault: due.kind };
      if (due.kind !== 'garbled') return;
      due = undefined;
    }
    if (tokens === undefined) break;
    counted += 1;
    const delta = tokens.join('');
    yield { event: { type: 'conversation.item.input_audio_transcription.delta', ...place, delta } };
  }
  yield {
    event: {
      type: 'conversation.item.input_audio_transcription.completed',
      ...place,
      transcript,
      usage: { type: 'duration', seconds },
    },
  };
}
