import { isObject } from '../json.ts';
import { batchEndpoints } from './batch-input.ts';
import type { Batch } from './batch-shelf.ts';
import { type Call, jsonBody, type SandboxState } from './call.ts';
import { ApiError, invalidRequest } from './error-answer.ts';
import { expiration, lifetimeOf } from './file-answer.ts';
import { pageFields, pageOf, queryFields } from './list-page.ts';
import { metadata } from './metadata.ts';
import { object, oneOf, string, unknownParameter } from './request-check.ts';

/** Every field of the published request (OpenAPI `CreateBatchRequest`). */
const check = object(
  {
    input_file_id: string(),
    endpoint: oneOf(...batchEndpoints),
    completion_window: oneOf('24h'),
    metadata,
    output_expires_after: expiration,
  },
  ['input_file_id', 'endpoint', 'completion_window'],
  unknownParameter,
);

/**
 * `POST /batches`. What is wrong with the input file, a batch says by failing.
 * @throws ApiError as the API refuses requests
 */
export function createBatch(call: Call, state: SandboxState): Response {
  const body = jsonBody(call);
  check(body, '');
  if (!isObject(body)) throw new Error('the check of an object passed what is none');
  const inputFileId = String(body['input_file_id']);
  const file = state.files.get(inputFileId);
  if (file !== undefined && file.told.purpose !== 'batch') {
    throw invalidRequest(
      `Invalid file purpose: '${file.told.purpose}'. Expected a file with the purpose 'batch'.`,
      'input_file_id',
      'invalid_value',
    );
  }
  const { endpoint, metadata, output_expires_after: expires } = body;
  const batch = state.batches.add(
    {
      inputFileId,
      endpoint: batchEndpoints.find((one) => one === endpoint) ?? batchEndpoints[0],
      metadata: isObject(metadata) ? metadata : null,
      lifetime: lifetimeOf(expires),
      seed: call.hash,
    },
    state,
  );
  return Response.json(batch.told());
}

const checkQuery = object(pageFields, [], unknownParameter);

/** `GET /batches`: the newest first. No look of its own takes one on. @throws ApiError 400 */
export function listBatches({ query }: Call, { batches }: SandboxState): Response {
  const asked = queryFields(query);
  checkQuery(asked, '');
  const found = batches.all().map((batch) => ({ id: batch.id, ...batch.told() }));
  return Response.json(pageOf(found, { ...asked, order: 'desc' }));
}

/** `GET /batches/…`: each look takes the batch one step on. @throws ApiError 404; the signal's reason */
export async function retrieveBatch(call: Call, state: SandboxState, id: string): Promise<Response> {
  const batch = batchOf(state, id);
  await batch.advance(call);
  return Response.json(batch.told());
}

/** `POST /batches/…/cancel`. @throws ApiError 404; 409 when it has ended otherwise */
export function cancelBatch(_: Call, state: SandboxState, id: string): Response {
  const batch = batchOf(state, id);
  if (['completed', 'failed', 'expired'].includes(batch.status)) {
    const message = `Cannot cancel a batch with status '${batch.status}'.`;
    throw new ApiError(409, { message, type: 'invalid_request_error', param: null, code: null });
  }
  batch.cancel();
  return Response.json(batch.told());
}

function batchOf({ batches }: SandboxState, id: string): Batch {
  const batch = batches.get(id);
  if (batch !== undefined) return batch;
  const message = `No batch found with id '${id}'.`;
  throw new ApiError(404, { message, type: 'invalid_request_error', param: null, code: null });
}
