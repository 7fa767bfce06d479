import { Failure } from '../errors.ts';

/** A failure of the sandbox itself: told as what it is, so that nobody looks for it in the network. */
export function crash(error: unknown): Failure {
  if (error instanceof Failure) return error;
  const reason = error instanceof Error ? error.message : String(error);
  return new Failure('bug', `the sandbox failed: ${reason}`, { cause: error });
}
