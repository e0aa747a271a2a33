/** What an attempt's id looks like, and the secret of one. */
const idPattern = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const secretPattern = /^[\w-]{20,100}$/;

/** Whether it may be an attempt's id. */
export function isAttemptId(text: string): boolean {
  return idPattern.test(text);
}

/** Whether it may be the secret of an attempt. */
export function isAttemptSecret(text: string | undefined): text is string {
  return text !== undefined && secretPattern.test(text);
}

/**
 * The name of the cookie in which a browser keeps the secret of an attempt: each has one of its own, so that two tabs don't end each
 * other's. @param baseUrl what we call ourselves.
 */
export function attemptCookieName(attemptId: string, baseUrl: string): string {
  return `${baseUrl.startsWith("https:") ? "__Host-" : ""}sparekey-otp-${attemptId.slice(0, 8)}`;
}
