import type { Actor } from "@/lib/platform/context";
import { foldKey } from "./fold";

/**
 * Whether staff and user are the same person: by directory id, or where the address that staff sign in with is the user's address
 * or login. One that fits is enough, since an id may be mistyped or out of date (limits, "self-issue").
 */
export function isYourself(
  actor: Actor,
  user: { directoryId: string; login: string; email: string | null },
): boolean {
  if (actor.kind !== "staff") return false;
  const { userDirectoryId, email } = actor;
  if (userDirectoryId !== null && foldKey(userDirectoryId) === foldKey(user.directoryId)) return true;
  return [user.login, user.email ?? ""].some((name) => foldKey(name) === foldKey(email));
}
