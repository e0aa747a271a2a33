import { execFileSync } from "node:child_process";
import type { lookup } from "node:dns";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { expect, test, vi } from "vitest";
import { parseNetworks } from "@/lib/platform/network";
import { openReceiver } from "@/tools/testing/receiver";
import { createPoster, type PostOptions } from "./post-adapter";

const receiver = openReceiver();
const inside = openReceiver("127.0.0.2");
const allowed = parseNetworks("127.0.0.1/32") ?? [];

const post = (url = receiver.url(), options: Partial<PostOptions> = {}) =>
  createPoster({ allowed, ...options })(new URL(url), '{"a":1}', { "webhook-id": "m-1" });

/** A name server that tells each who asks the next of its answers. */
function nameServer(...answers: string[][]): { resolve: typeof lookup; asked: () => number } {
  const ask = vi.fn((_name: string, _options: unknown, done: (error: null, found: object[]) => void) => {
    const addresses = answers[Math.min(ask.mock.calls.length, answers.length) - 1] ?? [];
    done(
      null,
      addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 })),
    );
  });
  return { resolve: ask as unknown as typeof lookup, asked: () => ask.mock.calls.length };
}

const named = (url: string) => url.replace("127.0.0.1", "hooks.example.com");

test("a message is posted as it is, and what the receiver says is kept, cut and without control characters", async () => {
  receiver.answer = (response) =>
    response.writeHead(500, { "retry-after": "7" }).end(`no\u0007pe${"é".repeat(9000)}`);
  const answer = await post(receiver.url("/a?b=c"));
  expect(receiver.received.at(-1)).toMatchObject({
    path: "/a?b=c",
    body: '{"a":1}',
    headers: { "webhook-id": "m-1", "content-length": "7", connection: "close" },
  });
  expect(answer).toMatchObject({ status: 500, retryAfterSeconds: 7 });
  expect("excerpt" in answer && answer.excerpt).toMatch(/^nopeé+$/);
  expect("excerpt" in answer && answer.excerpt.length).toBe(1024);
});

test("a receiver that hangs is given up", async () => {
  receiver.answer = () => undefined;
  expect(await post(receiver.url(), { answerMsMax: 200 })).toEqual({ failure: "timeout" });
});

test("a receiver that says something and then hangs, or that never ends, has answered", async () => {
  receiver.answer = (response) => void response.writeHead(200).write("so");
  expect(await post()).toMatchObject({ status: 200, excerpt: "so" });
  let closed: Promise<unknown> | undefined;
  receiver.answer = (response) => {
    closed = new Promise((resolve) => response.on("close", resolve));
    response.writeHead(200);
    const more = () => {
      if (!response.destroyed) response.write("x".repeat(1 << 16), () => setImmediate(more));
    };
    more();
  };
  expect(await post()).toMatchObject({ status: 200, excerpt: "x".repeat(1024) });
  await closed;
});

test.each(["http://169.254.169.254/latest/meta-data", "INSIDE"])(
  "a redirect to %s is not followed",
  async (to) => {
    const before = inside.received.length;
    receiver.answer = (response) =>
      void response.writeHead(307, { location: to === "INSIDE" ? inside.url() : to }).end();
    expect(await post()).toMatchObject({ status: 307 });
    expect(inside.received).toHaveLength(before);
  },
);

test("a receiver that isn't there, that hangs up or that speaks nonsense has not answered", async () => {
  expect(await post(receiver.url().replace(/:\d+/, ":1"))).toEqual({ failure: "connection" });
  receiver.answer = (response) => void response.socket?.destroy();
  expect(await post()).toEqual({ failure: "connection" });
  receiver.answer = (response) => void response.socket?.end("SMTP ready\r\n");
  expect(await post()).toEqual({ failure: "connection" });
});

test("a receiver that asks for another protocol has not answered, and holds nobody up", async () => {
  receiver.answer = (response) =>
    void response.socket?.write(
      "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n",
    );
  expect(await post(receiver.url(), { answerMsMax: 200 })).toEqual({ failure: "connection" });
});

test("an address that is refused is never connected to, however it is written", async () => {
  const before = inside.received.length;
  expect(await post(inside.url())).toEqual({ failure: "address" });
  expect(await post(inside.url().replace("127.0.0.2", "0x7f.2"))).toEqual({ failure: "address" });
  expect(await post(inside.url().replace("127.0.0.2", "[::ffff:7f00:2]"))).toEqual({ failure: "address" });
  expect(inside.received).toHaveLength(before);
});

test("localhost, by the system's own resolver, leads nowhere where no network is named", async () => {
  const before = receiver.received.length;
  const url = receiver.url().replace("127.0.0.1", "localhost");
  expect(await post(url, { allowed: [] })).toEqual({ failure: "address" });
  expect(receiver.received).toHaveLength(before);
});

test("a name of which one address is refused is refused whole", async () => {
  receiver.answer = (response) => void response.writeHead(204).end();
  for (const other of ["127.0.0.2", "10.0.0.1", "::1", "169.254.169.254"]) {
    const { resolve } = nameServer(["127.0.0.1", other]);
    expect(await post(named(receiver.url()), { resolve })).toEqual({ failure: "address" });
  }
  expect(await post(named(receiver.url()), { resolve: nameServer([]).resolve })).toEqual({
    failure: "address",
  });
});

test("a name that leads inside when it is asked again is asked once, and judged anew the next time (dns-rebinding)", async () => {
  receiver.answer = (response) => void response.writeHead(204).end();
  const names = nameServer(["127.0.0.1"], ["127.0.0.2"]);
  const before = [receiver.received.length, inside.received.length];
  const url = named(receiver.url());
  expect(await post(url, { resolve: names.resolve })).toMatchObject({ status: 204 });
  expect(names.asked()).toBe(1);
  expect(await post(url, { resolve: names.resolve })).toEqual({ failure: "address" });
  expect([receiver.received.length, inside.received.length]).toEqual([(before[0] as number) + 1, before[1]]);
});

test("a name that nobody knows, plain http where TLS is wanted, and a certificate that nobody vouches for are told apart", async () => {
  const unknown = ((_name: string, _options: unknown, done: (error: Error) => void) =>
    done(Object.assign(new Error("no"), { code: "ENOTFOUND" }))) as unknown as typeof lookup;
  expect(await post("https://hooks.example.com/", { resolve: unknown })).toEqual({ failure: "dns" });
  expect(await post(receiver.url().replace("http:", "https:"))).toEqual({ failure: "tls" });
  const secure = createServer(selfSigned(), (_request, response) => void response.writeHead(204).end());
  await new Promise<void>((resolve) => secure.listen(0, "127.0.0.1", resolve));
  const { port } = secure.address() as AddressInfo;
  expect(await post(`https://127.0.0.1:${port}/`)).toEqual({ failure: "tls" });
  await new Promise((resolve) => secure.close(resolve));
});

function selfSigned(): { key: string; cert: string } {
  const made = execFileSync(
    "openssl",
    [
      ..."req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1 -subj /CN=x -keyout - -out -".split(
        " ",
      ),
    ],
    { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] },
  );
  return {
    key: made.slice(0, made.indexOf("-----BEGIN CERT")),
    cert: made.slice(made.indexOf("-----BEGIN CERT")),
  };
}
