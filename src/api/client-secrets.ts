import type {
  ClientSecretCreateParams,
  ClientSecretCreateResponse,
} from 'openai/resources/realtime/client-secrets';
import { isObject } from '../json.ts';
import type { Api } from './client.ts';
import { notAnAnswer } from './stream.ts';

export type ClientSecret = ClientSecretCreateResponse;
export type ClientSecretRequest = ClientSecretCreateParams;

/** Has a key made that opens sessions of one kind, and soon no more. @throws Failure or Stopped */
export function createClientSecret(api: Api, request: ClientSecretRequest): Promise<ClientSecret> {
  return api.call(async (client, call) =>
    checkedSecret(await client.realtime.clientSecrets.create(request, call), api),
  );
}

/** What came with status 200 may still be anything. @throws Failure (network) */
function checkedSecret(answer: unknown, api: Api): ClientSecret {
  const { value, expires_at: expires } = isObject(answer) ? answer : {};
  const isTime = typeof expires === 'number' && !Number.isNaN(new Date(expires * 1000).getTime());
  if (typeof value === 'string' && value !== '' && isTime) return answer as ClientSecret;
  throw notAnAnswer(api, 'a client secret');
}
