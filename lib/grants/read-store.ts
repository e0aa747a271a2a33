import "server-only";
import { and, eq, gte, isNotNull, isNull, lt, or, type SQL, sql } from "drizzle-orm";
import { accessCode, slot } from "@/db/schema/codes";
import { users } from "@/db/schema/directory";
import { grants } from "@/db/schema/grants";
import type { DeliveryState } from "@/lib/delivery/model";
import type { Tx } from "@/lib/platform/transaction";
import type { ListGrantsInput } from "./input";
import { type Grant, type GrantState, stateOf } from "./model";
import { grantColumns, toGrant } from "./store";

/** The newest text or call of a grant. */
export interface LastDelivery {
  readonly id: string;
  readonly channel: "sms" | "voice";
  readonly state: DeliveryState;
  readonly failure: string | null;
}

/** A grant as staff see it. */
export interface GrantView extends Grant {
  /** By the database's clock when it was read. */
  readonly state: GrantState;
  readonly lastDelivery: LastDelivery | null;
  readonly user: { readonly id: string; readonly login: string; readonly displayName: string };
}

/** Codes that are dead, and were typed in the user's name lately. */
export interface DeadTries {
  readonly as: Exclude<GrantState, "live">;
  readonly count: number;
  readonly lastAt: Date;
}

/** So many of a user's newest events are looked at. */
const eventsLookedAt = 200;

/** Lists how often dead codes of a user were typed within `seconds`, by how they ended; the last typed first. */
export async function listDeadTries(tx: Tx, userId: string, seconds: number): Promise<DeadTries[]> {
  const rows = await tx.execute<{ as: DeadTries["as"]; count: number; lastMs: number }>(sql`
    select reason as as, count(*)::int as count, (extract(epoch from max(at)) * 1000)::float8 as "lastMs"
    from (select kind, outcome, reason, at from audit_event where user_id = ${userId}::uuid order by id desc limit ${eventsLookedAt}::int) e
    where kind = 'code.judged' and outcome = 'refused' and reason in ('expired', 'spent', 'revoked', 'replaced')
      and at > now() - make_interval(secs => ${seconds}::int)
    group by reason order by max(at) desc`);
  return rows.map(({ as, count, lastMs }) => ({ as, count, lastAt: new Date(lastMs) }));
}

/** Where a page of a list ends. */
export interface Position {
  readonly createdAt: Date;
  readonly id: string;
}

const lastDelivery = sql<LastDelivery | null>`(
  select json_build_object('id', d.id, 'channel', d.channel, 'state', d.state, 'failure', d.failure)
  from delivery d where d.grant_id = ${grants.id} order by d.created_at desc, d.id limit 1)`;

const isNotOver = sql`${grants.expiresAt} > now()`;

const byAge = [sql`${grants.createdAt} desc nulls last`, grants.id];

function inState(state: GrantState): SQL | undefined {
  switch (state) {
    case "live":
      return and(isNull(grants.endedAt), isNotOver);
    case "expired":
      return or(eq(grants.endedAs, state), and(isNull(grants.endedAt), sql`not (${isNotOver})`));
    case "spent":
    case "revoked":
    case "replaced":
      return eq(grants.endedAs, state);
  }
}

function after(position: Position | undefined): SQL | undefined {
  if (position === undefined) return undefined;
  const at = position.createdAt.toISOString();
  return sql`${grants.createdAt} <= ${at} and (${grants.createdAt} < ${at} or ${grants.id} > ${position.id})`;
}

async function selectViews(tx: Tx, where: SQL | undefined, limit: number): Promise<GrantView[]> {
  const rows = await tx
    .select({
      ...grantColumns,
      lastDelivery,
      now: sql`now()`.mapWith(grants.createdAt),
      login: users.login,
      displayName: users.displayName,
    })
    .from(grants)
    .innerJoin(users, eq(users.id, grants.userId))
    .leftJoin(accessCode, eq(accessCode.grantId, grants.id))
    .leftJoin(slot, eq(slot.id, accessCode.slotId))
    .where(where)
    .orderBy(...byAge)
    .limit(limit);
  return rows.map(({ now, login, displayName, lastDelivery: delivery, ...row }) => {
    const grant = toGrant(row);
    return {
      ...grant,
      state: stateOf(grant, now),
      lastDelivery: delivery,
      user: { id: grant.userId, login, displayName },
    };
  });
}

/** Lists what a user could use now, newest first. */
export async function listLive(tx: Tx, userId: string): Promise<GrantView[]> {
  return selectViews(tx, and(eq(grants.userId, userId), inState("live")), 10);
}

/** Lists what a user had before, newest first. */
export async function listEnded(tx: Tx, userId: string, limit: number): Promise<GrantView[]> {
  return selectViews(
    tx,
    and(eq(grants.userId, userId), or(isNotNull(grants.endedAt), sql`not (${isNotOver})`)),
    limit,
  );
}

/** Lists grants by what is asked, newest first, from a position on. */
export async function listPage(
  tx: Tx,
  filter: Omit<ListGrantsInput, "cursor" | "limit">,
  position: Position | undefined,
  limit: number,
): Promise<GrantView[]> {
  return selectViews(
    tx,
    and(
      filter.method && eq(grants.method, filter.method),
      filter.state && inState(filter.state),
      filter.reason && eq(grants.reason, filter.reason),
      filter.userId === undefined ? undefined : eq(grants.userId, filter.userId),
      filter.issuerId === undefined ? undefined : eq(grants.issuerId, filter.issuerId),
      filter.from && gte(grants.createdAt, filter.from),
      filter.to && lt(grants.createdAt, filter.to),
      after(position),
    ),
    limit,
  );
}
