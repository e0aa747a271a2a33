import "server-only";

const keptMax = 10_000;

const slot = globalThis as { __sparekeyAttempts?: Map<string, string | null> };

function known(): Map<string, string | null> {
  slot.__sparekeyAttempts ??= new Map();
  return slot.__sparekeyAttempts;
}

/**
 * Remembers whose attempt it is, which never changes, so that the proof needs one statement fewer. A convenience of this
 * process: whoever doesn't find it here asks the database. The newest ten thousand are kept.
 */
export function rememberAttempt(attemptId: string, userId: string | null): void {
  const attempts = known();
  attempts.set(attemptId, userId);
  if (attempts.size <= keptMax) return;
  for (const oldest of attempts.keys()) {
    attempts.delete(oldest);
    return;
  }
}

/** Whose attempt it is, null for nobody's; undefined where this process doesn't know. */
export function recallAttempt(attemptId: string): string | null | undefined {
  return known().get(attemptId);
}

/** Forgets an attempt that is over. */
export function forgetAttempt(attemptId: string): void {
  known().delete(attemptId);
}
