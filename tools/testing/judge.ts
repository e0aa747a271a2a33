import { sql } from "drizzle-orm";
import type { Channel } from "@/lib/delivery/model";
import { listProofs } from "@/lib/otp/digits";
import { type OtpRefusal, toDigits } from "@/lib/otp/model";
import { judgementCtes } from "@/lib/otp/store";
import { inStatement } from "@/lib/platform/transaction";

/** What became of digits. */
export interface Verdict extends Record<string, unknown> {
  /** null: they were right. */
  reason: OtpRefusal | null;
  grantId: string | null;
  challengeId: string | null;
}

/** Presents digits for an attempt: the judgement by itself, without what an attempt does besides. */
export async function judge(presented: {
  userId: string | null;
  channel: Channel;
  attemptId: string;
  digits: string;
}): Promise<Verdict> {
  const { userId, channel, attemptId } = presented;
  const ctes = judgementCtes({
    userId: sql`${userId}::uuid`,
    attemptId: sql`${attemptId}::uuid`,
    proofs: listProofs(userId, [channel], toDigits(presented.digits)),
  });
  const [verdict] = await inStatement((tx) =>
    tx.execute<Verdict>(sql`
      with ${ctes}
      select reason, grant_id as "grantId", challenge_id as "challengeId" from verdict`),
  );
  if (verdict === undefined) throw new Error("a verdict is always one row");
  return verdict;
}
