import { randomUUID } from "node:crypto";
import { findUserByName } from "@/lib/directory/store";
import { issueGrant } from "@/lib/grants/issue";
import { systemContext } from "@/lib/platform/context";
import { inStatement } from "@/lib/platform/transaction";

const alwaysLive = [
  { login: "sms.sofia", method: "sms" },
  { login: "voice.viktor", method: "voice" },
] as const;

/**
 * Renews the two grants that are always live (contract, "Demo data").
 * @returns who has none this time, and why: what somebody tried out may stand in the way, such as a number that was changed.
 */
export async function renewGrants(): Promise<{ login: string; reason: string }[]> {
  const ctx = systemContext("demo", "demo-seed");
  const refused: { login: string; reason: string }[] = [];
  for (const { login, method } of alwaysLive) {
    const user = await inStatement((tx) => findUserByName(tx, login));
    const issued =
      user === undefined
        ? ({ ok: false, reason: "user_not_found" } as const)
        : await issueGrant(ctx, {
            userId: user.id,
            method,
            reason: "lost",
            formId: randomUUID(),
            replaces: "any",
          });
    if (!issued.ok) refused.push({ login, reason: issued.reason });
  }
  return refused;
}
