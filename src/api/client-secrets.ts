import type {
  ClientSecretCreateParams,
  ClientSecretCreateResponse,
} from 'openai/resources/realtime/client-secrets';
import type { Api } from './client.ts';

export type ClientSecret = ClientSecretCreateResponse;
export type ClientSecretRequest = ClientSecretCreateParams;

/** Has a key made that opens sessions of one kind, and soon no more. @throws Failure or Stopped */
export function createClientSecret(api: Api, request: ClientSecretRequest): Promise<ClientSecret> {
  return api.call((client, call) => client.realtime.clientSecrets.create(request, call));
}
