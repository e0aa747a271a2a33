import type { Role } from "@/lib/platform/context";

/** Every role, from the narrowest. */
export const roles = ["helpdesk", "lead", "security", "auditor", "owner"] as const satisfies readonly Role[];

/** Everything that somebody may or may not do. */
export const permissions = [
  "user:search",
  "user:read",
  "phone:read",
  "phone:change",
  "grant:issue",
  "grant:issue-privileged",
  "grant:revoke",
  "grant:list",
  "audit:read",
  "policy:read",
  "policy:change",
  "staff:read",
  "staff:manage",
  "client:read",
  "client:manage",
  "server:manage",
] as const;
export type Permission = (typeof permissions)[number];

const helpdesk = [
  "user:search",
  "user:read",
  "grant:issue",
  "grant:revoke",
] as const satisfies readonly Permission[];

/** What each role may do: the one place that says so. */
export const permissionsOfRole: Readonly<Record<Role, readonly Permission[]>> = {
  helpdesk,
  lead: [...helpdesk, "grant:issue-privileged", "grant:list"],
  security: [
    "user:search",
    "user:read",
    "phone:read",
    "phone:change",
    "grant:revoke",
    "grant:list",
    "audit:read",
    "policy:read",
    "policy:change",
    "staff:read",
    "client:read",
  ],
  auditor: [
    "user:search",
    "user:read",
    "grant:list",
    "audit:read",
    "policy:read",
    "staff:read",
    "client:read",
  ],
  owner: permissions,
};

/** What a legacy key of each role may do (rest, 1 "Who calls"). */
export const permissionsOfClientRole: Readonly<Record<"helpdesk" | "integration", readonly Permission[]>> = {
  helpdesk,
  integration: [...helpdesk, "phone:read", "grant:list", "audit:read", "policy:read"],
};
