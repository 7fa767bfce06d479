/** Stands in the place of the key in a request that is only shown. */
export const KEY_TO_COME = 'the-key-of-a-dry-run';

/** A URL as it may be shown: the password in it is a credential as well. */
export function withoutPassword(url: string): string {
  return url.replace(/^(\w+:\/\/[^/:@]*):[^/@]*@/, '$1:***@');
}

/** Names of headers whose value is a credential, or may well be one. */
const CREDENTIAL = /auth|cookie|credential|key|password|secret|session|signature|token/i;

/** Whether a header's value must never be shown. */
export function isCredential(header: string): boolean {
  return CREDENTIAL.test(header);
}
