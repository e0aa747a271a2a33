import type postgres from "postgres";
import { until } from "./product";

/** Whoever pauses at a step waits for this advisory lock, which the proof holds. */
const LOCK = 7_302_519;

/** A moment between two writes at which the program can be caught. */
export interface Step {
  name: string;
  /** What leads past it: somebody at the desk issues, or a relying system asks for a text, or a script for a code. */
  acts: readonly ("desk" | "ask" | "code")[];
  table: string;
  trigger: string;
  when?: string;
}

const anySend = ["desk", "ask"] as const;

/** Every write on the way from issuing to what the provider reports last, in their order. */
export const steps: readonly Step[] = [
  { name: "before the grant", acts: ["desk", "code"], table: "grants", trigger: "before insert" },
  { name: "before the code", acts: ["code"], table: "access_code", trigger: "before insert" },
  {
    name: "before the grant's event",
    acts: ["desk", "code"],
    table: "audit_event",
    trigger: "before insert",
    when: "new.kind = 'grant.issued' and new.outcome = 'ok'",
  },
  { name: "before the challenge", acts: anySend, table: "challenge", trigger: "before insert" },
  { name: "before the delivery", acts: anySend, table: "delivery", trigger: "before insert" },
  {
    name: "before the delivery's job",
    acts: anySend,
    table: "graphile_worker._private_jobs",
    trigger: "before insert",
    when: `new.key like 'deliver/%'`,
  },
  {
    name: "at the commit of the grant",
    acts: ["desk", "code"],
    table: "grants",
    trigger: "at commit after insert",
  },
  {
    name: "at the commit of the delivery",
    acts: anySend,
    table: "delivery",
    trigger: "at commit after insert",
  },
  { name: "before the ask", acts: ["ask"], table: "channel_ask", trigger: "before insert" },
  {
    name: "at the commit of the ask",
    acts: ["ask"],
    table: "channel_ask",
    trigger: "at commit after insert",
  },
  {
    name: "before the ask's outcome",
    acts: ["ask"],
    table: "channel_ask",
    trigger: "before update",
    when: "new.outcome is not null",
  },
  {
    name: "as the worker takes a job",
    acts: anySend,
    table: "graphile_worker._private_jobs",
    trigger: "before update",
    when: "old.locked_at is null and new.locked_at is not null",
  },
  {
    name: "before it is sending",
    acts: anySend,
    table: "delivery",
    trigger: "before update",
    when: "old.state = 'queued' and new.state = 'sending'",
  },
  {
    name: "between the digits and the commit of sending",
    acts: anySend,
    table: "challenge",
    trigger: "after update",
    when: "old.code_hmac is null and new.code_hmac is not null",
  },
  {
    name: "between the provider's answer and its record",
    acts: anySend,
    table: "delivery",
    trigger: "before update",
    when: "old.state = 'sending' and new.state <> 'sending'",
  },
  {
    name: "before the event of sending",
    acts: anySend,
    table: "audit_event",
    trigger: "before insert",
    when: "new.kind = 'delivery.sent'",
  },
  {
    name: "before the job is done",
    acts: anySend,
    table: "graphile_worker._private_jobs",
    trigger: "before delete",
    when: "old.locked_at is not null",
  },
  { name: "before a report is kept", acts: anySend, table: "delivery_event", trigger: "before insert" },
  {
    name: "before it is delivered",
    acts: anySend,
    table: "delivery",
    trigger: "before update",
    when: "new.state = 'delivered' and old.state <> 'delivered'",
  },
];

/**
 * Puts a pause at every step, in the database: whoever comes by at one that is armed waits there until it is let go. So the
 * program under proof is the very one that is delivered.
 */
export async function installSteps(sql: postgres.Sql): Promise<void> {
  await sql.unsafe(`
    create schema proof;
    grant usage on schema proof to public;
    create table proof.armed (step int primary key);
    create function proof.pause() returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
    begin
      if exists (select from proof.armed where step = tg_argv[0]::int) then
        perform pg_advisory_xact_lock_shared(${LOCK});
      end if;
      return case tg_op when 'DELETE' then old else new end;
    end $$;`);
  for (const [index, { table, trigger, when }] of steps.entries()) {
    const isAtCommit = trigger.startsWith("at commit ");
    const moment = trigger.replace("at commit ", "");
    await sql.unsafe(`
      create ${isAtCommit ? "constraint " : ""}trigger proof_step_${index} ${moment} on ${table}
      ${isAtCommit ? "deferrable initially deferred" : ""} for each row ${when === undefined ? "" : `when (${when})`}
      execute function proof.pause('${index}')`);
  }
}

/** The program is held at an armed step, or will be. */
export interface Hold {
  /** Waits until somebody stands at the step; false where nobody comes within `patienceMs`. */
  reached(patienceMs: number): Promise<boolean>;
  /**
   * Disarms the step and lets go of whoever stands there. Call it when their process is dead: what they were doing then
   * goes on to its end in the database (`finish`), as if they had died a moment later, or never happened (`abort`).
   */
  end(how: "finish" | "abort"): Promise<void>;
}

/** Arms a step. One at a time. */
export async function holdAt(sql: postgres.Sql, step: Step): Promise<Hold> {
  const own = await sql.reserve();
  await own`select pg_advisory_lock(${LOCK})`;
  await own`insert into proof.armed values (${steps.indexOf(step)})`;
  const listWaiting = () => own<{ pid: number }[]>`
    select pid from pg_locks where locktype = 'advisory' and objid = ${LOCK} and not granted`;
  return {
    reached: (patienceMs) => until(async () => (await listWaiting()).length > 0, patienceMs, 5),
    end: async (how) => {
      await own`delete from proof.armed`;
      if (how === "abort") {
        for (const { pid } of await listWaiting()) await own`select pg_terminate_backend(${pid})`;
        await until(async () => (await listWaiting()).length === 0, 5_000, 5);
      }
      await own`select pg_advisory_unlock(${LOCK})`;
      own.release();
    },
  };
}
