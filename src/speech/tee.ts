/** Bytes for two readers, each at its own pace: what one has not taken yet is kept for it. */
export function tee(
  bytes: AsyncIterable<Uint8Array>,
): [AsyncIterable<Uint8Array>, AsyncIterable<Uint8Array>] {
  const source = bytes[Symbol.asyncIterator]();
  const queues: Promise<IteratorResult<Uint8Array>>[][] = [[], []];
  const next = (own: number) => {
    const waiting = queues[own]?.shift();
    if (waiting !== undefined) return waiting;
    const step = source.next();
    // Each reader hears of a failure by itself.
    step.catch(() => {});
    queues[1 - own]?.push(step);
    return step;
  };
  const reader = (own: number): AsyncIterable<Uint8Array> => ({
    [Symbol.asyncIterator]: () => ({ next: () => next(own) }),
  });
  return [reader(0), reader(1)];
}
