import type { Permission } from "./model";

/** What an OAuth client may be allowed, in RSA's words (rest, 1 "Who calls"). */
export const oauthScopes = [
  "rsa.authenticator.emergency.manage",
  "rsa.user.read",
  "rsa.user.manage",
  "rsa.user.factor.manage",
  "rsa.user.verify",
  "rsa.audit.admin",
  "rsa.audit.user",
  "rsa.mfa.authn",
] as const;

/** One of `oauthScopes`. */
export type OauthScope = (typeof oauthScopes)[number];

/** What each scope allows; nothing for `rsa.mfa.authn`, which the door of the Authentication API asks for by name. */
export const permissionsOfScope: Readonly<Record<OauthScope, readonly Permission[]>> = {
  "rsa.authenticator.emergency.manage": ["grant:issue", "grant:revoke"],
  "rsa.user.read": ["user:read", "user:search", "phone:read"],
  "rsa.user.manage": ["user:disable", "phone:change"],
  "rsa.user.factor.manage": ["user:unlock", "phone:change"],
  "rsa.user.verify": [],
  "rsa.audit.admin": ["audit:export-admins"],
  "rsa.audit.user": ["audit:export-users"],
  "rsa.mfa.authn": [],
};

/** Whether `text` names a scope of ours. */
export function isOauthScope(text: string): text is OauthScope {
  return (oauthScopes as readonly string[]).includes(text);
}
