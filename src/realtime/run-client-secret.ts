import type { Api } from '../api/client.ts';
import { type ClientSecretRequest, createClientSecret } from '../api/client-secrets.ts';
import { isTranscriptionModel } from '../api/models.ts';
import type { Context } from '../context.ts';
import { usageError } from '../errors.ts';
import { readParams } from '../input/params.ts';
import { writeJson } from '../output/json.ts';
import { warn } from '../output/messages.ts';
import { languageCode } from '../transcripts/language.ts';
import type { RealtimeOptions } from './options.ts';
import { talkFields, transcriptionFields } from './session-fields.ts';
import { instructionsOf, realtimeModel } from './setup.ts';

/** Seconds that a secret may be good for (OpenAPI, `RealtimeCreateClientSecretRequest`). */
const [LEAST, MOST] = [10, 7200];

/**
 * Has a key made for a session of one kind, and prints it: whoever asks for it by its name is to have it.
 * @throws Failure or Stopped
 */
export async function runClientSecret(options: RealtimeOptions, api: Api, context: Context): Promise<void> {
  const request = await requestOf(options, api, context);
  const secret = await createClientSecret(api, request);
  const { stdout, secrets } = context;
  // It is shown where it was asked for, and nowhere else.
  secrets.add(secret.value);
  if (options.json === true) await writeJson(stdout, secret);
  else await stdout.write(`${secret.value}\n`);
  const until = new Date(secret.expires_at * 1000).toISOString().replace(/\.000Z$/, 'Z');
  if (context.stderr.isTTY) warn(context, `good until ${until}`);
}

async function requestOf(options: RealtimeOptions, api: Api, context: Context): Promise<ClientSecretRequest> {
  const { expiresAfter } = options;
  const seconds = expiresAfter === undefined ? undefined : Math.round(expiresAfter / 1000);
  if (seconds !== undefined && (seconds < LEAST || seconds > MOST)) {
    throw usageError(`--expires-after is ${seconds}s, and a client secret lasts from 10s to 2h`);
  }
  const session = await sessionOf(options, api, context);
  return {
    session: session as NonNullable<ClientSecretRequest['session']>,
    ...(seconds !== undefined && { expires_after: { anchor: 'created_at', seconds } }),
  };
}

async function sessionOf(options: RealtimeOptions, api: Api, context: Context): Promise<object> {
  const model = realtimeModel(options, api, context);
  const { turnDetection, voice, maxTokens } = options;
  const params = readParams(options.param ?? []);
  if (isTranscriptionModel(model)) {
    const languages = (options.language ?? []).map((language) => languageCode(language, '--language'));
    return transcriptionFields({ model, languages, turnDetection, params });
  }
  const instructions = await instructionsOf(options, context);
  const wish = {
    modality: 'audio',
    instructions,
    voice,
    maxTokens,
    turnDetection,
    tools: undefined,
    params,
  } as const;
  return { model, ...talkFields(wish) };
}
