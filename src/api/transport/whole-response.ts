/**
 * An answer of which all is here as a text. Whoever asks for the text gets it as it is; a stream is made of it only for
 * whoever asks for one, for that costs more than all else about it.
 */
export function wholeResponse(text: string, init: ResponseInit): Response {
  let made: Response | undefined;
  const streamed = () => {
    made ??= new Response(text, init);
    return made;
  };
  const instead = {
    text: async () => text,
    json: async () => JSON.parse(text),
    arrayBuffer: () => streamed().arrayBuffer(),
    blob: () => streamed().blob(),
    clone: () => wholeResponse(text, init),
  };
  return Object.defineProperties(Object.assign(new Response(null, init), instead), {
    body: { get: () => streamed().body },
    bodyUsed: { get: () => made?.bodyUsed ?? false },
  });
}
