import { mkdtempSync, rmSync } from 'node:fs';
import { reasonOf, usageError } from '../errors.ts';

/** A folder of this run alone, which nobody else may look into (mode 0700: mkdtemp(3)). */
export interface TemporaryFolder {
  /** Absolute. */
  readonly path: string;
  /** Deletes it with all that is in it; a second time does nothing. */
  dispose(): Promise<void>;
}

/** Those that are there now. */
const folders = new Set<string>();

/**
 * Makes a folder, which is gone at the end of the run at the latest.
 * @throws Failure (usage) where there can be none
 */
export async function temporaryFolder(): Promise<TemporaryFolder> {
  const [{ tmpdir }, { rm }, { join, resolve }] = await Promise.all([
    import('node:os'),
    import('node:fs/promises'),
    import('node:path'),
  ]);
  try {
    // At once: there is no moment at which it is there and not known.
    const path = mkdtempSync(resolve(join(tmpdir(), 'oai-')));
    folders.add(path);
    return {
      path,
      async dispose() {
        if (!folders.has(path)) return;
        // What cannot be deleted now is tried once more at the end.
        await rm(path, { recursive: true, force: true }).then(
          () => folders.delete(path),
          () => {},
        );
      },
    };
  } catch (error) {
    throw usageError(
      `cannot make a temporary folder in ${tmpdir()}: ${reasonOf(error)}`,
      'TMPDIR=… names another one',
      error,
    );
  }
}

/** How often a folder in which a program that is just ending still writes is tried. */
const TRIES = 3;

/** Deletes all that are left, at once: for the end of the process, however it comes, when nothing can be awaited. */
export function disposeAll(): void {
  for (const path of folders) {
    for (let tries = 0; tries < TRIES && folders.has(path); tries++) {
      try {
        rmSync(path, { recursive: true, force: true });
        folders.delete(path);
      } catch {
        // There is nobody left to be told.
      }
    }
  }
}
