import { Failure, Stopped } from '../errors.ts';
import { warn } from '../output/messages.ts';
import { type Ears, type Heard, type Hearing, hear } from '../transcripts/hear.ts';
import type { Recording } from '../transcripts/opened-input.ts';
import type { TranscriptPlan } from '../transcripts/request.ts';
import { noteSilence } from '../transcripts/transcript.ts';
import { isVisiblyForeign } from './not-english.ts';
import type { Route } from './plan.ts';

/** How speech is heard, one way or the other. */
export interface Hearings {
  readonly route: Route;
  /** How it is sent to the endpoint for translations. */
  readonly endpoint: Hearing;
  /** How it is written down. @throws Failure (usage) where it cannot be, in the form that is wanted */
  transcript(): TranscriptPlan;
}

/** A part of what is said. */
export interface Spoken extends Heard {
  /** It is in English, as it is wanted. */
  readonly isTranslated: boolean;
}

/**
 * What is said in a recording, part by part; in English where the endpoint gives that.
 * @throws Failure or Stopped, after what came before
 */
export async function* spokenParts(
  recording: Recording,
  hearings: Hearings,
  ears: Ears,
): AsyncGenerator<Spoken> {
  let isSilent = true;
  for await (const part of heardParts(recording, hearings, ears)) {
    if (part.answer.text.trim() !== '') isSilent = false;
    yield part;
  }
  if (isSilent) noteSilence(recording, ears.context);
}

async function* heardParts(recording: Recording, hearings: Hearings, ears: Ears): AsyncGenerator<Spoken> {
  const { route } = hearings;
  if (route.via === 'translations') {
    let begun = false;
    try {
      for await (const part of translatedSpeech(recording, hearings, ears)) {
        begun = true;
        yield part;
      }
      return;
    } catch (error) {
      if (begun || !isGone(error) || !route.giveWay(ears.context)) throw error;
    }
  }
  yield* writtenDown(recording, hearings, ears);
}

async function* translatedSpeech(
  recording: Recording,
  { endpoint }: Hearings,
  ears: Ears,
): AsyncGenerator<Spoken> {
  let isSaid = false;
  for await (const { answer, place } of hear(recording, endpoint, ears)) {
    const isForeign = isVisiblyForeign(answer.text);
    if (isForeign && !isSaid) {
      warn(
        ears.context,
        `${recording.name}: the translation is not in English; it goes through chat as well`,
      );
    }
    isSaid ||= isForeign;
    yield { answer, place, isTranslated: !isForeign };
  }
}

function isGone(error: unknown): boolean {
  return error instanceof Failure && (error.code === 'model_not_found' || error.status === 410);
}

async function* writtenDown(recording: Recording, hearings: Hearings, ears: Ears): AsyncGenerator<Spoken> {
  const { fields, limits, explain } = hearings.transcript();
  const hearing: Hearing = { fields, limits, endpoint: 'transcriptions', speakers: [] };
  try {
    for await (const heard of hear(recording, hearing, ears)) yield { ...heard, isTranslated: false };
  } catch (error) {
    if (error instanceof Stopped && error.by === 'dry run') {
      warn(ears.context, 'what is heard there is then translated by /chat/completions: not shown');
    }
    throw explain(error);
  }
}
