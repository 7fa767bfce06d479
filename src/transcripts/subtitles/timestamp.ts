/** A time that a subtitle file can hold: whole milliseconds from the beginning. */
export function milliseconds(seconds: number): number {
  return Number.isFinite(seconds) ? Math.max(0, Math.round(seconds * 1000)) : 0;
}

/**
 * A time as `HH:MM:SS,mmm`; from 100 hours on, hours have three digits. WebVTT may leave hours out, but need not:
 * with them, every line of every file has the same shape, and sorts as text.
 * @param mark what is before the milliseconds: `,` in SubRip, `.` in WebVTT
 */
export function timestamp(milliseconds: number, mark: ',' | '.'): string {
  const hours = Math.floor(milliseconds / 3_600_000);
  const minutes = Math.floor(milliseconds / 60_000) % 60;
  const seconds = Math.floor(milliseconds / 1000) % 60;
  const clock = [hours, minutes, seconds].map((part) => String(part).padStart(2, '0')).join(':');
  return `${clock}${mark}${String(milliseconds % 1000).padStart(3, '0')}`;
}

/** Hours may be missing, as in WebVTT, and the fraction may be of one to three digits, after either mark. */
const TIMES =
  /^\s*(?:(\d+):)?(\d{1,2}):(\d{1,2})(?:[.,](\d{1,3}))?[ \t]*-->[ \t]*(?:(\d+):)?(\d{1,2}):(\d{1,2})(?:[.,](\d{1,3}))?(?:\s.*)?$/;

/** The times of a line `00:00:01,500 --> 00:00:04,000 …`, in seconds; undefined where it is no such line. */
export function readTimes(line: string): { start: number; end: number } | undefined {
  const found = TIMES.exec(line);
  if (found === null) return undefined;
  return { start: seconds(found.slice(1, 5)), end: seconds(found.slice(5, 9)) };
}

function seconds([hours = '0', minutes, whole, fraction = '0']: readonly (string | undefined)[]): number {
  const inMilliseconds = Number(fraction.padEnd(3, '0'));
  return (
    (Number(hours) * 3_600_000 + Number(minutes) * 60_000 + Number(whole) * 1000 + inMilliseconds) / 1000
  );
}
