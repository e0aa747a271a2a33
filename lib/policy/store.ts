import "server-only";
import { desc, eq, sql } from "drizzle-orm";
import { policyVersion } from "@/db/schema/policy";
import { staff } from "@/db/schema/staff";
import { Fault } from "@/lib/platform/outcome";
import { processWide } from "@/lib/platform/process-wide";
import type { Tx } from "@/lib/platform/transaction";
import { getFirstPolicy } from "./first";
import { type Policy, policySchema } from "./model";

/** A policy and its number; 0 is the defaults of an installation that never changed them. */
export interface NumberedPolicy {
  readonly version: number;
  readonly policy: Policy;
}

const freshMilliseconds = 2000;
const known = processWide("policy", () => ({
  latest: {} as { kept?: { value: NumberedPolicy; readAt: number } },
}));

/**
 * Answers the policy in force. Read at most every two seconds in this process: a change made elsewhere holds after that,
 * one made here at once.
 * @throws {z.ZodError} where the stored document is none of this program's: nothing is allowed by guessing.
 */
export async function getPolicy(tx: Tx): Promise<NumberedPolicy> {
  const { latest } = known;
  if (latest.kept !== undefined && performance.now() - latest.kept.readAt < freshMilliseconds)
    return latest.kept.value;
  const readAt = performance.now();
  const value = await readPolicy(tx);
  latest.kept = { value, readAt };
  return value;
}

/** Answers the policy in force as the database has it now. */
export async function readPolicy(tx: Tx): Promise<NumberedPolicy> {
  const [row] = await tx
    .select({ version: policyVersion.version, document: policyVersion.document })
    .from(policyVersion)
    .orderBy(desc(policyVersion.version))
    .limit(1);
  return row === undefined
    ? { version: 0, policy: getFirstPolicy() }
    : { version: row.version, policy: policySchema.parse(row.document) };
}

/** Makes the next `getPolicy` of this process read again, what is being read at this moment forgotten too; for whoever just committed a new one. */
export function forgetPolicy(): void {
  known.latest = {};
}

/** Keeps two changes of policy from being judged by the same version: the second waits for the first to commit. */
export async function lockPolicy(tx: Tx): Promise<void> {
  await tx.execute(sql`select pg_advisory_xact_lock(hashtext('sparekey/policy'))`);
}

/** Adds a policy; the highest version is the one in force. */
export async function insertPolicy(tx: Tx, policy: Policy, createdBy: string | null): Promise<number> {
  const [row] = await tx
    .insert(policyVersion)
    .values({ document: policy, createdBy })
    .returning({ version: policyVersion.version });
  if (row === undefined) throw new Fault("no policy was inserted");
  return row.version;
}

/** One change of policy: which version, when, and by whom (the name that they have now; null: not by staff), and what it was and is since. */
export interface PolicyChange {
  version: number;
  at: Date;
  by: string | null;
  /** Null where this program can't read it any more. */
  before: Policy | null;
  after: Policy | null;
}

/** Lists the newest versions, the newest first. */
export async function selectChanges(tx: Tx, limit: number): Promise<PolicyChange[]> {
  const rows = await tx
    .select({
      version: policyVersion.version,
      at: policyVersion.createdAt,
      by: staff.name,
      document: policyVersion.document,
    })
    .from(policyVersion)
    .leftJoin(staff, eq(sql`${staff.id}::text`, policyVersion.createdBy))
    .orderBy(desc(policyVersion.version))
    .limit(limit + 1);
  const read = rows.map(({ document }) => policySchema.safeParse(document).data ?? null);
  return rows.slice(0, limit).map(({ document: _, ...row }, index) => ({
    ...row,
    before: index + 1 < rows.length ? (read[index + 1] ?? null) : getFirstPolicy(),
    after: read[index] ?? null,
  }));
}
