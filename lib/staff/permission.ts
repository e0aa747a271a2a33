import type { Actor } from "@/lib/platform/context";
import { type Permission, permissionsOfClientRole, permissionsOfRole } from "./model";
import { isOauthScope, permissionsOfScope } from "./scopes";

/** Whether `actor` may do `permission` at all; what it may do it to is judged apart. Pure: the screens ask the same. */
export function hasPermission(actor: Actor, permission: Permission): boolean {
  switch (actor.kind) {
    case "staff":
      return permissionsOfRole[actor.role].includes(permission);
    case "client":
      if (permission === "directory:sync") return actor.scopes.includes("scim");
      return actor.role === null
        ? actor.scopes.some((scope) => isOauthScope(scope) && permissionsOfScope[scope].includes(permission))
        : permissionsOfClientRole[actor.role].includes(permission);
    case "system":
    case "operator":
      return true;
    case "machine":
    case "user":
      return false;
  }
}
