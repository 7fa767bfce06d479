/** The largest body that is held for the cache, in bytes: above the 25 MB that the API takes of a sound. */
const MOST_BYTES = 32 * 1024 * 1024;

type FetchInit = Parameters<typeof fetch>[1];

/** A request whose body can be read before it is sent. */
export interface HeldRequest {
  /** To be sent. */
  readonly init: FetchInit;
  /** The same, to be read; undefined where the body is too large to be held. */
  readonly copy: FetchInit | undefined;
}

/** Holds the body of a request, where it is one that can be read only once. @throws whatever the body throws */
export async function held(init: FetchInit): Promise<HeldRequest> {
  const body: unknown = init?.body;
  if (!isStream(body)) return { init, copy: init };
  const pieces = body[Symbol.asyncIterator]();
  const taken: Uint8Array[] = [];
  for (let bytes = 0; bytes <= MOST_BYTES; ) {
    const { done, value } = await pieces.next();
    if (done === true) {
      const whole = Buffer.concat(taken);
      // Read as what it was: a form is not compared by the bytes between its parts.
      return { init: { ...init, body: whole }, copy: { ...init, body: new Response(whole).body } };
    }
    taken.push(value);
    bytes += value.length;
  }
  return { init: { ...init, body: ReadableStream.from(goingOn(taken, pieces)) }, copy: undefined };
}

function isStream(body: unknown): body is AsyncIterable<Uint8Array> {
  return typeof body === 'object' && body !== null && Symbol.asyncIterator in body;
}

async function* goingOn(
  taken: readonly Uint8Array[],
  rest: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  yield* taken;
  yield* { [Symbol.asyncIterator]: () => rest };
}
