import { open, readFile, rm } from 'node:fs/promises';
import type { Context } from '../context.ts';
import { errno, reasonOf, usageError } from '../errors.ts';

/**
 * Sees to it that two runs do not write one file: `NAME.lock` is there while one does, with the number of its process.
 * That of a run that was killed is no obstacle.
 * @param path absolute
 * @param name what errors call it
 * @returns takes the lock away
 * @throws Failure (usage) where another run has it
 */
export async function lockFile(path: string, name: string, context: Context): Promise<() => Promise<void>> {
  const lock = `${path}.lock`;
  for (let tries = 1; ; tries++) {
    try {
      const handle = await open(lock, 'wx');
      await handle.writeFile(`${context.pid}\n`);
      await handle.close();
      return () => rm(lock, { force: true }).catch(() => {});
    } catch (error) {
      if (errno(error) !== 'EEXIST')
        throw usageError(`cannot write ${name}: ${reasonOf(error)}`, undefined, error);
    }
    const holder = Number(await readFile(lock, 'utf8').catch(() => ''));
    if (tries > 1 || (holder > 0 && context.isRunning(holder))) {
      throw usageError(`another run is writing ${name}`, `if none is, delete ${lock}`);
    }
    await rm(lock, { force: true });
  }
}
