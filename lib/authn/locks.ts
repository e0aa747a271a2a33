import "server-only";
import { decideOtpSend } from "@/lib/delivery/limits";
import type { Tx } from "@/lib/platform/transaction";
import type { Policy } from "@/lib/policy/model";
import { getPolicy } from "@/lib/policy/store";
import { decideAsk } from "./ask-limits";
import { type LockFacts, readLockFacts } from "./lock-store";
import type { AttemptMethod } from "./model";
import { toSubjectKey } from "./subject";

/** Whom a method may be locked for. */
export interface NamedUser {
  id: string;
  login: string;
  email: string | null;
}

/** Which methods are held back: a code since too many wrong ones were typed, a text and a call since too many were asked for. */
export type MethodLocks = Readonly<Record<AttemptMethod, boolean>>;

/** The keys that tries and asks of a user are counted by: of the login, and of the address. */
export function subjectKeysOf({ login, email }: NamedUser): string[] {
  return [login, ...(email === null ? [] : [email])].map(toSubjectKey);
}

function decideLocks(rules: Policy["sends"], facts: LockFacts): MethodLocks {
  const { sent, asked } = facts;
  const isSendLocked =
    [true, false].some((byDesk) => !decideOtpSend(rules, sent, byDesk, null).ok) ||
    asked.some(({ sourceKey }) => !decideAsk(rules, asked, sourceKey, null).ok);
  return { access_code: facts.isWaiting, sms: isSendLocked, voice: isSendLocked };
}

/** Reads which methods of users are locked now, two statements for any number of them. */
export async function readLocks(tx: Tx, users: readonly NamedUser[]): Promise<Map<string, MethodLocks>> {
  const { policy } = await getPolicy(tx);
  const facts = await readLockFacts(
    tx,
    users.map((user) => ({ userId: user.id, subjectKeys: subjectKeysOf(user) })),
  );
  return new Map([...facts].map(([userId, each]) => [userId, decideLocks(policy.sends, each)]));
}
