import "server-only";
import { findNamesake } from "@/lib/directory/namesakes";
import type { Tx } from "@/lib/platform/transaction";

/**
 * Which name is one of somebody whom SCIM doesn't keep (`Namesakes.find`); undefined: none. A login that is somebody's
 * login already isn't looked for here: nobody can be given it.
 */
export async function findClash(
  tx: Tx,
  names: { login: string; email: string | null },
): Promise<"userName" | "email" | undefined> {
  const name = await findNamesake(tx, names, "scim");
  return name === "login" ? "userName" : name;
}

/** Says who stands in the way, without a word of them. */
export function sayClash(by: "userName" | "externalId" | "email"): string {
  switch (by) {
    case "userName":
      return "userName is somebody's login or address already; if they came from elsewhere, only an operator hands them over";
    case "externalId":
      return "externalId belongs to somebody already";
    case "email":
      return "The address is one, or the login, of somebody of another source; only an operator hands them over";
  }
}
