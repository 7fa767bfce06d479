/** The rest of a file, as an answer with status 206 describes it (RFC 9110, section 14.4). */
export interface Rest {
  /** Where it begins: bytes from the start of the file. */
  readonly start: number;
  /** Bytes of the whole file, where the server says. */
  readonly total: number | undefined;
}

/** The headers of a request for what comes after the first `size` bytes of an answer that broke off. */
export function rangeHeaders(size: number, broken: Headers): Record<string, string> {
  // A range is of the bytes that are sent: of those behind an encoding, none can be told.
  if (size === 0 || isEncoded(broken)) return {};
  const unchanged = validator(broken);
  return { range: `bytes=${size}-`, ...(unchanged !== undefined && { 'if-range': unchanged }) };
}

/** What tells this state of the file from any other. A weak tag does not (RFC 9110, section 13.1.5). */
function validator(headers: Headers): string | undefined {
  const tag = headers.get('etag');
  return (tag?.startsWith('"') ? tag : headers.get('last-modified')) ?? undefined;
}

/** @returns undefined where the answer does not say which part of the file it is */
export function restIn(headers: Headers): Rest | undefined {
  const range = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(headers.get('content-range')?.trim() ?? '');
  if (range === null) return undefined;
  return { start: Number(range[1]), total: range[2] === '*' ? undefined : Number(range[2]) };
}

/** Whether two answers are known to be of different states of a file. */
export function differ(one: Headers, other: Headers): boolean {
  const tags = [one.get('etag'), other.get('etag')];
  return !tags.includes(null) && tags[0] !== tags[1];
}

/** How many bytes a body is to have; undefined where the server does not say. */
export function lengthIn(headers: Headers): number | undefined {
  const text = headers.get('content-length');
  return text !== null && /^\d+$/.test(text) && !isEncoded(headers) ? Number(text) : undefined;
}

function isEncoded(headers: Headers): boolean {
  const encoding = headers.get('content-encoding')?.trim().toLowerCase() ?? '';
  return encoding !== '' && encoding !== 'identity';
}
