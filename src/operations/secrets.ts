import { isObject } from '../json.ts';

/** What stands in the place of a secret. */
export const HIDDEN = '***';

/** Keys of the API (of users, projects and admins), ephemeral keys of Realtime, secrets of webhooks: whole texts alone. */
const SECRET_TEXT = /^(?:sk-[\w-]{8,}|ek_\w{8,}|whsec_[\w+/=-]{8,})$/;
/** Fields that hold one, whatever it looks like. */
const SECRET_FIELDS: readonly string[] = ['client_secret', 'signing_secret', 'webhook_secret', 'secret'];

/** A value without the secrets in it. @returns the same value where there are none */
export function withoutSecrets<T>(value: T): T {
  if (typeof value === 'string') return (SECRET_TEXT.test(value) ? HIDDEN : value) as T;
  if (Array.isArray(value)) {
    const list = value.map(withoutSecrets);
    return list.some((item, index) => item !== value[index]) ? (list as T) : value;
  }
  if (!isObject(value)) return value;
  const entries = Object.entries(value).map(([name, inner]) => {
    const isSecret = typeof inner === 'string' && SECRET_FIELDS.includes(name);
    return [name, isSecret ? HIDDEN : withoutSecrets(inner)] as const;
  });
  return entries.some(([name, inner]) => inner !== value[name]) ? (Object.fromEntries(entries) as T) : value;
}
