/** What an answer holds, all of it here. */
export interface Content {
  text(): string;
  json(): unknown;
}

/** @returns an answer whose text is here, and which can be read again and again */
export function textContent(text: string): Content {
  return { text: () => text, json: () => JSON.parse(text) };
}

const WHOLE = Symbol('whole');

/**
 * An answer of which all is here. Whoever asks for its text or JSON gets it as it is; a stream is made of it only for
 * whoever asks for one, for that costs more than all else about it.
 */
export function wholeResponse(content: Content, init: ResponseInit): Response {
  let made: Response | undefined;
  const streamed = () => {
    made ??= new Response(content.text(), init);
    return made;
  };
  const instead = {
    [WHOLE]: true,
    text: async () => content.text(),
    json: async () => content.json(),
    arrayBuffer: () => streamed().arrayBuffer(),
    blob: () => streamed().blob(),
    clone: () => wholeResponse(content, init),
  };
  return Object.defineProperties(Object.assign(new Response(null, init), instead), {
    body: { get: () => streamed().body },
    bodyUsed: { get: () => made?.bodyUsed ?? false },
  });
}

/** Whether an answer was made by `wholeResponse`. */
export function isWhole(response: Response): boolean {
  return WHOLE in response;
}
