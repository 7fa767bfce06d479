/** A time for people, in their own time zone: `2026-11-21 17:40`. @param time ms since 1970 */
export function timeText(time: number): string {
  const date = new Date(time);
  const two = (value: number) => String(value).padStart(2, '0');
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** The day of a time, in the user's own time zone: `2026-11-21`. @param time ms since 1970 */
export function dayText(time: number): string {
  return timeText(time).slice(0, 10);
}

const UNITS: readonly (readonly [ms: number, unit: string])[] = [
  [86_400_000, 'day'],
  [3_600_000, 'hour'],
  [60_000, 'minute'],
];

/** How long ago something was: `5 minutes ago`. @param time ms */
export function agoText(time: number): string {
  const [ms, unit] = UNITS.find(([ms]) => time >= ms) ?? [0, ''];
  if (ms === 0) return 'just now';
  const count = Math.floor(time / ms);
  return `${count} ${unit}${count === 1 ? '' : 's'} ago`;
}
