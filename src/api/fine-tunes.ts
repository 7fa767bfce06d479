import type { OpenAI } from 'openai';
import { isObject, type JsonObject } from '../json.ts';
import type { Api, CallOptions } from './client.ts';
import { refusedFineTune } from './fine-tune-refusal.ts';
import { pathPart } from './ids.ts';
import { type PageQuery, pages } from './pages.ts';
import { notAnAnswer } from './stream.ts';

type SdkJob = OpenAI.FineTuning.FineTuningJob;

/** As the SDK has it, and the states of one that was paused (OpenAI's reference, `POST /fine_tuning/jobs`). */
export type FineTuneJob = Omit<SdkJob, 'status'> & {
  readonly status: SdkJob['status'] | 'pausing' | 'paused';
};
export type FineTuneEvent = OpenAI.FineTuning.FineTuningJobEvent;
export type FineTuneCheckpoint = OpenAI.FineTuning.Jobs.FineTuningJobCheckpoint;

/** A job that is to be. */
export interface NewFineTune extends JsonObject {
  readonly model: string;
  readonly training_file: string;
}

/** Which jobs. */
export interface FineTuneQuery extends PageQuery {
  /** Labels that all of them have. */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
}

const PATH = '/fine_tuning/jobs';

/** States in which a job stays. */
const ENDED: readonly string[] = ['succeeded', 'failed', 'cancelled'];

export function hasEndedFineTune({ status }: FineTuneJob): boolean {
  return ENDED.includes(status);
}

/**
 * Has a job begin, once: a try whose answer was lost may have begun it all the same, and so the next one looks for it
 * first.
 * @param now ms since 1970
 * @throws Failure or Stopped
 */
export async function createFineTune(api: Api, body: NewFineTune, now: number): Promise<FineTuneJob> {
  try {
    return await api.each((own) => {
      let tries = 0;
      return own.call(async (client, options) => {
        tries += 1;
        const begun = tries === 1 ? undefined : await begunSince(now, client, body, options, own);
        return begun ?? checkedJob(await client.post(PATH, { ...options, body }), own);
      });
    });
  } catch (error) {
    throw refusedFineTune(error, api.settings);
  }
}

/** What the clocks of two machines may differ by, in ms. */
const CLOCK_MS = 60_000;

/** The job of these files that was begun since, where there is one among the newest. */
async function begunSince(
  since: number,
  client: OpenAI,
  { training_file: training, validation_file: validation = null }: NewFineTune,
  options: CallOptions,
  api: Api,
): Promise<FineTuneJob | undefined> {
  const { data } = await client.fineTuning.jobs.list({ limit: 20 }, options);
  // What came with status 200 may still be anything.
  const found: readonly unknown[] = Array.isArray(data) ? data : [];
  return found
    .map((one) => checkedJob(one, api))
    .find(
      (job) =>
        job.training_file === training &&
        (job.validation_file ?? null) === validation &&
        job.created_at * 1000 >= since - CLOCK_MS,
    );
}

/** The jobs of the project, the newest first, page by page. @throws Failure or Stopped */
export function listFineTunes(
  api: Api,
  { metadata, ...query }: FineTuneQuery,
  params: JsonObject = {},
): AsyncGenerator<FineTuneJob[]> {
  return pages(api, PATH, query, { ...(metadata !== undefined && { metadata }), ...params }, checkedJob);
}

/** How far a job is. @throws Failure or Stopped */
export function readFineTune(api: Api, id: string): Promise<FineTuneJob> {
  return api.call(async (client, options) =>
    checkedJob(await client.fineTuning.jobs.retrieve(id, options), api),
  );
}

/** @throws Failure: of kind `refused` where the job is not in a state for that; Stopped */
export function directFineTune(
  api: Api,
  id: string,
  what: 'pause' | 'resume' | 'cancel',
): Promise<FineTuneJob> {
  return api.call(async (client, options) =>
    checkedJob(await client.fineTuning.jobs[what](id, options), api),
  );
}

/** What happened to a job, the newest first, page by page. @throws Failure or Stopped */
export function listFineTuneEvents(
  api: Api,
  id: string,
  query: PageQuery = {},
): AsyncGenerator<FineTuneEvent[]> {
  return pages(api, `${PATH}/${pathPart(id)}/events`, query, {}, checkedEvent);
}

/** The states of the model that a job has kept, the newest first, page by page. @throws Failure or Stopped */
export function listFineTuneCheckpoints(
  api: Api,
  id: string,
  query: PageQuery = {},
): AsyncGenerator<FineTuneCheckpoint[]> {
  return pages(api, `${PATH}/${pathPart(id)}/checkpoints`, query, {}, checkedCheckpoint);
}

function checkedJob(job: unknown, api: Api): FineTuneJob {
  const isJob = isObject(job) && typeof job['id'] === 'string' && typeof job['status'] === 'string';
  if (!isJob) throw notAnAnswer(api, 'a fine-tuning job');
  return job as unknown as FineTuneJob;
}

function checkedEvent(event: unknown, api: Api): FineTuneEvent {
  const isEvent = isObject(event) && typeof event['id'] === 'string' && typeof event['message'] === 'string';
  if (!isEvent) throw notAnAnswer(api, 'an event of a job');
  return event as unknown as FineTuneEvent;
}

function checkedCheckpoint(point: unknown, api: Api): FineTuneCheckpoint {
  const isPoint = isObject(point) && typeof point['id'] === 'string';
  if (!isPoint) throw notAnAnswer(api, 'a checkpoint');
  return point as unknown as FineTuneCheckpoint;
}
