import "server-only";
import { and, desc, eq, gt, isNull, lt, sql } from "drizzle-orm";
import { enrolmentToken, machine, machineUser } from "@/db/schema/machines";
import { uuidArray } from "@/lib/platform/sql";
import type { Tx } from "@/lib/platform/transaction";

/** Finds the enrolled machine of a name, whatever its case. */
export async function findEnrolled(tx: Tx, name: string): Promise<{ id: string; name: string } | undefined> {
  const [row] = await tx
    .select({ id: machine.id, name: machine.name })
    .from(machine)
    .where(and(sql`lower(${machine.name}) = ${name.toLowerCase()}`, isNull(machine.endedAt)));
  return row;
}

/** Writes a token. @returns its id and when it is over. */
export async function insertToken(
  tx: Tx,
  token: {
    digest: Uint8Array;
    machineName: string;
    userIds: string[];
    createdBy: string | null;
    seconds: number;
  },
): Promise<{ id: string; expiresAt: Date }> {
  const { seconds, ...columns } = token;
  const [row] = await tx
    .insert(enrolmentToken)
    .values({ ...columns, expiresAt: sql`now() + make_interval(secs => ${seconds}::float8)` })
    .returning({ id: enrolmentToken.id, expiresAt: enrolmentToken.expiresAt });
  return row as { id: string; expiresAt: Date };
}

/** What a token brings. */
export interface SpentToken {
  readonly id: string;
  readonly machineName: string;
  readonly userIds: string[];
  readonly createdBy: string | null;
}

/** Spends a token if it is good now and made for this name: of any number at once one call does. */
export async function spendToken(tx: Tx, digest: Uint8Array, name: string): Promise<SpentToken | undefined> {
  const [row] = await tx
    .update(enrolmentToken)
    .set({ usedAt: sql`clock_timestamp()` })
    .where(
      and(
        eq(enrolmentToken.digest, digest),
        isNull(enrolmentToken.usedAt),
        gt(enrolmentToken.expiresAt, sql`clock_timestamp()`),
        sql`lower(${enrolmentToken.machineName}) = ${name.toLowerCase()}`,
      ),
    )
    .returning({
      id: enrolmentToken.id,
      machineName: enrolmentToken.machineName,
      userIds: enrolmentToken.userIds,
      createdBy: enrolmentToken.createdBy,
    });
  return row;
}

/** Adds a machine unless one of its name is enrolled. @returns its id and when it was; undefined: the name is taken. */
export async function insertMachine(
  tx: Tx,
  row: Pick<
    typeof machine.$inferInsert,
    "name" | "publicKey" | "enrolledBy" | "agentVersion" | "lastSourceIp" | "pinnedKeyId"
  >,
): Promise<{ id: string; enrolledAt: Date } | undefined> {
  const [made] = await tx
    .insert(machine)
    .values({ ...row, lastContactAt: sql`now()` })
    .onConflictDoNothing()
    .returning({ id: machine.id, enrolledAt: machine.enrolledAt });
  return made;
}

/** Says which machine a token became. */
export async function linkToken(tx: Tx, tokenId: string, machineId: string): Promise<void> {
  await tx.update(enrolmentToken).set({ machineId }).where(eq(enrolmentToken.id, tokenId));
}

/** Puts the users of a token on its machine, those who are gone meanwhile left out. */
export async function insertFirstUsers(
  tx: Tx,
  machineId: string,
  userIds: readonly string[],
  addedBy: string | null,
): Promise<void> {
  if (userIds.length === 0) return;
  await tx.execute(sql`
    insert into ${machineUser} (machine_id, user_id, source, added_by)
    select ${machineId}::uuid, u.id, 'hand', ${addedBy} from users u where u.id = any(${uuidArray(userIds)})`);
}

/** A token that nobody used yet. */
export interface PendingToken {
  readonly id: string;
  readonly machineName: string;
  readonly createdAt: Date;
  readonly createdBy: string | null;
  readonly expiresAt: Date;
  readonly users: number;
}

/** The tokens that are good now, the newest first, 200 at most. */
export async function selectPendingTokens(tx: Tx): Promise<PendingToken[]> {
  return tx
    .select({
      id: enrolmentToken.id,
      machineName: enrolmentToken.machineName,
      createdAt: enrolmentToken.createdAt,
      createdBy: enrolmentToken.createdBy,
      expiresAt: enrolmentToken.expiresAt,
      users: sql<number>`cardinality(${enrolmentToken.userIds})`,
    })
    .from(enrolmentToken)
    .where(and(isNull(enrolmentToken.usedAt), gt(enrolmentToken.expiresAt, sql`now()`)))
    .orderBy(desc(enrolmentToken.createdAt))
    .limit(200);
}

/** Deletes tokens that were over a day ago, used ones too: the log keeps what became of them. */
export async function deleteOldTokens(tx: Tx): Promise<number> {
  const rows = await tx
    .delete(enrolmentToken)
    .where(lt(enrolmentToken.expiresAt, sql`now() - interval '1 day'`))
    .returning({ id: enrolmentToken.id });
  return rows.length;
}
