import { randomUUID } from "node:crypto";
import { beforeAll, expect, test } from "vitest";
import { listEventsInput } from "@/lib/audit/list-input";
import type { LoggedEvent } from "@/lib/audit/model";
import { recordEvent } from "@/lib/audit/record";
import { inTransaction } from "@/lib/platform/transaction";
import { openTestDatabase, staffContext } from "@/tools/testing/database";
import { listEvents } from "./list-events";

const db = openTestDatabase();
const ada = randomUUID();
const desk = staffContext("helpdesk");
const auditor = staffContext("auditor");

const ask = (input: Record<string, unknown>) => listEvents(auditor, listEventsInput.parse(input));
const kinds = (events: LoggedEvent[]) => events.map(({ kind }) => kind);

beforeAll(async () => {
  await inTransaction(async (tx) => {
    await recordEvent(tx, desk, {
      kind: "grant.issued",
      outcome: "ok",
      userId: ada,
      userLabel: "Ada Lovelace",
    });
    await recordEvent(tx, desk, {
      kind: "grant.issued",
      outcome: "refused",
      reason: "yourself",
      userId: ada,
    });
    await recordEvent(tx, desk, { kind: "grant.revoked", outcome: "ok", userId: ada });
    for (let i = 0; i < 7; i += 1)
      await recordEvent(tx, desk, { kind: "code.judged", outcome: "refused", reason: "wrong" });
  });
});

test("events come newest first, with who, whom and from where", async () => {
  const { events } = await ask({ user: ada });
  expect(kinds(events)).toEqual(["grant.revoked", "grant.issued", "grant.issued"]);
  expect(events[2]).toMatchObject({
    actorLabel: "Hanna Desk",
    userLabel: "Ada Lovelace",
    requestId: desk.requestId,
    sourceIp: "192.0.2.10",
  });
  expect(Number.isNaN(Date.parse(events[2]?.at ?? ""))).toBe(false);
});

test("what an event is about is named, and an id that somebody made up breaks nothing", async () => {
  const id = randomUUID();
  await db.sql`insert into staff (id, email, email_key, name, role) values (${id}, 'x@y.test', 'x@y.test', 'Leo Marsh', 'auditor')`;
  const ctx = staffContext("owner");
  const targets = [
    { kind: "staff", id },
    { kind: "machine", id: "'; drop table" },
    { kind: "staff", id: randomUUID() },
  ];
  for (const target of targets)
    await inTransaction((tx) => recordEvent(tx, ctx, { kind: "staff.changed", outcome: "ok", target }));
  const { events } = await ask({ kind: "staff.changed" });
  expect(events.map(({ targetLabel }) => targetLabel)).toEqual([null, null, "Leo Marsh"]);
});

test("each filter narrows, and they go together", async () => {
  const actor = desk.actor.kind === "staff" ? desk.actor.staffId : "";
  expect((await ask({ kind: "grant.issued" })).events).toHaveLength(2);
  expect((await ask({ kind: "grant.issued", outcome: "refused" })).events).toHaveLength(1);
  expect((await ask({ actor })).events).toHaveLength(10);
  expect((await ask({ actorKind: "client" })).events).toHaveLength(0);
  expect((await ask({ actor, until: new Date(0).toISOString() })).events).toHaveLength(0);
  expect((await ask({ actor, since: new Date(0).toISOString(), outcome: "ok" })).events).toHaveLength(2);
});

test("pages follow each other without a gap and without a repeat, while the log grows", async () => {
  const seen: number[] = [];
  let cursor: number | null | undefined;
  do {
    const page = await ask({ kind: "code.judged", limit: 3, cursor: cursor ?? undefined });
    seen.push(...page.events.map(({ id }) => id));
    cursor = page.cursor;
    await inTransaction((tx) =>
      recordEvent(tx, desk, { kind: "code.judged", outcome: "refused", reason: "wrong" }),
    );
  } while (cursor !== null);
  expect(seen).toHaveLength(7);
  expect(new Set(seen).size).toBe(7);
});

test("who reads the log is in the log with each page, also who begins in the middle", async () => {
  const reader = staffContext("auditor");
  const first = await listEvents(reader, listEventsInput.parse({ kind: "code.judged", limit: 2 }));
  await listEvents(reader, listEventsInput.parse({ kind: "code.judged", limit: 2, cursor: first.cursor }));
  expect(
    await db.sql`select details from audit_event where kind = 'audit.read' and request_id = ${reader.requestId} order by id`,
  ).toEqual([{ details: { filters: "kind" } }, { details: { filters: "kind", before: first.cursor } }]);
  const another = staffContext("auditor");
  await listEvents(another, listEventsInput.parse({ cursor: Number.MAX_SAFE_INTEGER }));
  expect(
    await db.sql`select 1 from audit_event where kind = 'audit.read' and request_id = ${another.requestId}`,
  ).toHaveLength(1);
});

test("helpdesk may not read it", async () => {
  await expect(listEvents(desk, {} as never)).rejects.toMatchObject({ name: "Denied" });
});
