import { fork } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import type { ServerResponse } from "node:http";
import { Webhook } from "standardwebhooks";
import { afterEach, beforeEach, expect, test } from "vitest";
import { randomSeed } from "@/lib/codes/chain";
import { formatStandard } from "@/lib/codes/format";
import { issueGrant } from "@/lib/grants/issue";
import { redeemAccessCode } from "@/lib/grants/redeem";
import { revokeGrant } from "@/lib/grants/revoke";
import { takeReceipts } from "@/lib/offline/take-receipts";
import { createEndpoint } from "@/lib/outgoing/create";
import { createEndpointInput } from "@/lib/outgoing/input";
import { eventTypes, type MessageType } from "@/lib/outgoing/model";
import { sweepOutgoing } from "@/lib/outgoing/sweep";
import { tryEndpoint } from "@/lib/outgoing/try";
import { systemContext } from "@/lib/platform/context";
import { makeClientKey } from "@/tools/testing/authn-api";
import { openTestDatabase, publicContext, staffContext } from "@/tools/testing/database";
import { openDoors } from "@/tools/testing/doors";
import { eventually } from "@/tools/testing/eventually";
import { expectIssued, insertPerson, issueCode, wish } from "@/tools/testing/issuing";
import { holdSlots, insertMachine, insertSlots, keepReceipts } from "@/tools/testing/offline";
import { openReceiver } from "@/tools/testing/receiver";
import { insertUser, loginOf } from "@/tools/testing/rows";
import { openTelephony } from "@/tools/testing/telephony";
import { startWorker } from "./worker";

const db = openTestDatabase({ SPAREKEY_WEBHOOK_NETWORKS: "127.0.0.0/8" });
const telephony = openTelephony();
const doors = openDoors();
const receiver = openReceiver();
const owner = staffContext("owner");
const stops: (() => Promise<unknown> | unknown)[] = [];

beforeEach(() => {
  receiver.received.length = 0;
  receiver.answer = (response) => void response.writeHead(204).end();
});
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
  await db.sql`truncate webhook_endpoint, webhook_message, webhook_attempt`;
});

async function work(): Promise<void> {
  const worker = await startWorker();
  stops.push(() => worker.stop());
}

async function make() {
  const input = createEndpointInput.parse({ url: receiver.url(), description: "SIEM", eventTypes });
  const made = await createEndpoint(owner, input);
  if (!made.ok) throw new Error(made.reason);
  return made;
}

interface Message {
  type: MessageType;
  timestamp: string;
  // biome-ignore lint/suspicious/noExplicitAny: each type has data of its own.
  data: any;
}

/** Waits for a message of `type` and the like, and verifies it as its receiver would. */
function arrives(secret: string, type: MessageType, fits: (message: Message) => boolean): Promise<Message> {
  return eventually(() => {
    const verified = receiver.received.map(
      ({ body, headers }) => new Webhook(secret).verify(body, headers as Record<string, string>) as Message,
    );
    const found = verified.find((message) => message.type === type && fits(message));
    if (found === undefined) throw new Error(`no ${type} among ${verified.map((each) => each.type)}`);
    return found;
  });
}

/** The paths at which a value stands in it, and what kind of value that is where it is none of ours to choose. */
function shapeOf(value: unknown, path = ""): string[] {
  if (value === null || typeof value !== "object") return [path];
  return Object.entries(value).flatMap(([name, inner]) => shapeOf(inner, `${path}.${name}`));
}

const examples = new Map(
  [...readFileSync("docs/webhooks.md", "utf8").matchAll(/```json\n(\{\n {2}"type"[\s\S]*?)\n```/g)].map(
    ([, text]) => {
      const example = JSON.parse(text as string) as Message;
      return [example.type, example];
    },
  ),
);

const guess = () => formatStandard(4, randomSeed());
const typed = (userId: string, input: string, sourceKey: string = randomUUID()) =>
  redeemAccessCode(publicContext(), { userId, subjectKey: `s-${userId}`, sourceKey, input, attemptId: null });

/** Proves a user to a relying system by the OTP that arrives on their phone. @returns the digits. */
async function useOtp(userId: string, toE164: string): Promise<string> {
  const { key } = await makeClientKey();
  const headers = { "client-key": key };
  const begun = await doors.call("POST", "/mfa/v1_1/authn/initialize", {
    headers,
    body: {
      clientId: "vpn",
      subjectName: await loginOf(db.sql, userId),
      context: { messageId: "1" },
      subjectCredentials: [{ methodId: "SMS", collectedInputs: [] }],
    },
  });
  const { authnAttemptId, messageId } = begun.body.context;
  const digits = await eventually(async () => {
    const [entry] = await telephony.inbox(toE164);
    const found = /(?:\d[\s,.]*){6}/.exec(entry?.text ?? "")?.[0].replace(/\D/g, "");
    expect(found).toMatch(/^\d{6}$/);
    return found as string;
  });
  const proven = await doors.call("POST", "/mfa/v1_1/authn/verify", {
    headers,
    body: {
      subjectCredentials: [{ methodId: "SMS", collectedInputs: [{ name: "SMS", value: digits }] }],
      context: { authnAttemptId, messageId: "2", inResponseTo: messageId },
    },
  });
  expect(proven.body.attemptResponseCode).toBe("SUCCESS");
  return digits;
}

test("all that happens is told as documented, from the verb that does it, without a code, an OTP or a number of a phone", async () => {
  const { endpointId, secret } = await make();
  await work();
  const secrets: string[] = [];
  const shown = new Map<MessageType, Message>();
  const expectTold = async (type: MessageType, fits: (message: Message) => boolean = () => true) => {
    const told = await arrives(secret, type, fits);
    shown.set(type, told);
    return told;
  };

  const userId = await insertPerson(db.sql, { login: "ada.lovelace" });
  const code = await issueCode(userId, { ticket: "INC-1" });
  secrets.push(code.text, code.text.replaceAll(/[^0-9A-Z]/gi, ""));
  const ofGrant = (id: string) => (message: Message) => message.data.grant?.id === id;
  expect(await expectTold("grant.issued", ofGrant(code.grantId))).toMatchObject({
    data: {
      user: { id: userId, login: "ada.lovelace" },
      grant: { method: "access_code", reason: "lost", ticket: "INC-1" },
      by: { kind: "staff" },
    },
  });
  expect(await typed(userId, code.text)).toMatchObject({ ok: true });
  expect(await expectTold("grant.redeemed", ofGrant(code.grantId))).toMatchObject({
    data: { use: { number: 1, offline: false, machine: null } },
  });

  const next = await issueCode(userId);
  const source = randomUUID();
  for (let n = 0; n < 6; n += 1) await typed(userId, guess(), source);
  expect(await expectTold("code.throttled")).toMatchObject({
    data: { user: { id: userId }, reason: "throttled", retryAfterSeconds: expect.any(Number) },
  });
  expect((await revokeGrant(owner, { grantId: next.grantId, reason: "found" })).ok).toBe(true);
  expect(await expectTold("grant.revoked", ofGrant(next.grantId))).toMatchObject({
    data: { reason: "found" },
  });

  const failing = await insertUser(db.sql, { sms: "+12025550111" });
  const sent = expectIssued(await issueGrant(owner, wish(failing.id, { method: "sms", sendNow: true })));
  expect(await expectTold("delivery.failed", (m) => m.data.user?.id === failing.id)).toMatchObject({
    data: {
      grant: { id: sent.grant.id },
      delivery: { channel: "sms", purpose: "otp" },
      reason: expect.any(String),
    },
  });

  const phone = await insertUser(db.sql, { sms: "+12025550177" });
  const texted = expectIssued(await issueGrant(owner, wish(phone.id, { method: "sms" })));
  secrets.push(await useOtp(phone.id, "+12025550177"));
  expect(await arrives(secret, "grant.redeemed", ofGrant(texted.grant.id))).toMatchObject({
    data: { grant: { method: "sms" }, user: { id: phone.id } },
  });

  const syncedAt = new Date(Date.now() - 3_600_000);
  const laptop = await insertMachine(db.sql, { users: [userId], syncedAt });
  await holdSlots(db.sql, laptop, await insertSlots(db.sql, userId));
  const log = keepReceipts(laptop, { serial: syncedAt.getTime() });
  log.seq = 7;
  const machine = { kind: "machine", machineId: laptop.id, name: laptop.name } as const;
  const receipt = await log.write({ outcome: "clock_back" });
  await takeReceipts({ ...publicContext(), actor: machine }, [receipt]);
  expect(await expectTold("machine.alarm")).toMatchObject({
    data: { machine: { id: laptop.id, name: laptop.name }, alarm: { kind: "gap" } },
  });

  await tryEndpoint(owner, { endpointId });
  await expectTold("webhook.test");

  for (const [type, message] of shown)
    expect([type, shapeOf(message)]).toEqual([type, shapeOf(examples.get(type))]);
  const phones = await db.sql<{ e164: string }[]>`select e164 from user_phone`;
  const bodies = receiver.received.map(({ body }) => body).join("\n");
  for (const hidden of [...secrets, ...phones.map(({ e164 }) => e164.slice(1))])
    expect(bodies).not.toContain(hidden);
  expect(bodies).not.toContain("Lovelace");
});

test("a worker that is killed between sending and marking loses nothing: the same message comes again, under the same id", async () => {
  const { secret } = await make();
  receiver.answer = () => undefined;
  const child = fork("tools/run.mjs", ["tools/testing/worker-process.ts"], {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
    env: { ...process.env },
  });
  stops.push(() => child.kill("SIGKILL"));
  await once(child, "message");
  await issueCode(await insertPerson(db.sql));
  await eventually(() => expect(receiver.received).toHaveLength(1));
  child.kill("SIGKILL");
  await once(child, "exit");
  expect(await db.sql`select state, sends from webhook_message`).toEqual([{ state: "waiting", sends: 1 }]);

  receiver.answer = (response) => void response.writeHead(204).end();
  await db.sql`update webhook_message set claimed_until = now() - interval '1 millisecond', due_at = now() - interval '1 minute'`;
  await work();
  await sweepOutgoing(systemContext("sweep", "test"));
  await arrives(secret, "grant.issued", () => receiver.received.length === 2);
  const [first, second] = receiver.received;
  expect(second?.headers["webhook-id"]).toBe(first?.headers["webhook-id"]);
  expect(second?.body).toBe(first?.body);
  await eventually(async () =>
    expect(await db.sql`select state, sends from webhook_message`).toEqual([
      { state: "delivered", sends: 2 },
    ]),
  );
});

test("receivers that hang hold up neither each other nor a text", async () => {
  await Promise.all(Array.from({ length: 3 }, () => make()));
  const hanging: ServerResponse[] = [];
  receiver.answer = (response) => void hanging.push(response);
  stops.push(() => hanging.forEach((response) => void response.destroy()));
  await work();
  const people = await Promise.all(Array.from({ length: 8 }, () => insertPerson(db.sql)));
  for (const person of people) await issueCode(person);
  await eventually(() => expect(receiver.received).toHaveLength(12));
  const { id } = await insertUser(db.sql, { sms: "+12025550178" });
  expectIssued(await issueGrant(owner, wish(id, { method: "sms", sendNow: true })));
  await eventually(async () => expect(await telephony.inbox("+12025550178")).toHaveLength(1));
  receiver.answer = (response) => void response.destroy();
});
