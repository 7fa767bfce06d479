import { temporaryFolder } from '../output/temporary.ts';
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
  const folder = await temporaryFolder();
  const dispose = () => folder.dispose();
  try {
    return { parts: await work(folder.path), dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}
