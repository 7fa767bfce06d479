import type { Failure } from '../errors.ts';

/** What the network tells; each of them is told, and be it that there was no way to find out. */
export const NETWORK_CHECKS = [
  'proxy',
  'tls',
  'server',
  'access',
  'clock',
  'organization',
  'models',
  'latency',
] as const;

/** What `oai doctor` looks at, in the order in which it is told. Scripts rely on these names. */
export const CHECKS = [
  'program',
  'config',
  'profile',
  'key',
  ...NETWORK_CHECKS,
  'history',
  'storage',
  'terminal',
] as const;
export type CheckName = (typeof CHECKS)[number];

/** `warning`: it works, and may not for long or not as wished. `skipped`: there was no way to find out. */
export type Status = 'ok' | 'warning' | 'broken' | 'skipped';

/** What was found. A check may have several findings: one for each thing that is wrong. */
export interface Finding {
  readonly check: CheckName;
  readonly status: Status;
  /** One line. Nothing in it is secret, or comes from a server unseen: who shows it makes it inert. */
  readonly message: string;
  /** What to do about it, on one line; null where there is nothing to be done. */
  readonly advice: string | null;
  /** The same for programs, by names that each check has of its own. */
  readonly details: Readonly<Record<string, unknown>>;
}

type Details = Finding['details'];

export function ok(check: CheckName, message: string, details: Details = {}): Finding {
  return { check, status: 'ok', message, advice: null, details };
}

export function skipped(check: CheckName, message: string): Finding {
  return { check, status: 'skipped', message, advice: null, details: {} };
}

export function warning(check: CheckName, message: string, advice: string, details: Details = {}): Finding {
  return { check, status: 'warning', message, advice, details };
}

export function broken(check: CheckName, message: string, advice: string, details: Details = {}): Finding {
  return { check, status: 'broken', message, advice, details };
}

/**
 * A failure as something that is broken.
 * @param advice for a failure that has no hint of its own
 */
export function brokenBy(failure: Failure, check: CheckName, advice: string): Finding {
  const { message, hint, status = null, code = null, requestId = null } = failure;
  return broken(check, message, hint ?? advice, { status, code, request_id: requestId });
}
