import { type Call, jsonBody, type SandboxState } from './call.ts';
import { readEmbeddingRequest } from './embedding-request.ts';
import { embeddingOf } from './embedding-vector.ts';

/**
 * `POST /embeddings`.
 * @throws ApiError as the API refuses requests; the signal's reason when nobody waits any more
 */
export async function answerEmbeddings(call: Call, { models, faults }: SandboxState): Promise<Response> {
  const { model, inputs, dimensions, isBase64 } = await readEmbeddingRequest(jsonBody(call), models);
  const data: object[] = [];
  for (const [index, { text }] of (faults.say === 'empty' ? [] : inputs).entries()) {
    // Many long texts take seconds.
    await new Promise((resolve) => setImmediate(resolve));
    call.signal.throwIfAborted();
    const vector = embeddingOf(text, model, dimensions);
    data.push({ object: 'embedding', index, embedding: isBase64 ? base64Of(vector) : Array.from(vector) });
  }
  const tokens = inputs.reduce((sum, input) => sum + input.tokens, 0);
  const usage = { prompt_tokens: tokens, total_tokens: tokens };
  return Response.json({ object: 'list', data, model, usage });
}

/** The numbers in 32 bits each, the lowest byte first. */
function base64Of(vector: Float32Array): string {
  const bytes = Buffer.alloc(vector.length * 4);
  for (const [index, value] of vector.entries()) bytes.writeFloatLE(value, index * 4);
  return bytes.toString('base64');
}
