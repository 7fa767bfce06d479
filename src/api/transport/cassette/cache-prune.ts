import { readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The most that the cache may hold, in bytes; what is above it goes, the oldest first, and some more. */
const MOST_BYTES = 512 * 1024 * 1024;
const BYTES_LEFT = 384 * 1024 * 1024;

/** What is older is never asked for, in ms: a month, or as long as answers are good for. */
const OLD_MS = 30 * 86_400_000;

/** A file that is being written; one so old, in ms, was left by a run that was killed. */
const LEFT_MS = 86_400_000;

/** How often the cache is looked through, in ms; and after how many bytes of one run. */
const LOOK_MS = 3_600_000;
const LOOK_BYTES = 64 * 1024 * 1024;

/** Its age says when the last look was. */
const MARK = '.pruned';

/** What a run knows of the cache. */
export interface Moment {
  /** How old an answer may be, in ms. */
  readonly ttl: number;
  /** Ms since 1970. */
  readonly now: number;
  /** Bytes that the run has written since it looked. */
  readonly written: number;
}

/** Looks through the cache now and then: to do so takes long where it is large. @returns whether it did */
export function pruneIfDue(folder: string, { ttl, now, written }: Moment): boolean {
  const mark = join(folder, MARK);
  const marked = statSync(mark, { throwIfNoEntry: false })?.mtimeMs;
  const isRecent = marked !== undefined && Math.abs(now - marked) < LOOK_MS;
  if (isRecent && written < LOOK_BYTES) return false;
  // Marked first: another run that writes just now need not look as well.
  writeFileSync(mark, '', { mode: 0o600 });
  utimesSync(mark, new Date(now), new Date(now));
  prune(folder, ttl, now);
  return true;
}

interface Entry {
  readonly path: string;
  readonly bytes: number;
  readonly age: number;
}

/**
 * Takes away what the cache need not hold. What cannot be taken away, or is gone already, is no matter.
 * @param ttl how old an answer may be, in ms
 * @param now ms since 1970
 */
export function prune(folder: string, ttl: number, now: number, most = MOST_BYTES, left = BYTES_LEFT): void {
  const entries = entriesOf(folder, now);
  const old = entries.filter(({ path, age }) =>
    path.endsWith('.part') ? age > LEFT_MS : age > Math.max(ttl, OLD_MS),
  );
  old.forEach(remove);
  const kept = entries.filter((entry) => !old.includes(entry)).sort((a, b) => b.age - a.age);
  let bytes = kept.reduce((sum, entry) => sum + entry.bytes, 0);
  if (bytes <= most) return;
  for (const entry of kept) {
    if (bytes <= left) return;
    remove(entry);
    bytes -= entry.bytes;
  }
}

function entriesOf(folder: string, now: number): Entry[] {
  const names = readdirSync(folder).filter((name) => name !== MARK);
  return names.flatMap((name) => {
    const path = join(folder, name);
    try {
      const { size, mtimeMs } = statSync(path);
      return [{ path, bytes: size, age: now - mtimeMs }];
    } catch {
      return [];
    }
  });
}

function remove({ path }: Entry): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // It will be tried again.
  }
}
