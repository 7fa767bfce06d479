import { readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Context } from '../context.ts';
import { errno } from '../errors.ts';
import { isObject } from '../json.ts';
import { writeFileAtomic } from '../output/files.ts';
import { makeFolders } from '../output/folders.ts';
import { cacheFolder } from './paths.ts';

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
  const path = durationsPath(context);
  if (path === undefined) return undefined;
  const durations = await readDurations(path).catch(() => undefined);
  const sorted = [...(durations?.get(kind) ?? [])].sort((a, b) => a - b);
  const [low, high] = [sorted[Math.floor((sorted.length - 1) / 2)], sorted[Math.floor(sorted.length / 2)]];
  return low === undefined || high === undefined ? undefined : (low + high) / 2;
}

/**
 * Remembers how long a thing of this kind took, in ms. What cannot be written is not remembered: it is a cache.
 */
export async function noteDuration(context: Place, kind: string, ms: number): Promise<void> {
  const path = durationsPath(context);
  if (path === undefined || !isDuration(ms)) return;
  try {
    const durations = await readDurations(path);
    const known = durations.get(kind) ?? [];
    // Taken out first, so that it comes last.
    durations.delete(kind);
    durations.set(kind, [...known, Math.round(ms)].slice(-REMEMBERED));
    await makeFolders(dirname(path), 0o700);
    const text = JSON.stringify(Object.fromEntries([...durations].slice(-MOST_KINDS)), null, 2);
    await writeFileAtomic(path, `${text}\n`, { mode: 0o600, force: true });
  } catch {
    // The next one may be.
  }
}

function durationsPath(place: Place): string | undefined {
  const folder = cacheFolder(place);
  return folder === undefined ? undefined : join(folder, 'durations.json');
}

/**
 * What the file holds; nothing where there is none, or where it is garbled.
 * @throws a system error where it cannot be read; Error where it is no file of ours (to read a pipe would wait)
 */
async function readDurations(path: string): Promise<Durations> {
  try {
    const found = await stat(path);
    if (!found.isFile() || found.size > MOST_BYTES) throw new Error(`${path} is not ours`);
    return durationsIn(await readFile(path, 'utf8'));
  } catch (error) {
    if (errno(error) === 'ENOENT') return new Map();
    throw error;
  }
}

function durationsIn(text: string): Durations {
  const durations: Durations = new Map();
  const content = parsed(text);
  for (const [kind, times] of Object.entries(isObject(content) ? content : {})) {
    if (Array.isArray(times)) durations.set(kind, times.filter(isDuration));
  }
  return durations;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isDuration(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value > 0;
}
