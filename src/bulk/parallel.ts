/**
 * Works through a list, several at a time, in order of their start.
 * @param atOnce how many
 * @param goOn asked before each start; once it says no, the rest is left
 * @returns the items that were left
 */
export async function inParallel<T>(
  items: readonly T[],
  atOnce: number,
  work: (item: T) => Promise<void>,
  goOn: () => boolean,
): Promise<readonly T[]> {
  let next = 0;
  const worker = async () => {
    while (next < items.length && goOn()) {
      const item = items[next];
      next += 1;
      if (item !== undefined) await work(item);
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, worker));
  return items.slice(next);
}
