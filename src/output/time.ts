/** Seconds since 1970, as the API tells times, as a time of UTC: `2026-11-21 12:00`; null where it is none. */
export function timeText(seconds: unknown): string | null {
  const time = new Date(typeof seconds === 'number' ? seconds * 1000 : Number.NaN);
  return Number.isNaN(time.getTime()) ? null : time.toISOString().slice(0, 16).replace('T', ' ');
}

/** How long something may still take, for people: `40 s left`. @param seconds */
export function timeLeft(seconds: number): string {
  if (seconds < 90) return `${Math.round(seconds)} s left`;
  return seconds < 5400 ? `${Math.round(seconds / 60)} min left` : `${(seconds / 3600).toFixed(1)} h left`;
}

/** A time for people, in whole seconds: `12 s`, `1 min 5 s`; from an hour on in minutes: `2 h 5 min`. @param ms */
export function secondsText(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  if (seconds >= 3600) return inTwo(Math.round(seconds / 60), 60, 'h', 'min');
  return inTwo(seconds, 60, 'min', 's');
}

function inTwo(count: number, size: number, large: string, small: string): string {
  const rest = count % size;
  return `${Math.floor(count / size)} ${large}${rest === 0 ? '' : ` ${rest} ${small}`}`;
}
