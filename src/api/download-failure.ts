import { Failure, type FailureDetails, usageError } from '../errors.ts';
import { sizeText } from '../output/size.ts';

/**
 * The failure of a download.
 * @param host what the user is told of the URL: its query may hold a credential
 */
export function cannotDownload(host: string, reason: string, details: FailureDetails = {}): Failure {
  return new Failure('network', `cannot download from ${host}: ${reason}`, details);
}

/** The failure of a download that the user should not have asked for. */
export function notToDownload(host: string, reason: string, hint?: string): Failure {
  return usageError(`cannot download from ${host}: ${reason}`, hint);
}

/**
 * @param size bytes, as far as it is known
 * @param limit bytes
 */
export function tooLarge(host: string, size: number | undefined, limit: number): Failure {
  const known = size === undefined ? 'it sends' : `${sizeText(size)} are`;
  return cannotDownload(host, `${known} more than the ${sizeText(limit)} that are taken`);
}

/**
 * @param size bytes that came
 * @param total bytes that were to come, where that is known
 */
export function brokeOff(host: string, size: number, total: number | undefined, cause: unknown): Failure {
  const of = total === undefined ? '' : ` of ${sizeText(total)}`;
  return new Failure('network', `the download from ${host} broke off after ${sizeText(size)}${of}`, {
    hint: 'it was taken up again once; another run may get it',
    cause,
  });
}
