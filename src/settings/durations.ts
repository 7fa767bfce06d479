import type { Context } from '../context.ts';
import { isObject } from '../json.ts';
import { CacheFile } from './cache-file.ts';

type Place = Pick<Context, 'env' | 'cwd' | 'home'>;

/** How many durations of one kind are remembered: the newest. */
const REMEMBERED = 5;
/** How many kinds are remembered: those that were noted last. */
const MOST_KINDS = 50;
/** More than the file can have grown to, in bytes. */
const MOST_BYTES = 100_000;

/** Durations in ms by kind, both from the oldest to the newest. */
type Durations = Map<string, readonly number[]>;

/**
 * How long a thing of this kind may take, in ms: the median of the last few times.
 * @param kind e.g. `image gpt-image-2.5-sunburst high 1024x1024`
 * @returns undefined where nothing is known, or can be read
 */
export async function readEstimate(context: Place, kind: string): Promise<number | undefined> {
  const durations = await fileIn(context)
    ?.read()
    .then(durationsIn)
    .catch(() => undefined);
  const sorted = [...(durations?.get(kind) ?? [])].sort((a, b) => a - b);
  const [low, high] = [sorted[Math.floor((sorted.length - 1) / 2)], sorted[Math.floor(sorted.length / 2)]];
  return low === undefined || high === undefined ? undefined : (low + high) / 2;
}

/**
 * Remembers how long a thing of this kind took, in ms. What cannot be written is not remembered: it is a cache.
 */
export async function noteDuration(context: Place, kind: string, ms: number): Promise<void> {
  const file = fileIn(context);
  if (file === undefined || !isDuration(ms)) return;
  try {
    const durations = durationsIn(await file.read());
    const known = durations.get(kind) ?? [];
    // Taken out first, so that it comes last.
    durations.delete(kind);
    durations.set(kind, [...known, Math.round(ms)].slice(-REMEMBERED));
    await file.write(Object.fromEntries([...durations].slice(-MOST_KINDS)));
  } catch {
    // The next one may be.
  }
}

function fileIn(place: Place): CacheFile | undefined {
  return CacheFile.called('durations.json', MOST_BYTES, place);
}

function durationsIn(content: unknown): Durations {
  const durations: Durations = new Map();
  for (const [kind, times] of Object.entries(isObject(content) ? content : {})) {
    if (Array.isArray(times)) durations.set(kind, times.filter(isDuration));
  }
  return durations;
}

function isDuration(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value > 0;
}
