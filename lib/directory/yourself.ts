import type { Actor } from "@/lib/platform/context";
import { foldKey } from "./fold";

/** Whether staff and user are the same person: by directory id, by e-mail only where staff have none (limits, "self-issue"). */
export function isYourself(actor: Actor, user: { directoryId: string; email: string | null }): boolean {
  if (actor.kind !== "staff") return false;
  if (actor.userDirectoryId !== null) return actor.userDirectoryId === user.directoryId;
  return user.email !== null && foldKey(actor.email) === foldKey(user.email);
}
