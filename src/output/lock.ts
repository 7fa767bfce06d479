import { link, open, readFile, rm, stat, writeFile } from 'node:fs/promises';
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
  try {
    await make(lock, context.pid).catch((error: unknown) => {
      if (errno(error) !== 'EEXIST') throw error;
      return takeOver(lock, context);
    });
  } catch (error) {
    if (errno(error) !== 'EEXIST') {
      throw usageError(`cannot write ${name}: ${reasonOf(error)}`, undefined, error);
    }
    throw new Failure('usage', `another run is ${doing} ${name}`, {
      hint: `if none is, delete ${lock}`,
      code: LOCKED,
    });
  }
  return () => rm(lock, { force: true }).catch(() => {});
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

/**
 * Makes the lock in the place of that of a run that is no more. Only who has the guard takes a lock away: what is looked
 * at is what is taken away then, and not the new lock of another run that found the same.
 * @throws a system error: EEXIST where another run has it, or is just taking it over
 */
async function takeOver(lock: string, context: Context): Promise<void> {
  const guard = `${lock}.guard`;
  await makeGuard(guard, context);
  try {
    const dead = await holderOf(lock);
    if (await isHeld(lock, dead, context)) throw isThere(lock);
    await rm(lock, { force: true });
    await make(lock, context.pid);
    // Who was killed may not have taken away what he made his lock of.
    if (dead !== 0) await rm(`${lock}.${dead}`, { force: true }).catch(() => {});
  } finally {
    await rm(guard, { force: true }).catch(() => {});
  }
}

/** A guard is there for a moment: an old one is of a run that was killed in it. @throws EEXIST */
async function makeGuard(guard: string, { clock }: Context): Promise<void> {
  const made = await stat(guard).catch(() => undefined);
  if (made !== undefined && clock.now() - made.mtimeMs >= MAKING_MS) await rm(guard, { force: true });
  await (await open(guard, 'wx')).close();
}

function isThere(path: string): Error {
  return Object.assign(new Error(`${path} is there`), { code: 'EEXIST' });
}
