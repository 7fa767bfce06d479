const LOST = 'ECONNRESET';

/** What the built-in fetch gives when the other side goes away: `fetch failed` before the answer, `terminated` in it. */
export function connectionLost(message: 'fetch failed' | 'terminated' = 'terminated'): TypeError {
  const cause = Object.assign(new Error('read ECONNRESET'), { code: LOST, syscall: 'read' });
  return new TypeError(message, { cause });
}

export function isConnectionLost(error: unknown): boolean {
  const cause = error instanceof TypeError ? error.cause : undefined;
  return cause instanceof Error && 'code' in cause && cause.code === LOST;
}
