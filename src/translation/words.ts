import { Failure } from '../errors.ts';

/**
 * A failure to write speech down, with the flag that chooses the model for that here: `-m` is for the one that
 * translates.
 */
export function ofTranscribing(error: unknown): unknown {
  if (!(error instanceof Failure) || error.hint === undefined) return error;
  const { kind, message, code, status, requestId } = error;
  const hint = error.hint.replace(/(?<!\S)-m(?![\w-])/g, '--transcribe-model');
  return new Failure(kind, message, { hint, code, status, requestId, cause: error });
}

/** @throws what the work throws, in these words */
export function transcribing<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw ofTranscribing(error);
  }
}
