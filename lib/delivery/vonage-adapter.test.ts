import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import type { Standin } from "@/tools/standin/standin";
import { eventually } from "@/tools/testing/eventually";
import { Listener, makeAccount, startTestStandin } from "@/tools/testing/standin";
import { otpCall } from "./message";
import type { SendOutcome, TelephonyProvider } from "./provider";
import { createVonageProvider, type VonageOptions } from "./vonage-adapter";
import { readVonageWebhook } from "./vonage-webhook";

const account = makeAccount();
let standin: Standin;
let reports: Listener;

const provider = (options: Partial<VonageOptions> = {}): TelephonyProvider =>
  createVonageProvider({
    applicationId: account.applicationId,
    privateKey: account.privateKey,
    from: "+12015550199",
    apiBase: standin.url,
    timeoutMilliseconds: 2_000,
    reportsBase: reports.url,
    ...options,
  });

const message = otpCall({ language: "en", company: "Example & Co", code: "483920", minutes: 5 });

const ways = [
  [
    "text",
    (to: string, by = provider(), deliveryId: string = randomUUID()) =>
      by.sendText({ deliveryId, toE164: to, text: "483920 is your code" }),
  ],
  [
    "call",
    (to: string, by = provider(), deliveryId: string = randomUUID()) =>
      by.placeCall({ deliveryId, toE164: to, message }),
  ],
] as const;

const notSent = { state: "refused", failure: "not_sent", retryable: true };

const inbox = async (to: string): Promise<{ text: string; status: string }[]> =>
  (await fetch(`${standin.url}/inbox?to=${encodeURIComponent(to)}`)).json() as never;
const put = (path: string, body: object) =>
  fetch(`${standin.url}${path}`, {
    method: "PUT",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
const read = ({ path, headers, body }: Listener["arrivals"][number]) =>
  readVonageWebhook(
    {
      authorization: headers.authorization,
      rawBody: Buffer.from(body),
      deliveryId: new URL(path, "http://localhost").searchParams.get("delivery") ?? undefined,
    },
    account,
    new Date(),
  );

beforeAll(async () => {
  reports = await Listener.start();
  return () => reports.close();
});

beforeEach(async () => {
  reports.arrivals.length = 0;
  standin = await startTestStandin(account);
});

afterEach(() => standin.close());

describe.each(ways)("a %s by Vonage", (kind, send) => {
  test("is accepted, arrives, and is reported on under our own id", async () => {
    const deliveryId = randomUUID();
    const outcome = await send("+12025550101", provider(), deliveryId);
    expect(outcome).toEqual({ state: "accepted", providerRef: expect.stringMatching(/^[0-9a-f-]{36}$/) });
    const last = kind === "text" ? "delivered" : "completed";
    await eventually(async () => expect(await inbox("+12025550101")).toMatchObject([{ status: last }]));
    const at = await eventually(() => {
      const found = reports.reports.findIndex(({ status }) => status === last);
      expect(found).toBeGreaterThanOrEqual(0);
      return found;
    });
    const result = await read(reports.arrivals[at] as never);
    expect(result).toMatchObject({
      ok: true,
      report: {
        providerRef: (outcome as { providerRef: string }).providerRef,
        deliveryId,
        channel: kind === "text" ? "sms" : "voice",
        status: "delivered",
      },
    });
  });

  test.each(
    kind === "text"
      ? [
          ["+12025550110", "opted_out"],
          ["+12025550111", "undeliverable"],
        ]
      : [
          ["+12025550110", "declined"],
          ["+12025550111", "undeliverable"],
          ["+12025550115", "busy"],
        ],
  )("to %s is accepted and then reported as failed: %s", async (to, failure) => {
    expect(await send(to)).toMatchObject({ state: "accepted" });
    await eventually(async () => {
      const results = await Promise.all(reports.arrivals.map(read));
      expect(results.at(-1)).toMatchObject({ ok: true, report: { status: "failed", failure } });
    });
  });

  test("that is answered too late is unknown, though it arrives and is reported on", async () => {
    await standin.close();
    standin = await startTestStandin(account, { pace: 0.1 });
    const deliveryId = randomUUID();
    const outcome = await send("+12025550112", provider({ timeoutMilliseconds: 1_000 }), deliveryId);
    expect(outcome).toEqual({ state: "unknown", failure: "timeout" });
    await eventually(async () =>
      expect(await read(reports.arrivals.at(-1) as never)).toMatchObject({
        ok: true,
        report: { deliveryId, status: "delivered" },
      }),
    );
  });

  test("is refused for now while throttled, and accepted after two waits", async () => {
    const wait = { state: "refused", failure: "throttled", retryable: true, retryAfterSeconds: 1 };
    expect(await send("+12025550114")).toEqual(wait);
    expect(await send("+12025550114")).toEqual(wait);
    expect(await inbox("+12025550114")).toEqual([]);
    expect(await send("+12025550114")).toMatchObject({ state: "accepted" });
  });

  test("is unknown after a fault of the provider and during an outage", async () => {
    expect(await send("+12025550116")).toEqual({ state: "unknown", failure: "provider_down" });
    await put("/outage", { on: true });
    expect(await send("+12025550101")).toEqual({ state: "unknown", failure: "provider_down" });
    await put("/outage", { on: false });
    expect(await send("+12025550101")).toMatchObject({ state: "accepted" });
  });

  test("is certainly not sent where nobody listens, and may be tried again", async () => {
    const gone = await Listener.start();
    const apiBase = gone.url;
    await gone.close();
    expect(await send("+12025550101", provider({ apiBase }))).toEqual(notSent);
  });

  test("is certainly not sent where no such host is, and may be tried again", async () => {
    const cause = Object.assign(new Error("getaddrinfo ENOTFOUND"), { code: "ENOTFOUND" });
    vi.stubGlobal("fetch", () => Promise.reject(new TypeError("fetch failed", { cause })));
    expect(await send("+12025550101")).toEqual(notSent);
    vi.unstubAllGlobals();
  });

  test("is refused for good with another application's key or id", async () => {
    const outcome = { state: "refused", failure: "credentials", retryable: false };
    expect(await send("+12025550101", provider({ privateKey: makeAccount().privateKey }))).toEqual(outcome);
    expect(await send("+12025550101", provider({ applicationId: randomUUID() }))).toEqual(outcome);
    expect(await send("+12025550101", provider({ privateKey: "no key" }))).toEqual(outcome);
  });

  test("is refused for good to a number that is none", async () => {
    expect(await send("+0123")).toEqual({
      state: "refused",
      failure: "number_invalid",
      retryable: false,
    });
  });

  test("takes a key whose line ends are written as an environment writes them", async () => {
    const privateKey = account.privateKey.replaceAll("\n", "\\n");
    expect(await send("+12025550101", provider({ privateKey }))).toMatchObject({ state: "accepted" });
  });
});

describe.each(ways)("a %s by a provider that lies", (_kind, send) => {
  let liar: Listener;
  beforeEach(async () => {
    liar = await Listener.start();
    return () => liar.close();
  });
  const ask = (timeoutMilliseconds = 2_000): Promise<SendOutcome> =>
    send("+12025550101", provider({ apiBase: liar.url, timeoutMilliseconds }));
  const json = { "content-type": "application/json" };

  test.each([
    ["HTML", { status: 202, headers: { "content-type": "text/html" }, body: "<h1>Welcome</h1>" }],
    ["broken JSON", { status: 202, headers: json, body: '{"message_uuid": "' }],
    ["nothing", { status: 202, headers: json }],
    ["a JSON null", { status: 202, headers: json, body: "null" }],
    ["an object without an id", { status: 202, headers: json, body: "{}" }],
    ["an id that is none", { status: 202, headers: json, body: '{"message_uuid":{},"uuid":7}' }],
    ["an endless body", { status: 202, headers: json, body: `{"a":"${"a".repeat(200_000)}"}` }],
  ])("that answers %s is unknown", async (_what, answer) => {
    liar.answer = () => answer;
    expect(await ask()).toEqual({ state: "unknown", failure: "unreadable" });
  });

  test.each([301, 302, 303, 307, 308])(
    "that redirects by %i is unknown, and nothing follows",
    async (status) => {
      liar.answer = (index) => ({ status, headers: { location: `/elsewhere/${index}` } });
      expect(await ask()).toEqual({ state: "unknown", failure: "unreadable" });
      expect(liar.arrivals).toHaveLength(1);
    },
  );

  test("that hangs up is unknown", async () => {
    const rude = createServer((request) => request.socket.destroy());
    await new Promise<void>((resolve) => rude.listen(0, "127.0.0.1", resolve));
    const apiBase = `http://127.0.0.1:${(rude.address() as AddressInfo).port}`;
    expect(await send("+12025550101", provider({ apiBase }))).toEqual({
      state: "unknown",
      failure: "connection_lost",
    });
    await new Promise((resolve) => rude.close(resolve));
  });

  test("that trickles its answer is unknown when the time is up", async () => {
    const slow = createServer((_request, response) => {
      response.writeHead(202, json).write('{"message_');
    });
    await new Promise<void>((resolve) => slow.listen(0, "127.0.0.1", resolve));
    const apiBase = `http://127.0.0.1:${(slow.address() as AddressInfo).port}`;
    expect(await send("+12025550101", provider({ apiBase, timeoutMilliseconds: 200 }))).toEqual({
      state: "unknown",
      failure: "timeout",
    });
    slow.closeAllConnections();
    await new Promise((resolve) => slow.close(resolve));
  });

  test.each([
    [402, "out_of_credit"],
    [403, "credentials"],
    [404, "request_invalid"],
    [422, "request_invalid"],
  ])("that answers %i with an unreadable reason is refused for good: %s", async (status, failure) => {
    liar.answer = () => ({ status, body: "<h1>no</h1>" });
    expect(await ask()).toEqual({ state: "refused", failure, retryable: false });
  });
});

test("a call says the code digit by digit with pauses, twice, and no mailbox hears it", async () => {
  const ear = await Listener.start();
  await ways[1][1]("+442079460104", provider({ apiBase: ear.url }));
  const [request] = ear.reports as { ncco: { text: string; loop: number }[]; machine_detection: string }[];
  const [talk] = request?.ncco ?? [];
  expect(talk).toMatchObject({ action: "talk", language: "en-US", style: 0, loop: 2 });
  expect(talk?.text).toContain("4<break time='700ms'/>8<break time='700ms'/>3<break time='700ms'/>9");
  expect(talk?.text).toContain("Example &amp; Co");
  expect(request).toMatchObject({
    machine_detection: "hangup",
    to: [{ type: "phone", number: "442079460104" }],
  });
  await ear.close();
});

test("the provider is not made while DEBUG would print the private key", () => {
  for (const value of ["*", "vonage:*", "express,vonage:jwt"]) {
    vi.stubEnv("DEBUG", value);
    expect(() => provider()).toThrow(/DEBUG/);
  }
  vi.unstubAllEnvs();
});
