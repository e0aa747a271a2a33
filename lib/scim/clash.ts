import "server-only";
import { foldKey } from "@/lib/directory/fold";
import { findNamesakes, keptLike } from "@/lib/directory/namesakes";
import type { Tx } from "@/lib/platform/transaction";

/** Which name is one, login or address, of somebody whom SCIM doesn't keep; undefined: none. */
export async function findClash(
  tx: Tx,
  { login, email }: { login: string; email: string | null },
): Promise<"userName" | "email" | undefined> {
  const line = { key: foldKey(login), fields: { email } };
  const namesakes = await findNamesakes(tx, [line], keptLike.scim);
  const name = namesakes.find(line);
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
