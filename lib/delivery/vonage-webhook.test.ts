import { createHash, generateKeyPairSync, randomUUID } from "node:crypto";
import { SignJWT, UnsecuredJWT } from "jose";
import { describe, expect, test } from "vitest";
import { readVonageWebhook, type VonageWebhook } from "./vonage-webhook";

const reporter = { apiKey: "a1b2c3d4", applicationId: randomUUID(), signatureSecret: "s".repeat(40) };
const now = new Date("2026-11-23T12:00:00Z");
const nowSeconds = now.getTime() / 1000;
const deliveryId = randomUUID();

const delivered = {
  message_uuid: "aaaaaaaa-bbbb-4ccc-8ddd-0123456789ab",
  to: "12025550101",
  from: "12015550199",
  timestamp: "2026-11-23T11:59:58Z",
  status: "delivered",
  channel: "sms",
  client_ref: deliveryId,
};
const completed = {
  uuid: "63f61863-4a51-4f6b-86e1-46edebcf9356",
  conversation_uuid: "CON-f972836a-550f-45fa-956c-12a2ab5b7d22",
  to: "12025550102",
  from: "12015550199",
  status: "completed",
  direction: "outbound",
  timestamp: "2026-11-23T11:59:58.123Z",
  start_time: "2026-11-23T11:59:00Z",
  duration: "30",
};

const hash = (body: string) => createHash("sha256").update(body).digest("hex");
const claimsOf = (body: string) => ({
  iat: nowSeconds,
  jti: "the-only-one",
  iss: "Vonage",
  payload_hash: hash(body),
  api_key: reporter.apiKey,
  application_id: reporter.applicationId,
});

const signed = async (
  payload: object | string,
  claims: Record<string, unknown> = {},
  { alg = "HS256", secret = reporter.signatureSecret } = {},
): Promise<VonageWebhook> => {
  const body = typeof payload === "string" ? payload : JSON.stringify(payload);
  const token = await new SignJWT({ ...claimsOf(body), ...claims })
    .setProtectedHeader({ alg })
    .sign(new TextEncoder().encode(secret));
  return { authorization: `Bearer ${token}`, rawBody: Buffer.from(body) };
};
const read = (webhook: VonageWebhook) => readVonageWebhook(webhook, reporter, now);

describe("a genuine report", () => {
  test("of a text tells what became of which delivery", async () => {
    expect(await read(await signed(delivered))).toEqual({
      ok: true,
      report: {
        providerRef: delivered.message_uuid,
        deliveryId,
        channel: "sms",
        status: "delivered",
        providerStatus: "delivered",
        providerAt: new Date("2026-11-23T11:59:58Z"),
        webhookId: "the-only-one",
      },
    });
  });

  test("of a call takes the delivery from the address that it came to", async () => {
    expect(await read({ ...(await signed(completed)), deliveryId })).toMatchObject({
      ok: true,
      report: { providerRef: completed.uuid, deliveryId, channel: "voice", status: "delivered" },
    });
  });

  test.each([
    ["submitted", {}, "sent", undefined],
    ["read", {}, "delivered", undefined],
    [
      "rejected",
      { error: { type: "https://developer.vonage.com/api-errors/messages#1240", title: 1240 } },
      "failed",
      "opted_out",
    ],
    ["rejected", { error: { error: { type: "x", title: "1240" } } }, "failed", "opted_out"],
    ["rejected", { error: { title: 1210 } }, "failed", "blocked"],
    ["rejected", { error: { title: 1070 } }, "failed", "out_of_credit"],
    ["rejected", { error: "odd" }, "failed", "other"],
    ["rejected", {}, "failed", "other"],
    ["undeliverable", { error: { title: 1260 } }, "failed", "undeliverable"],
    ["undeliverable", {}, "failed", "undeliverable"],
  ] as const)("of a text that is %s %j means %s %s", async (status, extra, meaning, failure) => {
    const result = await read(await signed({ ...delivered, status, ...extra }));
    expect(result).toMatchObject({ ok: true, report: { status: meaning } });
    expect(result.ok && result.report.failure).toBe(failure);
  });

  test.each([
    ["started", "sent", undefined],
    ["ringing", "sent", undefined],
    ["answered", "sent", undefined],
    ["completed", "delivered", undefined],
    ["busy", "failed", "busy"],
    ["unanswered", "failed", "no_answer"],
    ["timeout", "failed", "no_answer"],
    ["cancelled", "failed", "no_answer"],
    ["rejected", "failed", "declined"],
    ["machine", "failed", "voicemail"],
    ["failed", "failed", "undeliverable"],
  ] as const)("of a call that is %s means %s %s", async (status, meaning, failure) => {
    const result = await read(await signed({ ...completed, status }));
    expect(result).toMatchObject({ ok: true, report: { status: meaning, providerStatus: status } });
    expect(result.ok && result.report.failure).toBe(failure);
  });

  test("of a call that ended without ever having begun is not taken for delivered", async () => {
    const result = await read(await signed({ ...completed, start_time: null, duration: "0" }));
    expect(result).toMatchObject({ ok: true, report: { status: "failed", failure: "no_answer" } });
  });

  test("may name only one of application and account", async () => {
    expect(await read(await signed(delivered, { api_key: undefined }))).toMatchObject({ ok: true });
    expect(await read(await signed(delivered, { application_id: undefined }))).toMatchObject({ ok: true });
  });

  test("keeps its meaning without a reference of ours, or with one that isn't ours", async () => {
    for (const client_ref of [undefined, "", "not-an-id", 7]) {
      const result = await read(await signed({ ...delivered, client_ref }));
      expect(result).toMatchObject({ ok: true, report: { status: "delivered" } });
      expect(result.ok && "deliveryId" in result.report).toBe(false);
    }
  });

  test("of what no delivery waits for is irrelevant", async () => {
    expect(await read(await signed({ ...delivered, status: "typing" }))).toEqual({
      ok: false,
      reason: "irrelevant",
    });
    expect(await read(await signed({ ...completed, status: "transfer" }))).toEqual({
      ok: false,
      reason: "irrelevant",
    });
  });

  test.each(["", "null", "[]", "{", '{"status":"delivered"}', "\u0000"])(
    "that can't be read (%j) is unreadable",
    async (body) => {
      expect(await read(await signed(body))).toEqual({ ok: false, reason: "unreadable" });
    },
  );
});

describe("what no database can hold", () => {
  test.each([
    ["a NUL in a text's id", { ...delivered, message_uuid: "a\0b" }],
    ["a NUL in a call's id", { ...completed, uuid: "a\0b" }],
    ["a time after all calendars", { ...delivered, timestamp: "+275760-09-13T00:00:00.000Z" }],
  ])("%s is unreadable", async (_, body) => {
    expect(await read(await signed(body))).toEqual({ ok: false, reason: "unreadable" });
  });

  test.each(["a\0b", "j".repeat(9_000)])("such an id of the report is forged", async (jti) => {
    expect(await read(await signed(delivered, { jti }))).toEqual({ ok: false, reason: "forged" });
  });
});

describe("a webhook that is not to be believed", () => {
  test("unsigned", async () => {
    const { rawBody } = await signed(delivered);
    for (const authorization of [undefined, "", "Bearer", "Basic dTpw"])
      expect(await read({ authorization, rawBody })).toEqual({ ok: false, reason: "unsigned" });
  });

  test("signed with another secret", async () => {
    const webhook = await signed(delivered, {}, { secret: "t".repeat(40) });
    expect(await read(webhook)).toEqual({ ok: false, reason: "forged" });
  });

  test("signed by another algorithm with the right secret", async () => {
    for (const alg of ["HS384", "HS512"])
      expect(
        await read(await signed(delivered, {}, { alg, secret: reporter.signatureSecret.repeat(2) })),
      ).toEqual({
        ok: false,
        reason: "forged",
      });
  });

  test("signed by RS256 with a key of the forger's", async () => {
    const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const body = JSON.stringify(delivered);
    const token = await new SignJWT(claimsOf(body)).setProtectedHeader({ alg: "RS256" }).sign(privateKey);
    const webhook = { authorization: `Bearer ${token}`, rawBody: Buffer.from(body) };
    expect(await read(webhook)).toEqual({ ok: false, reason: "forged" });
  });

  test("with the algorithm none", async () => {
    const body = JSON.stringify(delivered);
    const token = new UnsecuredJWT(claimsOf(body)).encode();
    expect(await read({ authorization: `Bearer ${token}`, rawBody: Buffer.from(body) })).toEqual({
      ok: false,
      reason: "forged",
    });
  });

  test.each(["jti", "iat", "iss", "payload_hash"])("without the claim %s", async (claim) => {
    expect(await read(await signed(delivered, { [claim]: undefined }))).toEqual({
      ok: false,
      reason: "forged",
    });
  });

  test("older or newer than five minutes", async () => {
    for (const offset of [-301, -86_400, 301])
      expect(await read(await signed(delivered, { iat: nowSeconds + offset }))).toEqual({
        ok: false,
        reason: "stale",
      });
    for (const offset of [-299, 299])
      expect(await read(await signed(delivered, { iat: nowSeconds + offset }))).toMatchObject({ ok: true });
  });

  test.each([
    ["issuer", { iss: "Someone" }],
    ["application", { application_id: randomUUID() }],
    ["account", { api_key: "e5f6a7b8" }],
    ["account, naming neither", { api_key: undefined, application_id: undefined }],
  ])("of another %s", async (_what, claims) => {
    expect(await read(await signed(delivered, claims))).toEqual({ ok: false, reason: "foreign" });
  });

  test("with another body than the signed one, be it by one space", async () => {
    const webhook = await signed(delivered);
    const bodies = [
      JSON.stringify({ ...delivered, status: "rejected" }),
      `${JSON.stringify(delivered)} `,
      "",
    ];
    for (const body of bodies)
      expect(await read({ ...webhook, rawBody: Buffer.from(body) })).toEqual({
        ok: false,
        reason: "altered",
      });
    expect(await read(await signed(delivered, { payload_hash: hash("{}") }))).toEqual({
      ok: false,
      reason: "altered",
    });
  });
});
