import { createHash, createHmac, randomUUID } from "node:crypto";
import { importPKCS8, jwtVerify, SignJWT } from "jose";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { eventually } from "@/tools/testing/eventually";
import { Listener, makeAccount, startTestStandin } from "@/tools/testing/standin";
import type { Standin } from "./standin";

const account = makeAccount();
let standin: Standin;
let listener: Listener;

beforeEach(async () => {
  listener = await Listener.start();
  standin = await startTestStandin(account, {
    webhooks: { messageStatusUrl: `${listener.url}/messages`, voiceEventUrl: `${listener.url}/voice` },
  });
});
afterEach(async () => {
  await standin.close();
  await listener.close();
});

const nowSeconds = () => Math.floor(Date.now() / 1000);
const claims = () => ({
  application_id: account.applicationId,
  jti: randomUUID(),
  iat: nowSeconds(),
  exp: nowSeconds() + 900,
});
const bearer = async (overrides: Record<string, unknown> = {}, key = account.privateKey, alg = "RS256") =>
  `Bearer ${await new SignJWT({ ...claims(), ...overrides })
    .setProtectedHeader({ alg, typ: "JWT" })
    .sign(await importPKCS8(key, alg))}`;
const basic = `Basic ${Buffer.from(`${account.apiKey}:${account.apiSecret}`).toString("base64")}`;

const message = {
  channel: "sms",
  message_type: "text",
  to: "12025550101",
  from: "12015550199",
  text: "483920 is your code",
};
const talk = { action: "talk", text: "Hello", language: "en-US", style: 0, loop: 2 };
const call = {
  to: [{ type: "phone", number: "12025550102" }],
  from: { type: "phone", number: "12015550199" },
  ncco: [talk],
};

const post = async (path: string, body: unknown, authorization?: string, type = "application/json") => {
  const response = await fetch(`${standin.url}${path}`, {
    method: "POST",
    headers: { "content-type": type, ...(authorization ? { authorization } : {}) },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
  return { status: response.status, type: response.headers.get("content-type"), body: await response.json() };
};
const put = (path: string, body: object) =>
  fetch(`${standin.url}${path}`, {
    method: "PUT",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
const inbox = async (to = "") => (await fetch(`${standin.url}/inbox${to}`)).json();

describe("who may send", () => {
  test.each(["/v1/messages", "/v1/calls"])(
    "%s refuses who has no credentials or wrong ones",
    async (path) => {
      const good = path === "/v1/messages" ? message : call;
      const wrong = [
        undefined,
        "Bearer nonsense",
        `Basic ${Buffer.from(`${account.apiKey}:wrong`).toString("base64")}`,
        await bearer({}, makeAccount().privateKey),
        await bearer({ application_id: randomUUID() }),
        await bearer({ application_id: undefined }),
        await bearer({ jti: undefined }),
        await bearer({ iat: undefined }),
        await bearer({ exp: undefined }),
        await bearer({ exp: nowSeconds() - 60 }),
        await bearer({ iat: nowSeconds() + 600 }),
        await bearer({ exp: nowSeconds() + 172_800 }),
        await bearer({}, account.privateKey, "RS512"),
        forgedByPublicKey(),
      ];
      for (const authorization of wrong)
        expect(await post(path, good, authorization), String(authorization)).toMatchObject({
          status: 401,
          type: "application/problem+json",
          body: { title: "Unauthorized", type: expect.any(String), detail: expect.any(String) },
        });
      expect(await inbox()).toEqual([]);
    },
  );

  test("texts may go by key and secret, calls by the application's token alone", async () => {
    expect(await post("/v1/messages", message, basic)).toMatchObject({ status: 202 });
    expect(await post("/v1/calls", call, basic)).toMatchObject({ status: 401 });
    expect(await post("/v1/calls", call, await bearer())).toMatchObject({ status: 201 });
  });
});

/** The public key taken for an HMAC secret: the old trick with `alg`. */
function forgedByPublicKey(): string {
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const head = `${encode({ alg: "HS256", typ: "JWT" })}.${encode(claims())}`;
  return `Bearer ${head}.${createHmac("sha256", account.publicKey).update(head).digest("base64url")}`;
}

describe("what is refused of a text", () => {
  test.each([
    ["channel", { channel: "mms" }],
    ["message_type", { message_type: "image" }],
    ["message_type", { message_type: undefined }],
    ["to", { to: undefined }],
    ["to", { to: "+12025550101" }],
    ["to", { to: "0012025550101" }],
    ["to", { to: `1202555${"0".repeat(10)}` }],
    ["to", { to: 12_025_550_101 }],
    ["from", { from: undefined }],
    ["from", { from: "+12015550199" }],
    ["from", { from: "TwelveLetter" }],
    ["text", { text: "" }],
    ["text", { text: undefined }],
    ["text", { text: "x".repeat(1001) }],
    ["client_ref", { client_ref: "x".repeat(101) }],
    ["webhook_url", { webhook_url: "ftp://example.com" }],
    ["ttl", { ttl: 5 }],
    ["messageType", { messageType: "text" }],
  ])("its %s (%#)", async (name, change) => {
    expect(await post("/v1/messages", { ...message, ...change }, await bearer())).toMatchObject({
      status: 422,
      type: "application/problem+json",
      body: {
        type: "https://developer.vonage.com/api-errors/messages#1150",
        title: "Invalid params",
        detail: expect.any(String),
        instance: expect.any(String),
        invalid_parameters: [{ name, reason: expect.any(String) }],
      },
    });
    expect(await inbox()).toEqual([]);
  });

  test("a body that isn't JSON, or is too large", async () => {
    expect(await post("/v1/messages", "{", await bearer())).toMatchObject({ status: 400 });
    expect(
      await post("/v1/messages", "a=b", await bearer(), "application/x-www-form-urlencoded"),
    ).toMatchObject({
      status: 415,
    });
    expect(await post("/v1/messages", "[]", await bearer())).toMatchObject({ status: 422 });
    expect(
      await post("/v1/messages", { ...message, text: "x".repeat(70_000) }, await bearer()),
    ).toMatchObject({
      status: 413,
    });
  });
});

describe("what is refused of a call", () => {
  const withTalk = (change: object) => ({ ...call, ncco: [{ ...talk, ...change }] });
  test.each([
    ["to", { ...call, to: [] }],
    ["to", { ...call, to: undefined }],
    ["to.0.number", { ...call, to: [{ type: "phone", number: "+12025550102" }] }],
    ["to.0.type", { ...call, to: [{ type: "sip", number: "12025550102" }] }],
    ["to", { ...call, to: [...call.to, ...call.to] }],
    ["from", { ...call, from: undefined }],
    ["from", { ...call, random_from_number: true }],
    ["from.number", { ...call, from: { type: "phone", number: "Example" } }],
    ["ncco", { ...call, ncco: undefined }],
    ["ncco", { ...call, ncco: [] }],
    ["ncco.0.action", withTalk({ action: "record" })],
    ["ncco.0.action", withTalk({ action: undefined })],
    ["ncco.0.text", withTalk({ text: undefined })],
    ["ncco.0.text", withTalk({ text: "x".repeat(1501) })],
    ["ncco.0.text", withTalk({ text: "<speak>Hello" })],
    ["ncco.0.text", withTalk({ text: "<speak>a <break time='1s'>b</speak>" })],
    ["ncco.0.text", withTalk({ text: "<speak>a <script/>b</speak>" })],
    ["ncco.0.text", withTalk({ text: "<speak>this & that</speak>" })],
    ["ncco.0.text", withTalk({ text: "Hello <break time='1s'/> there" })],
    ["ncco.0.language", withTalk({ language: "de" })],
    ["ncco.0.style", withTalk({ style: "0" })],
    ["ncco.0.premium", withTalk({ premium: "yes" })],
    ["ncco.0.loop", withTalk({ loop: -1 })],
    ["ncco.0.bargeIn", withTalk({ bargeIn: 1 })],
    ["ncco.0.barge_in", withTalk({ barge_in: true })],
    ["ringing_timer", { ...call, ringing_timer: 121 }],
    ["length_timer", { ...call, length_timer: 0 }],
    ["event_url", { ...call, event_url: "https://example.com" }],
    ["machine_detection", { ...call, machine_detection: "stop" }],
    ["eventUrl", { ...call, eventUrl: ["https://example.com"] }],
  ])("its %s (%#)", async (name, body) => {
    expect(await post("/v1/calls", body, await bearer())).toMatchObject({
      status: 400,
      type: "application/problem+json",
      body: { invalid_parameters: expect.arrayContaining([{ name, reason: expect.any(String) }]) },
    });
    expect(await inbox()).toEqual([]);
  });

  test("tags don't count towards the length of what is spoken", async () => {
    const text = `<speak>${"12345 <break time='500ms'/>".repeat(200)}</speak>`;
    expect(await post("/v1/calls", withTalk({ text }), await bearer())).toMatchObject({ status: 201 });
  });
});

describe("a text that is taken", () => {
  test("is answered by its id, shown on the phone, and reported on by signed webhooks in order", async () => {
    const { status, body } = await post("/v1/messages", { ...message, client_ref: "mine" }, await bearer());
    expect(status).toBe(202);
    expect(body).toEqual({ message_uuid: expect.stringMatching(/^[0-9a-f-]{36}$/) });
    await eventually(() => expect(listener.reports).toHaveLength(2));
    expect(listener.reports).toMatchObject([
      {
        message_uuid: body.message_uuid,
        status: "submitted",
        client_ref: "mine",
        to: message.to,
        channel: "sms",
      },
      {
        message_uuid: body.message_uuid,
        status: "delivered",
        client_ref: "mine",
        to: message.to,
        channel: "sms",
      },
    ]);
    expect(await inbox("?to=%2B12025550101")).toEqual([
      {
        id: body.message_uuid,
        channel: "sms",
        to: "+12025550101",
        text: message.text,
        at: expect.stringMatching(/^\d{4}-/),
        ref: "mine",
        status: "delivered",
      },
    ]);
    for (const arrival of listener.arrivals) {
      const { payload, protectedHeader } = await jwtVerify(
        arrival.headers.authorization?.slice(7) ?? "",
        new TextEncoder().encode(account.signatureSecret),
      );
      expect(protectedHeader.alg).toBe("HS256");
      expect(payload).toMatchObject({
        iss: "Vonage",
        api_key: account.apiKey,
        application_id: account.applicationId,
        payload_hash: createHash("sha256").update(arrival.body).digest("hex"),
        jti: expect.any(String),
      });
    }
  });

  test("reports to the address that the request names", async () => {
    await post("/v1/messages", { ...message, webhook_url: `${listener.url}/own` }, await bearer());
    await eventually(() => expect(listener.arrivals.map(({ path }) => path)).toEqual(["/own", "/own"]));
  });

  test("reports again, under the same jti, until it is answered by a 2xx", async () => {
    listener.answer = (index) => ({ status: index < 2 ? 503 : 204 });
    await post("/v1/messages", message, await bearer());
    await eventually(() => expect(listener.arrivals).toHaveLength(4));
    const byId = listener.arrivals.map(({ headers, body }) => {
      const [, claims] = headers.authorization?.split(".") ?? [];
      return `${JSON.parse(body).status} ${JSON.parse(Buffer.from(claims ?? "", "base64url").toString()).jti}`;
    });
    expect(new Set(byId).size).toBe(2);
  });

  test("reports twice, in reverse or not at all, when told so", async () => {
    await put("/webhooks", { mode: "twice" });
    await post("/v1/messages", message, await bearer());
    await eventually(() => expect(listener.arrivals).toHaveLength(4));
    listener.arrivals.length = 0;
    await put("/webhooks", { mode: "reversed" });
    await post("/v1/messages", message, await bearer());
    await eventually(() => expect(listener.reports.map((r) => r.status)).toEqual(["delivered", "submitted"]));
    listener.arrivals.length = 0;
    await put("/webhooks", { mode: "dropped" });
    await post("/v1/messages", message, await bearer());
    await eventually(async () => expect((await inbox())[0].status).toBe("delivered"));
    expect(listener.arrivals).toEqual([]);
  });
});

describe("a call that is taken", () => {
  test("is answered by its ids, transcribed, and reported on to its end", async () => {
    const text = "<speak>Your code is:<break time='1s'/> 4 <break time='1s'/> 8. Tom &amp; Co</speak>";
    const { status, body } = await post("/v1/calls", { ...call, ncco: [{ ...talk, text }] }, await bearer());
    expect(status).toBe(201);
    expect(body).toEqual({
      uuid: expect.stringMatching(/^[0-9a-f-]{36}$/),
      status: "started",
      direction: "outbound",
      conversation_uuid: expect.stringMatching(/^CON-[0-9a-f-]{36}$/),
    });
    await eventually(() => expect(listener.reports).toHaveLength(4));
    expect(listener.reports.map((report) => report.status)).toEqual([
      "started",
      "ringing",
      "answered",
      "completed",
    ]);
    expect(listener.reports[3]).toMatchObject({ uuid: body.uuid, duration: "30", direction: "outbound" });
    expect(await inbox("?to=12025550102")).toMatchObject([
      { id: body.uuid, channel: "voice", text: "Your code is: 4 8. Tom & Co\nYour code is: 4 8. Tom & Co" },
    ]);
  });

  test("to the busy number is busy, says nothing, and is answered the next time", async () => {
    const busy = { ...call, to: [{ type: "phone", number: "12025550115" }] };
    await post("/v1/calls", busy, await bearer());
    await eventually(async () => expect(await inbox()).toMatchObject([{ status: "busy", text: "" }]));
    await post("/v1/calls", busy, await bearer());
    await eventually(async () =>
      expect(await inbox()).toMatchObject([
        { status: "completed", text: "Hello\nHello" },
        { status: "busy" },
      ]),
    );
  });
});

describe("a call to a voice mailbox", () => {
  test("is answered, found out, hung up on and completed, and nothing was said", async () => {
    const { body } = await post(
      "/v1/calls",
      { ...call, to: [{ type: "phone", number: "12025550117" }], machine_detection: "hangup" },
      await bearer(),
    );
    await eventually(() => expect(listener.reports).toHaveLength(5));
    expect(listener.reports.map(({ uuid, status }) => [uuid, status])).toEqual(
      ["started", "ringing", "answered", "machine", "completed"].map((status) => [body.uuid, status]),
    );
    expect(await inbox("?to=12025550117")).toMatchObject([{ id: body.uuid, text: "" }]);
  });
});

describe("the numbers with a conduct of their own", () => {
  const sms = async (to: string) => post("/v1/messages", { ...message, to }, await bearer());

  test("late is delivered after eight seconds, not before", async () => {
    await sms("12025550113");
    await eventually(async () => expect((await inbox())[0].status).toBe("submitted"));
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect((await inbox())[0].status).toBe("submitted");
    await eventually(async () => expect((await inbox())[0].status).toBe("delivered"));
  });

  test("throttled answers 429 twice and then accepts, again and again", async () => {
    const statuses = [];
    for (let i = 0; i < 6; i++) statuses.push((await sms("12025550114")).status);
    expect(statuses).toEqual([429, 429, 202, 429, 429, 202]);
  });

  test("the server error is one, and nothing arrives", async () => {
    expect(await sms("12025550116")).toMatchObject({ status: 500, type: "application/problem+json" });
    expect(await inbox()).toEqual([]);
  });

  test("an outage fails every request until it is switched off", async () => {
    expect((await put("/outage", { on: true })).status).toBe(204);
    expect(await sms("12025550101")).toMatchObject({ status: 503 });
    expect(await post("/v1/calls", call, await bearer())).toMatchObject({ status: 503 });
    await put("/outage", { on: false });
    expect(await sms("12025550101")).toMatchObject({ status: 202 });
    expect((await put("/outage", { on: "yes" })).status).toBe(400);
  });

  test("latency holds every answer", async () => {
    await put("/latency", { ms: 120 });
    const begun = performance.now();
    await sms("12025550101");
    expect(performance.now() - begun).toBeGreaterThan(115);
  });
});

test("the inbox is newest first, by phone, bounded, and can be emptied", async () => {
  await standin.close();
  standin = await startTestStandin(account, { entriesMax: 3 });
  for (const text of ["a", "b", "c", "d"]) await post("/v1/messages", { ...message, text }, await bearer());
  await post("/v1/messages", { ...message, to: "12025550103", text: "e" }, await bearer());
  const texts = (entries: { text: string }[]) => entries.map(({ text }) => text);
  expect(texts(await inbox())).toEqual(["e", "d", "c"]);
  expect(texts(await inbox("?to=%2B12025550101"))).toEqual(["d", "c"]);
  expect(texts(await inbox("?to=+12025550103"))).toEqual(["e"]);
  expect(await inbox("?to=%2B12025550199")).toEqual([]);
  await fetch(`${standin.url}/inbox`, { method: "DELETE" });
  expect(await inbox()).toEqual([]);
});

test("the page and its fonts come from the stand-in itself", async () => {
  const page = await (await fetch(standin.url)).text();
  expect(page).toContain("<title>Phones");
  expect(page).not.toMatch(/https?:\/\/(?!www\.w3\.org)/);
  expect((await fetch(`${standin.url}/fonts/inter.woff2`)).headers.get("content-type")).toBe("font/woff2");
});

test("what Vonage has and the stand-in doesn't is not found", async () => {
  expect(await post("/v2/verify", {}, await bearer())).toMatchObject({
    status: 404,
    type: "application/problem+json",
  });
});
