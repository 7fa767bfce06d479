import { isObject } from '../json.ts';
import type { Api } from './client.ts';
import { checkedDeletion } from './deletion.ts';
import { withoutModelFlag } from './failure.ts';
import { notAnAnswer } from './stream.ts';

/** A model as `/models` tells it; compatible servers leave out much. */
export interface ListedModel {
  readonly id: string;
  /** Seconds since 1970. */
  readonly created?: number;
  readonly owned_by?: string;
  /** `2027-01-14`, or null where no end is announced. */
  readonly shutdown_date?: string | null;
}

/** What there is at `/models`, as the server gives it. */
export interface ModelList {
  /** The whole answer. */
  readonly answer: object;
  readonly models: readonly ListedModel[];
  /** Those of the answer. */
  readonly headers: Headers;
}

/** All models that the key may use. @throws Failure or Stopped */
export function listModels(api: Api): Promise<ModelList> {
  return api.call(async (client, options) => {
    // Not by `models.list`: it gives no more than `data`, and throws on the bare list that some servers answer with.
    const { data: answer, response } = await client.get<unknown>('/models', options).withResponse();
    const models = isObject(answer) ? answer['data'] : answer;
    if (!Array.isArray(models) || !models.every(isModel)) throw notAnAnswer(api, 'a list of models');
    return { answer: isObject(answer) ? answer : models, models, headers: response.headers };
  });
}

/** One model. @throws Failure (refused) where there is none of that name; Failure or Stopped */
export function retrieveModel(api: Api, name: string): Promise<ListedModel> {
  const found = api.call(async (client, options) => {
    const model: unknown = await client.models.retrieve(name, options);
    if (!isModel(model)) throw notAnAnswer(api, 'a model');
    return model;
  });
  return found.catch((error: unknown) => {
    throw withoutModelFlag(error);
  });
}

/** Deletes a model of one's own. @returns what the API says of it @throws Failure or Stopped */
export function deleteModel(api: Api, name: string): Promise<unknown> {
  return api
    .call(async (client, options) => checkedDeletion(await client.models.delete(name, options), api))
    .catch((error: unknown) => {
      throw withoutModelFlag(error);
    });
}

function isModel(value: unknown): value is ListedModel {
  return isObject(value) && typeof value['id'] === 'string';
}
