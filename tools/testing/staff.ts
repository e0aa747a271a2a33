import { randomUUID } from "node:crypto";
import type { Role } from "@/lib/platform/context";
import { inTransaction } from "@/lib/platform/transaction";
import { type EnteringContext, findSessionOf } from "@/lib/staff/live-session";
import type { SecondFactorMethod } from "@/lib/staff/model";
import { openSession } from "@/lib/staff/open-session";
import { hashPassword } from "@/lib/staff/password";
import { insertStaff } from "@/lib/staff/store";
import { mintSignIn } from "@/lib/staff/token";
import { publicContext } from "./database";

/** The password of everybody whom `addStaff` makes. */
export const STAFF_PASSWORD = "correct horse battery";

/** Adds a staff member with a password and no second factor. */
export async function addStaff(
  role: Role = "helpdesk",
  email = `${randomUUID()}@sparekey.test`,
): Promise<{ staffId: string; email: string }> {
  const passwordHash = await hashPassword(STAFF_PASSWORD);
  const staffId = await inTransaction((tx) =>
    insertStaff(tx, { email, emailKey: email.toLowerCase(), name: "Robin Test", role, passwordHash }),
  );
  return { staffId: staffId as string, email };
}

/** Opens a session for `staffId`, with a second factor shown in it or (null) without. */
export async function openTestSession(
  staffId: string,
  factor: SecondFactorMethod | null = "totp",
): Promise<{ token: string; ctx: EnteringContext }> {
  const { token } = await inTransaction((tx) =>
    mintSignIn(tx, staffId, { by: "password", ...(factor === null ? {} : { factor }) }),
  );
  const opened = await openSession(publicContext(), { token });
  if (opened === undefined) throw new Error("no session opened");
  return { token: opened.token, ctx: await enteringContext(opened.token) };
}

/** The context of who is on the way in with the session that `token` names. */
export async function enteringContext(token: string): Promise<EnteringContext> {
  const session = await findSessionOf(token);
  if (session === undefined) throw new Error("the session is over");
  return { ...publicContext(), session };
}
