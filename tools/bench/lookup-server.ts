import { inTransaction } from "@/lib/platform/transaction";
import { openSession } from "@/lib/staff/open-session";
import { insertStaff } from "@/lib/staff/store";
import { mintSignIn } from "@/lib/staff/token";
import { sealCookie } from "@/tools/testing/seal-cookie";

/** Signs somebody in who may see numbers, and so may look by any, and answers the cookie. */
async function signIn(): Promise<string> {
  const email = "bench@sparekey.test";
  const { token } = await inTransaction(async (tx) => {
    const staffId = await insertStaff(tx, { email, emailKey: email, name: "Bench", role: "security" });
    return mintSignIn(tx, staffId as string, { by: "password", factor: "totp" });
  });
  const origin = { actor: { kind: "user" }, requestId: "bench", sourceIp: null, userAgent: null } as const;
  const session = await openSession(origin, { token });
  if (session === undefined) throw new Error("no session opened");
  return sealCookie(session.token);
}

process.send?.({ cookie: await signIn() });
// The product's own server, on the directory that was filled before.
await import("@/api/server");
