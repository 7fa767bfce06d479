/**
 * What went wrong, by whose move it is to mend it. `main` alone maps a kind to an exit code:
 *
 * - `bug`: this program's own fault
 * - `usage`: a bad flag or value, unreadable input, a refused overwrite
 * - `auth`: no key, or the key is not allowed this
 * - `refused`: the API refused the request
 * - `limit`: rate limit or quota
 * - `network`: the network or the server failed, or the answer is not the API's
 * - `verdict`: a content verdict (refusal, content filter)
 * - `incomplete`: the result is incomplete or invalid
 * - `partial`: a part of several things that were asked for failed, the rest is there
 * - `tools`: the model asks for tools that nobody allowed
 * - `check`: a check that the user asked for says no
 */
export type FailureKind =
  | 'bug'
  | 'usage'
  | 'auth'
  | 'refused'
  | 'limit'
  | 'network'
  | 'verdict'
  | 'incomplete'
  | 'partial'
  | 'tools'
  | 'check';

export interface FailureDetails {
  /** One more line: what the user can do about it. */
  readonly hint?: string | undefined;
  /** The API's own error code, e.g. `model_not_found`. */
  readonly code?: string | undefined;
  /** HTTP status of the answer. */
  readonly status?: number | undefined;
  /** The API's `x-request-id`. */
  readonly requestId?: string | undefined;
  /** The same call may succeed when it is made again. */
  readonly retryable?: boolean | undefined;
  readonly cause?: unknown;
}

/** An expected failure: `message` is one line in the user's words, without the `oai: ` in front. */
export class Failure extends Error {
  override readonly name = 'Failure';
  readonly kind: FailureKind;
  readonly hint: string | undefined;
  readonly code: string | undefined;
  readonly status: number | undefined;
  readonly requestId: string | undefined;
  readonly retryable: boolean;

  constructor(kind: FailureKind, message: string, details: FailureDetails = {}) {
    super(message, { cause: details.cause });
    this.kind = kind;
    this.hint = details.hint;
    this.code = details.code;
    this.status = details.status;
    this.requestId = details.requestId;
    this.retryable = details.retryable ?? false;
  }
}

/** A bad flag or value, unreadable input or a refused overwrite. */
export function usageError(message: string, hint?: string, cause?: unknown): Failure {
  return new Failure('usage', message, { hint, cause });
}

/**
 * Why a run ends early although nothing failed: a signal by name, the reader of its output went away, or the
 * request was only to be shown (`--dry-run`).
 */
export class Stopped extends Error {
  override readonly name = 'Stopped';
  readonly by: 'SIGHUP' | 'SIGINT' | 'SIGTERM' | 'closed pipe' | 'dry run';

  constructor(by: Stopped['by']) {
    super(`stopped by ${by}`);
    this.by = by;
  }
}

/** The errno name of a system error (`ENOENT`), or undefined. */
export function errno(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** Whatever is still asked for could not be saved. */
export function isFullDisk(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (['ENOSPC', 'EDQUOT'].includes(errno(cause) ?? '')) return true;
  }
  return false;
}

/** Of one of many things: what would meet every other as well. A bad key, no credit, a full disk, a stop, a bug. */
export function isHopeless(error: Error): boolean {
  if (error instanceof Stopped || isFullDisk(error)) return true;
  return !(error instanceof Failure) || ['auth', 'bug', 'limit'].includes(error.kind);
}

const ERRNO_WORDS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EADDRINUSE: 'the address is in use',
  EBADF: 'it is not open for reading',
  EBUSY: 'busy',
  EDQUOT: 'the disk quota is used up',
  EEXIST: 'it exists',
  EFBIG: 'the file would be too large',
  EIO: 'input/output error',
  EISDIR: 'it is a directory',
  ELOOP: 'too many symbolic links',
  EMFILE: 'too many open files',
  ENAMETOOLONG: 'the name is too long',
  ENOENT: 'no such file',
  ENOSPC: 'no space left on the device',
  ENOTDIR: 'a part of the path is not a directory',
  EPERM: 'not permitted',
  EROFS: 'the file system is read-only',
};

/** A system error in words: `no such file` for ENOENT. */
export function reasonOf(error: unknown): string {
  const name = errno(error);
  if (name !== undefined) return ERRNO_WORDS[name] ?? name;
  return error instanceof Error ? error.message : String(error);
}
