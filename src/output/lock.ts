import { link, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import type { Context } from '../context.ts';
import { errno, Failure, reasonOf, usageError } from '../errors.ts';

/** The code of a failure that is another run's lock, and not that there can be none. */
const LOCKED = 'locked';

/** Whether another run has the lock that was asked for. */
export function isLocked(error: unknown): error is Failure {
  return error instanceof Failure && error.code === LOCKED;
}

/** A lock without a number may be one that is just being made; one so old, in ms, was lost with the power. */
const MAKING_MS = 10_000;

/**
 * Sees to it that two runs do not write one file: `NAME.lock` is there while one does, with the number of its process.
 * That of a run that was killed is no obstacle.
 * @param path absolute
 * @param name what errors call it
 * @param doing what two runs may not do with it at once
 * @returns takes the lock away
 * @throws Failure (usage): `isLocked` where another run has it
 */
export async function lockFile(
  path: string,
  name: string,
  context: Context,
  doing = 'writing',
): Promise<() => Promise<void>> {
  const lock = `${path}.lock`;
  for (let tries = 1; ; tries++) {
    try {
      await make(lock, context.pid);
      return () => rm(lock, { force: true }).catch(() => {});
    } catch (error) {
      if (errno(error) !== 'EEXIST')
        throw usageError(`cannot write ${name}: ${reasonOf(error)}`, undefined, error);
    }
    const holder = await holderOf(lock);
    if (tries > 1 || (await isHeld(lock, holder, context)) || !(await takeAway(lock, holder, context.pid))) {
      throw new Failure('usage', `another run is ${doing} ${name}`, {
        hint: `if none is, delete ${lock}`,
        code: LOCKED,
      });
    }
  }
}

/** Makes the lock with the number in it, so that nobody sees it without. @throws a system error: EEXIST where there is one */
async function make(lock: string, pid: number): Promise<void> {
  const own = `${lock}.${pid}`;
  try {
    await writeFile(own, `${pid}\n`);
    await link(own, lock);
  } catch (error) {
    // Some file systems (FAT, some of the network) have no links.
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'].includes(errno(error) ?? '')) throw error;
    const handle = await open(lock, 'wx');
    await handle.writeFile(`${pid}\n`).finally(() => handle.close());
  } finally {
    await rm(own, { force: true }).catch(() => {});
  }
}

/** The number in a lock; 0 where there is none. */
async function holderOf(lock: string): Promise<number> {
  return Number(await readFile(lock, 'utf8').catch(() => '')) || 0;
}

async function isHeld(lock: string, holder: number, { pid, isRunning, clock }: Context): Promise<boolean> {
  if (holder === 0) {
    const made = await stat(lock).catch(() => undefined);
    return made !== undefined && clock.now() - made.mtimeMs < MAKING_MS;
  }
  // In a container each run may have the same number: then it is that of one before us.
  return holder !== pid && isRunning(holder);
}

/** Takes away the lock of a run that is no more. @returns false where another run was quicker, and has a lock now */
async function takeAway(lock: string, holder: number, pid: number): Promise<boolean> {
  const aside = `${lock}.${pid}.old`;
  try {
    // Of two that try at once one alone has it; to delete it could be to delete the new one of the other.
    await rename(lock, aside);
  } catch {
    return true;
  }
  const isIt = (await holderOf(aside)) === holder;
  if (!isIt) await link(aside, lock).catch(() => {});
  // That run may have been killed before it took away what it made the lock of.
  else if (holder !== pid) await rm(`${lock}.${holder}`, { force: true }).catch(() => {});
  await rm(aside, { force: true }).catch(() => {});
  return isIt;
}
