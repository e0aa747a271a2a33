import { randomUUID } from "node:crypto";
import { Webhook } from "standardwebhooks";
import { afterEach, beforeEach, expect, test } from "vitest";
import { recordEvent } from "@/lib/audit/record";
import { systemContext } from "@/lib/platform/context";
import { parseNetworks } from "@/lib/platform/network";
import { inTransaction } from "@/lib/platform/transaction";
import { openTestDatabase, staffContext } from "@/tools/testing/database";
import { openReceiver } from "@/tools/testing/receiver";
import { insertGrant, insertUser } from "@/tools/testing/rows";
import { changeEndpoint } from "./change";
import { createEndpoint } from "./create";
import { endEndpoint } from "./end";
import { changeEndpointInput, createEndpointInput } from "./input";
import { listEndpoints, listMessages, readMessage } from "./list";
import { type EventType, eventTypes, retryWaits, sendsAtOnceMax } from "./model";
import { createPoster } from "./post-adapter";
import { replayMessages } from "./replay";
import { rotateSecret } from "./rotate";
import { sendMessages } from "./send";
import { setEndpointEnabled } from "./set-enabled";
import { sweepOutgoing } from "./sweep";
import { tryEndpoint } from "./try";

const db = openTestDatabase({ SPAREKEY_WEBHOOK_NETWORKS: "127.0.0.1/32" });
const receiver = openReceiver();
const owner = staffContext("owner");
const worker = systemContext("worker", "test");
const allowed = parseNetworks("127.0.0.1/32") ?? [];
const post = createPoster({ allowed });
const impatient = createPoster({ allowed, answerMsMax: 200 });

beforeEach(() => {
  receiver.received.length = 0;
  receiver.answer = (response) => void response.writeHead(204).end();
});
afterEach(async () => {
  await db.sql`truncate webhook_endpoint, webhook_message, webhook_attempt`;
  await db.sql`delete from graphile_worker._private_jobs`;
});

async function make(types: readonly EventType[] = eventTypes) {
  const input = createEndpointInput.parse({ url: receiver.url(), description: "Tickets", eventTypes: types });
  const made = await createEndpoint(owner, input);
  if (!made.ok) throw new Error(made.reason);
  return made;
}

/** Writes an event as a verb does: a grant that was issued. */
async function issue(count = 1): Promise<void> {
  const { id: userId } = await insertUser(db.sql);
  const { id: grantId } = await insertGrant(db.sql, userId);
  for (let n = 0; n < count; n += 1)
    await inTransaction((tx) =>
      recordEvent(tx, owner, { kind: "grant.issued", outcome: "ok", userId, grantId, reason: "lost" }),
    );
}

const messages = () => db.sql`select * from webhook_message order by created_at, id`;
const jobs = () =>
  db.sql`select key, run_at from graphile_worker.jobs where task_identifier = 'send-webhooks'`;
const makeDue = () => db.sql`update webhook_message set due_at = now() where state = 'waiting'`;
const send = (endpointId: string, how = post) => sendMessages(worker, { endpointId }, how);

test("an event that is rolled back tells nobody, and one that is committed is told once to each endpoint that asked", async () => {
  await make();
  await make(["grant.revoked"]);
  const { id: userId } = await insertUser(db.sql);
  const { id: grantId } = await insertGrant(db.sql, userId);
  const issued = { kind: "grant.issued", outcome: "ok", userId, grantId } as const;
  await expect(
    inTransaction(async (tx) => {
      await recordEvent(tx, owner, issued);
      throw new Error("the grant did not come about");
    }),
  ).rejects.toThrow();
  expect([await messages(), await jobs()]).toEqual([[], []]);
  await inTransaction((tx) => recordEvent(tx, owner, issued));
  expect(await messages()).toMatchObject([{ type: "grant.issued", state: "waiting" }]);
  expect(await jobs()).toHaveLength(1);
});

test("a refusal, and an end of access that ended nothing, are told to nobody", async () => {
  await make();
  await inTransaction((tx) =>
    recordEvent(tx, owner, { kind: "grant.issued", outcome: "refused", reason: "throttled" }),
  );
  await inTransaction((tx) =>
    recordEvent(tx, owner, { kind: "grant.revoked", outcome: "ok", reason: "found" }),
  );
  await inTransaction((tx) => recordEvent(tx, owner, { kind: "client.created", outcome: "ok" }));
  expect(await messages()).toEqual([]);
});

test("where there is no endpoint an event costs no row and no job", async () => {
  await issue();
  expect([await messages(), await jobs()]).toEqual([[], []]);
});

test("a message is signed as the receiver's own library verifies it, and only with the secret that was shown", async () => {
  const { endpointId, secret } = await make();
  await issue();
  expect(await send(endpointId)).toBe(1);
  const { body, headers } = receiver.received[0]!;
  const [row] = await messages();
  expect(headers).toMatchObject({ "webhook-id": row?.id, "content-type": "application/json" });
  const verified = new Webhook(secret).verify(body, headers as Record<string, string>);
  expect(verified).toMatchObject({
    type: "grant.issued",
    data: { eventId: Number(row!.event_id) },
  });
  const other = new Webhook(`whsec_${Buffer.alloc(32).toString("base64")}`);
  expect(() => other.verify(body, headers as Record<string, string>)).toThrow();
  expect(() => new Webhook(secret).verify(`${body} `, headers as Record<string, string>)).toThrow();
  expect(row).toMatchObject({ state: "delivered", sends: 1, failures: 0 });
});

test("the secret is stored sealed, and stands in no log", async () => {
  const { secret } = await make();
  const rows =
    await db.sql`select e::text as line from webhook_endpoint e union all select a::text from audit_event a`;
  const lines = rows.map((row) => row.line).join();
  expect(lines).not.toContain(secret.slice(6));
  expect(lines).not.toContain(Buffer.from(secret).toString("hex"));
});

test("during a rotation both secrets verify, and afterwards the new one alone", async () => {
  const { endpointId, secret } = await make();
  const rotated = await rotateSecret(owner, { endpointId });
  if (!rotated.ok) throw new Error(rotated.reason);
  await issue();
  await send(endpointId);
  const verify = (which: string) => {
    const { body, headers } = receiver.received.at(-1)!;
    return new Webhook(which).verify(body, headers as Record<string, string>);
  };
  expect(verify(secret)).toEqual(verify(rotated.secret));
  await db.sql`update webhook_endpoint set previous_until = now() - interval '1 second'`;
  await issue();
  await send(endpointId);
  expect(() => verify(secret)).toThrow();
  expect(verify(rotated.secret)).toMatchObject({ type: "grant.issued" });
  await sweepOutgoing(worker);
  expect(await db.sql`select previous_cipher, previous_until from webhook_endpoint`).toEqual([
    { previous_cipher: null, previous_until: null },
  ]);
});

test("a receiver that fails and then takes it is sent the same message, later, by a job of its own", async () => {
  const { endpointId } = await make();
  await issue();
  receiver.answer = (response) => void response.writeHead(500).end("database away");
  await send(endpointId);
  const [failed] = await messages();
  expect(failed).toMatchObject({ state: "waiting", failures: 1, claimed_until: null });
  expect(failed!.due_at.getTime() - Date.now()).toBeLessThanOrEqual(6000);
  expect((await jobs()).map(({ key }) => key)).toContain(`webhook/${failed?.id}`);
  expect(await send(endpointId)).toBe(0);
  receiver.answer = (response) => void response.writeHead(200).end();
  await makeDue();
  expect(await send(endpointId)).toBe(1);
  const [first, second] = receiver.received;
  expect(second?.body).toBe(first?.body);
  expect(second?.headers["webhook-id"]).toBe(first?.headers["webhook-id"]);
  expect(await readMessage(owner, { messageId: failed?.id as string })).toMatchObject({
    ok: true,
    payload: first?.body,
    attempts: [
      { number: 1, status: 500, excerpt: "database away", nextAt: failed?.due_at },
      { number: 2, status: 200, nextAt: null },
    ],
  });
});

test("a receiver that hangs holds nothing up for longer than the limit, and gets it again", async () => {
  const { endpointId } = await make();
  await issue();
  receiver.answer = () => undefined;
  await send(endpointId, impatient);
  const [row] = await messages();
  expect(row).toMatchObject({ state: "waiting", failures: 1 });
  const read = await readMessage(owner, { messageId: row?.id as string });
  expect(read).toMatchObject({ attempts: [{ status: null, failure: "timeout" }] });
});

test("after the last try a message is dead and shown so, until somebody sends it anew under its own id", async () => {
  const { endpointId } = await make();
  await issue(2);
  receiver.answer = (response) => void response.writeHead(503).end();
  for (let n = 0; n <= retryWaits.length; n += 1) {
    await makeDue();
    await send(endpointId);
  }
  const [dead] = await messages();
  expect(dead).toMatchObject({ state: "dead", failures: 10, sends: 10 });
  expect(await listEndpoints(owner)).toMatchObject([{ dead: 2, waiting: 0, failingSince: expect.any(Date) }]);
  await makeDue();
  expect(await send(endpointId)).toBe(0);

  receiver.answer = (response) => void response.writeHead(200).end();
  const messageId = dead?.id as string;
  expect(await replayMessages(owner, { messageId })).toEqual({ ok: true, count: 1 });
  expect(await send(endpointId)).toBe(1);
  expect(receiver.received.at(-1)?.headers["webhook-id"]).toBe(messageId);
  expect(await replayMessages(owner, { endpointId, since: new Date(Date.now() + 60_000) })).toMatchObject({
    count: 0,
  });
  expect(await replayMessages(owner, { endpointId, since: new Date(0) })).toEqual({ ok: true, count: 1 });
  expect(await send(endpointId)).toBe(1);
  expect(await listEndpoints(owner)).toMatchObject([{ dead: 0, waiting: 0, failingSince: null }]);
  expect(await replayMessages(owner, { messageId })).toEqual({ ok: true, count: 1 });
  const events =
    await db.sql`select outcome, details->>'count' as count from audit_event where kind = 'webhook-message.replayed'`;
  expect(events).toHaveLength(4);
});

test("a receiver that answers 410 is disabled; what it didn't take is kept, and sent when it is enabled", async () => {
  const { endpointId } = await make();
  await issue(2);
  receiver.answer = (response) => void response.writeHead(410).end();
  expect(await send(endpointId)).toBe(1);
  await issue();
  expect(await listEndpoints(owner)).toMatchObject([{ disabledReason: "gone", waiting: 3, dead: 0 }]);
  const listed = await listMessages(owner, {});
  expect(listed.ok && listed.messages.every(({ isHeld }) => isHeld)).toBe(true);
  await sweepOutgoing(worker);
  expect(await send(endpointId)).toBe(0);
  const [event] =
    await db.sql`select reason, actor_kind from audit_event where kind = 'webhook-endpoint.disabled'`;
  expect(event).toEqual({ reason: "gone", actor_kind: "system" });

  receiver.answer = (response) => void response.writeHead(200).end();
  expect(await setEndpointEnabled(owner, { endpointId, isEnabled: true })).toEqual({ ok: true });
  expect(await send(endpointId)).toBe(3);
});

test("an endpoint that took nothing for five days is disabled, and one that took something meanwhile is not", async () => {
  const { endpointId } = await make();
  receiver.answer = (response) => void response.writeHead(500).end();
  await issue();
  await db.sql`update webhook_endpoint set failing_since = now() - interval '5 days' + interval '1 hour'`;
  await send(endpointId);
  expect(await listEndpoints(owner)).toMatchObject([{ disabledReason: null }]);
  await db.sql`update webhook_endpoint set failing_since = now() - interval '5 days 1 hour'`;
  await makeDue();
  await send(endpointId);
  expect(await listEndpoints(owner)).toMatchObject([{ disabledReason: "failing", waiting: 1 }]);
});

test("a redirect, also to where machines are told about themselves, is no delivery and not followed", async () => {
  const { endpointId } = await make();
  await issue();
  receiver.answer = (response) =>
    void response.writeHead(302, { location: "http://169.254.169.254/latest/meta-data" }).end();
  await send(endpointId);
  const [row] = await messages();
  expect(row).toMatchObject({ state: "waiting", failures: 1 });
  expect(await readMessage(owner, { messageId: row?.id as string })).toMatchObject({
    attempts: [{ status: 302 }],
  });
});

test("an address that came to be refused is not sent to, and the message waits", async () => {
  const { endpointId } = await make();
  await issue();
  await send(endpointId, createPoster({ allowed: [] }));
  expect(receiver.received).toEqual([]);
  const [row] = await messages();
  const read = await readMessage(owner, { messageId: row?.id as string });
  expect(read).toMatchObject({ attempts: [{ failure: "address" }] });
});

test("many workers at once send each message once, and no more than a few at a time", async () => {
  const { endpointId } = await make();
  await issue(40);
  let open = 0;
  let most = 0;
  receiver.answer = (response) => {
    most = Math.max(most, ++open);
    setTimeout(() => {
      open -= 1;
      response.writeHead(204).end();
    }, 5);
  };
  const sent = await Promise.all(Array.from({ length: 12 }, () => send(endpointId)));
  expect(sent.reduce((sum, n) => sum + n)).toBe(40);
  expect(new Set(receiver.received.map(({ headers }) => headers["webhook-id"])).size).toBe(40);
  expect(receiver.received).toHaveLength(40);
  expect(most).toBeLessThanOrEqual(sendsAtOnceMax);
});

test("what a dead worker held is found and sent again under the same id; its late word changes nothing but a yes", async () => {
  const { endpointId } = await make();
  await issue();
  let finish: (() => void) | undefined;
  receiver.answer = (response) => {
    finish = () => void response.writeHead(500).end();
  };
  const slow = send(endpointId);
  await expect.poll(() => finish, { timeout: 10_000 }).toBeDefined();
  expect(await send(endpointId)).toBe(0);
  await db.sql`update webhook_message set claimed_until = now() - interval '1 second', due_at = now() - interval '1 minute'`;
  await db.sql`delete from graphile_worker._private_jobs`;
  await sweepOutgoing(worker);
  expect(await jobs()).toHaveLength(sendsAtOnceMax);
  receiver.answer = (response) => void response.writeHead(204).end();
  expect(await send(endpointId)).toBe(1);
  finish?.();
  await slow;
  const [first, second] = receiver.received;
  expect(second?.headers["webhook-id"]).toBe(first?.headers["webhook-id"]);
  expect(await messages()).toMatchObject([{ state: "delivered", sends: 2 }]);
});

test("an endpoint that is changed gets what waits at its new address, with the same secret", async () => {
  const { endpointId, secret } = await make();
  await issue();
  const to = { endpointId, url: receiver.url("/new"), description: "Tickets", eventTypes: ["grant.revoked"] };
  expect(await changeEndpoint(owner, changeEndpointInput.parse(to))).toEqual({ ok: true });
  await issue();
  expect(await send(endpointId)).toBe(1);
  const { path, body, headers } = receiver.received[0]!;
  expect(path).toBe("/new");
  expect(new Webhook(secret).verify(body, headers as Record<string, string>)).toMatchObject({
    type: "grant.issued",
  });
});

test("an endpoint that ended is told of nothing more, its secret is gone, and nothing of it is sent anew", async () => {
  const { endpointId } = await make();
  await issue();
  const [waiting] = await messages();
  expect(await endEndpoint(owner, { endpointId })).toEqual({ ok: true });
  await issue();
  expect(await messages()).toMatchObject([{ state: "dead" }]);
  expect(await send(endpointId)).toBe(0);
  expect(await db.sql`select secret_cipher, previous_cipher from webhook_endpoint`).toEqual([
    { secret_cipher: null, previous_cipher: null },
  ]);
  const messageId = waiting?.id as string;
  expect(await replayMessages(owner, { messageId })).toEqual({ ok: false, reason: "endpoint_ended" });
  for (const act of [endEndpoint, rotateSecret, tryEndpoint])
    expect(await act(owner, { endpointId })).toEqual({ ok: false, reason: "not_found" });
});

test("who tries an endpoint sees it arrive, whatever it is told of otherwise", async () => {
  const { endpointId, secret } = await make(["machine.alarm"]);
  await make();
  expect(await tryEndpoint(owner, { endpointId })).toEqual({ ok: true });
  expect(await messages()).toHaveLength(1);
  await send(endpointId);
  const { body, headers } = receiver.received[0]!;
  expect(new Webhook(secret).verify(body, headers as Record<string, string>)).toMatchObject({
    type: "webhook.test",
    data: { endpointId },
  });
  await setEndpointEnabled(owner, { endpointId, isEnabled: false });
  expect(await tryEndpoint(owner, { endpointId })).toEqual({ ok: false, reason: "disabled" });
});

test("tries that a stranger makes without end are told once a minute for a name, and those of another besides", async () => {
  await make();
  const told = (subject: string, reason = "throttled") =>
    inTransaction((tx) =>
      recordEvent(tx, owner, { kind: "code.throttled", outcome: "refused", reason, details: { subject } }),
    );
  await Promise.all(Array.from({ length: 20 }, () => told("a")));
  await told("b");
  const many = await messages();
  expect(many.length).toBeGreaterThanOrEqual(2);
  expect(many.length).toBeLessThanOrEqual(4);
  await told("a", "wrong_tries");
  expect(await messages()).toHaveLength(many.length + 1);
});

test("messages are kept for 30 days", async () => {
  const { endpointId } = await make();
  await issue(3);
  await send(endpointId);
  const [oldest] = await messages();
  await db.sql`update webhook_message set created_at = now() - interval '31 days' where id = ${oldest?.id}`;
  await sweepOutgoing(worker);
  expect(await messages()).toHaveLength(2);
  expect(await db.sql`select 1 from webhook_attempt`).toHaveLength(2);
});

test("twenty endpoints live, however many are made at once, and what is asked wrongly makes none", async () => {
  const made = await Promise.allSettled(Array.from({ length: 24 }, () => make()));
  expect(made.filter(({ status }) => status === "fulfilled")).toHaveLength(20);
  const [first] = await db.sql`select id from webhook_endpoint`;
  await endEndpoint(owner, { endpointId: first?.id as string });
  for (const [url, reason] of [
    ["http://example.com/x", "https_needed"],
    ["https://169.254.169.254/", "address_refused"],
  ] as const)
    expect(
      await createEndpoint(
        owner,
        createEndpointInput.parse({ url, description: "x", eventTypes: ["grant.issued"] }),
      ),
    ).toEqual({ ok: false, reason });
});

test.each([
  "ftp://example.com/",
  "javascript:alert(1)",
  "https://user:password@example.com/",
  "https://example.com/#x",
  "https://example.com/a\r\nx-injected: 1",
  "https://example.com/a b",
  "https://",
  "//example.com",
  "https://exämple.com/",
  "",
  `https://example.com/${"a".repeat(1000)}`,
])("%j is no address of an endpoint", (url) => {
  const parsed = createEndpointInput.safeParse({ url, description: "x", eventTypes: ["grant.issued"] });
  expect(parsed.success).toBe(false);
});

test("who may only read changes nothing, and who showed the second factor too long ago neither", async () => {
  const { endpointId } = await make();
  for (const role of ["security", "auditor", "helpdesk", "lead"] as const) {
    const ctx = staffContext(role);
    for (const act of [endEndpoint, rotateSecret, tryEndpoint])
      await expect(act(ctx, { endpointId })).rejects.toMatchObject({ name: "Denied" });
    await expect(replayMessages(ctx, { endpointId, since: new Date(0) })).rejects.toMatchObject({
      name: "Denied",
    });
  }
  await expect(listEndpoints(staffContext("helpdesk"))).rejects.toMatchObject({ name: "Denied" });
  const origin = `${new URL(receiver.url()).origin}/…`;
  expect(await listEndpoints(staffContext("auditor"))).toMatchObject([{ url: origin }]);
  expect(await listEndpoints(owner)).toMatchObject([{ url: receiver.url() }]);
  await expect(sendMessages(owner, { endpointId }, post)).rejects.toMatchObject({ name: "Denied" });
  const late = staffContext("owner", { isSteppedUp: false });
  for (const act of [endEndpoint, rotateSecret, tryEndpoint])
    expect(await act(late, { endpointId })).toEqual({ ok: false, reason: "step_up_needed" });
  const events =
    await db.sql`select kind, reason from audit_event where request_id = ${late.requestId} order by id`;
  expect(events.map(({ reason }) => reason)).toEqual(["step_up_needed", "step_up_needed", "step_up_needed"]);
  expect(await endEndpoint(owner, { endpointId })).toMatchObject({ ok: true });
  expect(await listEndpoints(owner)).toMatchObject([{ url: origin }]);
});

test("pages of messages follow each other without a gap, by endpoint, type and state", async () => {
  const { endpointId } = await make();
  await issue(60);
  const first = await listMessages(owner, { endpoint: endpointId, state: "waiting", type: "grant.issued" });
  if (!first.ok || first.nextCursor === null) throw new Error("no second page");
  const second = await listMessages(owner, { endpoint: endpointId, cursor: first.nextCursor });
  if (!second.ok) throw new Error(second.reason);
  const ids = [...first.messages, ...second.messages].map(({ id }) => id);
  expect([new Set(ids).size, second.nextCursor]).toEqual([60, null]);
  expect(await listMessages(owner, { state: "dead" })).toMatchObject({ messages: [] });
  expect(await listMessages(owner, { cursor: "nonsense" })).toEqual({ ok: false, reason: "bad_cursor" });
  expect(await readMessage(owner, { messageId: randomUUID() })).toEqual({ ok: false, reason: "not_found" });
});
