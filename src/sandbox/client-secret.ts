import { createHash } from 'node:crypto';
import type { Clock } from '../context.ts';
import { type Call, jsonBody, type SandboxState } from './call.ts';
import { ApiError, invalidKey } from './error-answer.ts';
import { session } from './realtime-fields.ts';
import { defaultSettings, type SessionUpdate, updated } from './realtime-settings.ts';
import { sessionTold } from './realtime-told.ts';
import { integer, object, oneOf } from './request-check.ts';

/** Seconds that a secret is good for, where nobody says (OpenAPI, `RealtimeCreateClientSecretRequest`). */
const LIFETIME = 600;

interface SecretRequest {
  readonly expires_after?: { readonly seconds?: number };
  readonly session?: SessionUpdate & { readonly model?: string };
}

const check = object({
  expires_after: object({ anchor: oneOf('created_at'), seconds: integer(10, 7200) }),
  session: (value, path) => session(withoutModel(value), path),
});

/** The model of a session is chosen with its secret, and by no update. */
function withoutModel(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('model' in value)) return value;
  const { model: _, ...rest } = value;
  return rest;
}

/** The sessions that secrets are for, by the secrets. */
export class ClientSecretShelf {
  readonly #sessions = new Map<string, SessionUpdate>();
  #made = 0;

  /** A secret tells by itself how long it is good for: another sandbox knows it as well. */
  make({ hash }: Call, expires: number, update: SessionUpdate | undefined): string {
    this.#made += 1;
    const random = createHash('sha256').update(`${hash} ${this.#made}`).digest('hex').slice(0, 24);
    const value = `ek_${random}${expires.toString(16).padStart(8, '0')}`;
    if (update !== undefined) this.#sessions.set(value, update);
    return value;
  }

  sessionOf(secret: string): SessionUpdate | undefined {
    return this.#sessions.get(secret);
  }
}

/** `POST /realtime/client_secrets`. @throws ApiError */
export function createClientSecret(call: Call, { clock, models, secrets }: SandboxState): Response {
  const body = jsonBody(call);
  check(body, '');
  const { expires_after: { seconds = LIFETIME } = {}, session: wanted } = body as SecretRequest;
  const { model = 'gpt-realtime-2.1', ...update } = wanted ?? { type: 'realtime' as const };
  if (update.type === 'realtime') models.kindOf(model);
  const settings = updated(defaultSettings(update.type), update, models);
  const expires_at = Math.floor(clock.now() / 1000) + seconds;
  const value = secrets.make(call, expires_at, wanted === undefined ? undefined : update);
  const id = `sess_${call.hash.slice(0, 16)}`;
  return Response.json({ value, expires_at, session: sessionTold(id, model, settings) });
}

/** @throws ApiError 401 where a secret is none, or no longer good */
export function checkClientSecret(secret: string, clock: Clock): void {
  const [, end] = /^ek_[0-9a-f]{24}([0-9a-f]{8})$/.exec(secret) ?? [];
  if (end === undefined) throw new ApiError(401, invalidKey(`${secret.slice(0, 7)}*****`));
  if (Number.parseInt(end, 16) * 1000 > clock.now()) return;
  const message = 'The client secret has expired.';
  throw new ApiError(401, {
    message,
    type: 'invalid_request_error',
    param: null,
    code: 'client_secret_expired',
  });
}
