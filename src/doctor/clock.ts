import type { Context } from '../context.ts';
import { broken, type Finding, ok, skipped, warning } from './finding.ts';

/** A `Date` header has whole seconds, and was on its way: less than this many ms says nothing. */
const NOTABLE_MS = 30_000;
/** From here on tokens, signatures and certificates are refused: the usual limit of such checks (RFC 4120, 5.2.2), in ms. */
const TOO_MUCH_MS = 300_000;

const SECOND_MS = 1000;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

/** Compares the clock of this machine with that of the server, which says the time with each answer. */
export function examineClock(headers: Headers, { clock }: Pick<Context, 'clock'>): Finding {
  const date = Date.parse(headers.get('date') ?? '');
  if (Number.isNaN(date)) return skipped('clock', 'the server does not say what time it is');
  // An answer from a cache says how old it is, in seconds.
  const age = Number(headers.get('age') ?? 0) * SECOND_MS;
  const skew = clock.now() - (date + (Number.isFinite(age) ? age : 0));
  const details = { skew_ms: skew };
  if (Math.abs(skew) < NOTABLE_MS) return ok('clock', 'as the server has it', details);
  const message = `this machine is ${roughly(Math.abs(skew))} ${skew > 0 ? 'ahead of' : 'behind'} the server`;
  const advice = 'set the clock: `timedatectl set-ntp true`, or `ntpdate pool.ntp.org`';
  return Math.abs(skew) < TOO_MUCH_MS
    ? warning('clock', message, advice, details)
    : broken('clock', message, advice, details);
}

/** A length of time in whole numbers of the unit that fits. @param ms */
function roughly(ms: number): string {
  const units = [
    ['day', DAY_MS],
    ['hour', HOUR_MS],
    ['minute', MINUTE_MS],
  ] as const;
  const [unit, size] = units.find(([, size]) => ms >= 0.95 * size) ?? ['second', SECOND_MS];
  const count = Math.round(ms / size);
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}
