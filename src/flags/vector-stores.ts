import { usageError } from '../errors.ts';
import { duration, type ReadValue } from './values.ts';

const DAY_MS = 86_400_000;

/** Days (OpenAPI `VectorStoreExpirationAfter`). */
const MOST_DAYS = 365;

/** Whole days, written as a duration: `7d`, up to a year. */
export const days: ReadValue<number> = (text, flag) => {
  const count = duration(text, flag) / DAY_MS;
  if (Number.isInteger(count) && count <= MOST_DAYS) return count;
  throw usageError(`${flag} ${text} is not a number of whole days from 1d to ${MOST_DAYS}d`);
};
