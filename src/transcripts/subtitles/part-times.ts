import { columnsOf } from './columns.ts';
import type { Timed } from './cue.ts';
import type { SpokenWords } from './spoken-words.ts';

/** Seconds: the least that either format can tell. */
const SHORTEST = 0.001;

/**
 * Shares a time out among the parts of the text that is said in it: by when their words are said, else in proportion
 * to their widths. They follow each other, within that time, and none is of no length where it has room for all. A
 * pause that leaves no room for a part is left out.
 */
export function partTimes(parts: readonly string[], time: Timed, words: SpokenWords | undefined): Timed[] {
  const end = Math.max(time.start, time.end);
  const pauses = words?.pauses(parts, { start: time.start, end }) ?? [];
  const times: Timed[] = [];
  let from = time.start;
  for (let next = 1; next < parts.length; next++) {
    const pause = pauses[next - 1];
    const roomBefore = SHORTEST * (next - times.length);
    const roomAfter = SHORTEST * (parts.length - next);
    if (pause === undefined || pause.end < pause.start) continue;
    if (pause.start - from < roomBefore || end - pause.end < roomAfter) continue;
    times.push(...inProportion(parts.slice(times.length, next), from, pause.start));
    from = pause.end;
  }
  return [...times, ...inProportion(parts.slice(times.length), from, end)];
}

function inProportion(parts: readonly string[], start: number, end: number): Timed[] {
  const widths = parts.map((part) => Math.max(1, columnsOf(part)));
  const whole = widths.reduce((sum, width) => sum + width, 0);
  let passed = 0;
  let from = start;
  return widths.map((width) => {
    passed += width;
    const to = passed === whole ? end : start + ((end - start) * passed) / whole;
    const time = { start: from, end: to };
    from = to;
    return time;
  });
}
