import { usageError } from '../errors.ts';
import { duration, durationText, type ReadValue } from './values.ts';

/** Seconds that the API can be told to keep a file (OpenAPI `FileExpirationAfter`, `BatchFileExpirationAfter`). */
const LEAST = 3600;
const MOST = 2_592_000;

/** How long the API is to keep a file, in whole seconds. */
export const lifetime: ReadValue<number> = (value, flag) => {
  const seconds = duration(value, flag) / 1000;
  if (Number.isInteger(seconds) && seconds >= LEAST && seconds <= MOST) return seconds;
  throw usageError(
    `${flag} ${value} is not from ${durationText(1000 * LEAST)} to ${durationText(1000 * MOST)}`,
  );
};
