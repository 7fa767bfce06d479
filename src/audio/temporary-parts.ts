import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { reasonOf, usageError } from '../errors.ts';
import type { AudioPart, AudioParts } from './audio-part.ts';

/**
 * Parts that are made in a temporary folder, which nobody else may look into, and which is deleted with them; at once
 * where the work fails.
 * @param work gets the folder: an absolute path
 * @throws Failure (usage) when there is no room for a folder; what the work throws
 */
export async function inTemporaryFolder(
  work: (folder: string) => Promise<readonly AudioPart[]>,
): Promise<AudioParts> {
  // Of mode 0700: mkdtemp(3).
  const folder = await mkdtemp(resolve(join(tmpdir(), 'oai-'))).catch((error: unknown) => {
    throw usageError(`cannot make a temporary folder in ${tmpdir()}: ${reasonOf(error)}`, undefined, error);
  });
  const dispose = () => rm(folder, { recursive: true, force: true }).catch(() => {});
  try {
    return { parts: await work(folder), dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}
