import type { FileHandle } from 'node:fs/promises';
import { usageError } from '../errors.ts';
import type { PartLimits, SplitRequest, Surroundings } from './audio-part.ts';
import { type AudioKind, audioKind, START_BYTES } from './containers.ts';
import { readAt, withFile } from './file-pieces.ts';

/** A file of audio that is to be split, and open. */
export interface OpenAudio {
  readonly request: SplitRequest;
  readonly kind: AudioKind;
  readonly handle: FileHandle;
}

/**
 * Opens a file of audio for some work, looks at what kind it is, and closes it after.
 * @param path absolute
 * @param name what errors call the file, and parts are named after
 * @throws Failure (usage) when it cannot be read or is of no kind that is known; the reason of the signal; what the work
 *   throws
 */
export function withAudio<T>(
  path: string,
  name: string,
  limits: PartLimits,
  { signal }: Surroundings,
  work: (audio: OpenAudio) => Promise<T>,
): Promise<T> {
  return withFile({ path, name, signal }, async (handle) => {
    const { size } = await handle.stat();
    const request = { path, name, signal, size, limits };
    const kind = audioKind(await readAt(handle, request, 0, START_BYTES));
    if (kind === undefined) throw usageError(`${name} is no audio that is known here`);
    return work({ request, kind, handle });
  });
}
