import type { getTranslator } from "@/components/i18n/server";

/** Names a way to sign in, as directories write it; one that isn't known stays as it is. */
export function nameAuthenticator(t: Awaited<ReturnType<typeof getTranslator>>, kind: string): string {
  const key = `user.authenticator.${kind}` as "user.authenticator.passkey";
  return t.has(key) ? t(key) : kind;
}
