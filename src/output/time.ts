/** Seconds since 1970, as the API tells times, as a time of UTC: `2026-11-21 12:00`; null where it is none. */
export function timeText(seconds: unknown): string | null {
  const time = new Date(Number(seconds) * 1000);
  return Number.isNaN(time.getTime()) ? null : time.toISOString().slice(0, 16).replace('T', ' ');
}
