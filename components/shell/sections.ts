import type { Actor } from "@/lib/platform/context";
import type { Permission } from "@/lib/staff/model";
import { hasPermission } from "@/lib/staff/permission";

const sections = [
  { href: "/users", name: "users", group: "desk", permission: "user:search" },
  { href: "/grants", name: "grants", group: "desk", permission: "grant:list" },
  { href: "/machines", name: "machines", group: "desk", permission: "machine:read" },
  { href: "/overview", name: "overview", group: "security", permission: "grant:list" },
  { href: "/audit", name: "audit", group: "security", permission: "audit:read" },
  { href: "/policy", name: "policy", group: "security", permission: "policy:read" },
  { href: "/directory", name: "directory", group: "system", permission: "directory:read" },
  { href: "/staff", name: "staff", group: "system", permission: "staff:read" },
  { href: "/clients", name: "clients", group: "system", permission: "client:read" },
  { href: "/outgoing", name: "outgoing", group: "system", permission: "webhook:read" },
] as const satisfies readonly { href: string; name: string; group: string; permission: Permission }[];

/** A part of the console that one can go to. */
export type Section = (typeof sections)[number];

/** The parts of the console that are open to `actor`, in the order of the sidebar. */
export function listSections(actor: Actor): Section[] {
  return sections.filter(({ permission }) => hasPermission(actor, permission));
}
