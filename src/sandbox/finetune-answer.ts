import { isObject } from '../json.ts';
import { type Call, jsonBody, type SandboxState } from './call.ts';
import { ApiError, invalidRequest } from './error-answer.ts';
import type { FineTuneJob } from './finetune-job.ts';
import { readFineTuneRequest } from './finetune-request.ts';
import { pageFields, pageOf, queryFields } from './list-page.ts';
import { metadata } from './metadata.ts';
import { object, unknownParameter } from './request-check.ts';

const checkPage = object(pageFields, [], unknownParameter);
const checkQuery = object({ ...pageFields, metadata }, [], unknownParameter);

/**
 * `POST /fine_tuning/jobs`. What is wrong with the files, a job says by failing.
 * @throws ApiError as the API refuses requests
 */
export function createFineTune(call: Call, state: SandboxState): Response {
  if (state.faults.fineTune === 'denied') throw notAllowed();
  const asked = readFineTuneRequest(jsonBody(call), state.models);
  const training = fileOf(asked.trainingFile, 'training_file', state);
  const validation =
    asked.validationFile === null ? undefined : fileOf(asked.validationFile, 'validation_file', state);
  return Response.json(state.fineTunes.add(call.hash, asked, { training, validation }, state).told());
}

/** `GET /fine_tuning/jobs`, the newest first. @throws ApiError 400 */
export function listFineTunes({ query }: Call, { fineTunes }: SandboxState): Response {
  const asked = queryFields(query);
  checkQuery(asked, '');
  const wanted = Object.entries(isObject(asked['metadata']) ? asked['metadata'] : {});
  const found = fineTunes
    .all()
    .filter((job) => wanted.every(([name, value]) => job.metadata[name] === value));
  return Response.json(
    pageOf(
      found.map((job) => ({ ...job.told(), id: job.id })),
      asked,
    ),
  );
}

/** `GET /fine_tuning/jobs/…`: each look takes the job one step on. @throws ApiError 404 */
export function retrieveFineTune(_: Call, state: SandboxState, id: string): Response {
  const job = jobOf(state, id);
  job.advance();
  return Response.json(job.told());
}

/**
 * `GET /fine_tuning/jobs/…/events`, the newest first. A look at the newest takes the job one step on.
 * @throws ApiError 400, 404
 */
export function listFineTuneEvents({ query }: Call, state: SandboxState, id: string): Response {
  const asked = queryFields(query);
  checkPage(asked, '');
  const job = jobOf(state, id);
  if (asked['after'] === undefined) job.advance();
  return Response.json(pageOf(job.events.toReversed(), asked));
}

/** `GET /fine_tuning/jobs/…/checkpoints`, the newest first. @throws ApiError 400, 404 */
export function listFineTuneCheckpoints({ query }: Call, state: SandboxState, id: string): Response {
  const asked = queryFields(query);
  checkPage(asked, '');
  return Response.json(pageOf(jobOf(state, id).checkpoints.toReversed(), { limit: 10, ...asked }));
}

/**
 * `POST /fine_tuning/jobs/…/pause`, `/resume` and `/cancel`.
 * @throws ApiError 404; 400 where its status does not allow it
 */
export function directFineTune(what: 'pause' | 'resume' | 'cancel') {
  return (_: Call, state: SandboxState, id: string): Response => {
    const job = jobOf(state, id);
    job[what]();
    return Response.json(job.told());
  };
}

function fileOf(id: string, param: string, { files }: SandboxState): Uint8Array {
  const file = files.get(id);
  if (file === undefined) throw invalidRequest(`File '${id}' does not exist.`, param, 'file_not_found');
  const { purpose } = file.told;
  if (purpose === 'fine-tune') return file.bytes;
  const message = `Invalid file purpose: '${purpose}'. Expected a file with the purpose 'fine-tune'.`;
  throw invalidRequest(message, param, 'invalid_value');
}

function jobOf({ fineTunes }: SandboxState, id: string): FineTuneJob {
  const job = fineTunes.get(id);
  if (job !== undefined) return job;
  // The words of the API, as its users report them.
  throw new ApiError(404, {
    message: `Could not find fine tune: ${id}`,
    type: 'invalid_request_error',
    param: 'fine_tune_id',
    code: 'fine_tune_not_found',
  });
}

/**
 * What an organization is told that may start no more jobs. OpenAI documents who that is and from when on, and not the
 * words; users report a 403.
 */
function notAllowed(): ApiError {
  return new ApiError(403, {
    message: 'Your organization can no longer create fine-tuning jobs.',
    type: 'invalid_request_error',
    param: null,
    code: null,
  });
}
