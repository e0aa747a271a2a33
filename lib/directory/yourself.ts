import type { Actor } from "@/lib/platform/context";
import { foldKey } from "./fold";

/**
 * Whether a staff member and a user are the same person: by directory id, or where the address that staff sign in with is the
 * user's address or login. One that fits is enough, since an id may be mistyped or out of date (limits, "self-issue").
 */
export function isSamePerson(
  staff: { userDirectoryId: string | null; email: string | null },
  user: { directoryId: string; login: string; email: string | null },
): boolean {
  const { userDirectoryId, email } = staff;
  if (userDirectoryId !== null && foldKey(userDirectoryId) === foldKey(user.directoryId)) return true;
  return email !== null && [user.login, user.email ?? ""].some((name) => foldKey(name) === foldKey(email));
}

/** Whether the actor is staff, and this very person. */
export function isYourself(
  actor: Actor,
  user: { directoryId: string; login: string; email: string | null },
): boolean {
  return actor.kind === "staff" && isSamePerson(actor, user);
}
