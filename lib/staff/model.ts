import type { Actor, Role } from "@/lib/platform/context";

/** Every role, from the narrowest. */
export const roles = ["helpdesk", "lead", "security", "auditor", "owner"] as const satisfies readonly Role[];

/** `name` as a role; undefined where it is none. */
export function parseRole(name: unknown): Role | undefined {
  return roles.find((role) => role === name);
}

/** Everything that somebody may or may not do. */
const permissions = [
  "user:search",
  "user:read",
  "user:unlock",
  "user:disable",
  "phone:read",
  "phone:change",
  "grant:issue",
  "grant:issue-privileged",
  "grant:revoke",
  "grant:list",
  "audit:read",
  /** To take away what users did, and what staff and programs did, by pages. */
  "audit:export-users",
  "audit:export-admins",
  "policy:read",
  "policy:change",
  "staff:read",
  "staff:manage",
  "client:read",
  "client:manage",
  "webhook:read",
  "webhook:manage",
  "machine:read",
  "machine:manage",
  /** To be told what was stolen, and to note that it was looked at. */
  "theft:see",
  "server:manage",
  /** To see where people come from, and to bring them in. */
  "directory:read",
  "directory:manage",
  /** To keep people and groups as their directory has them: a directory's token. */
  "directory:sync",
  /** What nobody but the system itself does: jobs, and what the provider reports. */
  "system:work",
] as const;
export type Permission = (typeof permissions)[number];

const helpdesk = [
  "user:search",
  "user:read",
  "user:unlock",
  "grant:issue",
  "grant:revoke",
  "machine:read",
] as const satisfies readonly Permission[];

/** What each role may do: the one place that says so. */
export const permissionsOfRole: Readonly<Record<Role, readonly Permission[]>> = {
  helpdesk,
  lead: [...helpdesk, "grant:issue-privileged", "grant:list"],
  security: [
    "user:search",
    "user:read",
    "user:unlock",
    "user:disable",
    "phone:read",
    "phone:change",
    "grant:revoke",
    "grant:list",
    "audit:read",
    "audit:export-users",
    "audit:export-admins",
    "policy:read",
    "policy:change",
    "staff:read",
    "client:read",
    "webhook:read",
    "machine:read",
    "machine:manage",
    "theft:see",
    "directory:read",
  ],
  auditor: [
    "user:search",
    "user:read",
    "grant:list",
    "audit:read",
    "audit:export-users",
    "audit:export-admins",
    "policy:read",
    "staff:read",
    "client:read",
    "webhook:read",
    "machine:read",
    "directory:read",
  ],
  owner: permissions.filter((permission) => permission !== "system:work" && permission !== "directory:sync"),
};

/** What a legacy key of each role may do (rest, 1 "Who calls"). */
export const permissionsOfClientRole: Readonly<Record<"helpdesk" | "integration", readonly Permission[]>> = {
  helpdesk,
  integration: [
    ...helpdesk,
    "phone:read",
    "grant:list",
    "audit:read",
    "audit:export-users",
    "audit:export-admins",
    "policy:read",
    "machine:manage",
  ],
};

/** How long a staff session lives in all (limits, "staff session"; ASVS 7.3.2). */
export const SESSION_SECONDS_MAX = 12 * 60 * 60;

/** How long it lives without being used (limits, "staff session"; ASVS 7.3.1). */
export const SESSION_IDLE_SECONDS_MAX = 20 * 60;

/**
 * How old a second factor may be at most before a sensitive act; the policy may say less (limits, "staff sign-in"; ASVS 7.5.3).
 */
export const STEP_UP_SECONDS_MAX = 15 * 60;

/** How a second factor was shown. `demo`: it was not, this is the demo. */
export type SecondFactorMethod = "passkey" | "totp" | "oidc" | "demo";

/**
 * Whether staff must show their second factor again before a sensitive act: one that reveals a code, decides which machines are
 * trusted, or manages the policy, staff, clients, webhooks or the ways in which people come in. Programs and the operator hold a
 * key instead: never true of them. Pure: the screens ask the same.
 * @see limits, "staff sign-in" (ASVS 7.5.3)
 */
export function needsStepUp(actor: Actor): boolean {
  return actor.kind === "staff" && !actor.isSteppedUp;
}

/** Whether `staffId` is the actor's own account. */
export function isSelf(actor: Actor, staffId: string): boolean {
  return actor.kind === "staff" && actor.staffId === staffId;
}
