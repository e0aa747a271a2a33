import { once } from "node:events";
import { Agent, request as ask, type IncomingMessage } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openTestDatabase } from "@/tools/testing/database";
import { postBeginning } from "@/tools/testing/doors";
import { buildApp } from "./app";

const db = openTestDatabase();

/** Stands for Next, which at times asks itself for another page, with the headers of whoever asked. */
const app = await buildApp(async (request, response) => {
  if (request.url !== "/elsewhere") {
    response.end(request.headers["x-sparekey-source-ip"]);
    return;
  }
  const { host: _host, connection: _connection, ...headers } = request.headers;
  const inner = await fetch(`${base}/here`, { headers: headers as Record<string, string> });
  response.end(await inner.text());
});
let base = "";

beforeAll(async () => {
  base = await app.listen({ host: "127.0.0.1", port: 0 });
});

afterAll(() => app.close());

const listTurnedAway = async (reason: string) => {
  const rows =
    await db.sql`select source_ip, details->>'act' as act from audit_event e join audit_personal p on p.event_id = e.id
    where kind = 'request.refused' and outcome = 'refused' and reason = ${reason}`;
  return rows.map((row) => ({ ...row }));
};

function askFrom(address: string, path: string, headers: Record<string, string> = {}): Promise<string> {
  const { port } = app.server.address() as AddressInfo;
  return new Promise((resolve, reject) => {
    ask({ host: "127.0.0.1", port, path, localAddress: address, headers }, (answer) => {
      let text = "";
      answer.setEncoding("utf8").on("data", (piece: string) => {
        text += piece;
      });
      answer.on("end", () => resolve(text));
    })
      .on("error", reject)
      .end();
  });
}

test.each([
  ["/otp/%ff", 400],
  ["/users/%E0%A4%A", 400],
  ["/otp/%F0%9F%98%80", 200],
  ["/otp?login=%ff", 200],
])("a page whose address is no text is refused before it breaks anything: %s", async (path, status) => {
  const answer = await fetch(`${base}${path}`);
  expect(answer.status).toBe(status);
  expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
});

test.each([
  ["/_next/static/../../otp", "Bad request"],
  ["/_next/static/%2e%2e/%2E./otp", "Bad request"],
  ["/_next/static/..%2f..%2fotp", "Bad request"],
  ["/_next/static/..\\..\\otp", "Bad request"],
  ["/otp/./", "Bad request"],
  ["/_next/static/a..b/c.d.js", "127.0.0.1"],
  ["/otp?next=../../users", "127.0.0.1"],
])(
  "an address that leads elsewhere than it begins is refused, for what it seems to be decides who waits: %s",
  async (path, said) => {
    expect(await askFrom("127.0.0.1", path)).toBe(said);
  },
);

test("an act that doesn't say which page it comes from is refused: every browser says it (ASVS 3.5.1)", async () => {
  const act = { method: "POST", headers: { "next-action": "0".repeat(40) } };
  expect((await fetch(`${base}/users`, act)).status).toBe(403);
  const said = { ...act, headers: { ...act.headers, origin: base } };
  expect((await fetch(`${base}/users`, said)).status).toBe(200);
});

test("a page's form that is larger than any is refused before it is read, whether it says so or not", async () => {
  const post = async (headers: Record<string, string>) =>
    (await postBeginning(`${base}/otp`, headers, "login=")).status;
  expect(await post({ "content-length": "10000000" })).toBe(413);
  expect(await post({ "transfer-encoding": "chunked" })).toBe(411);
  await expect.poll(() => listTurnedAway("too_large")).toEqual([{ source_ip: "127.0.0.1", act: null }]);
});

test.each(["/healthz", "/mfa/v1_1/authn/status", "/AdminInterface/restapi/v1", "/webhooks/x", "/otp"])(
  "no answer is taken for another type than it says (ASVS V3.4): %s",
  async (path) => {
    expect((await fetch(`${base}${path}`)).headers.get("x-content-type-options")).toBe("nosniff");
  },
);

const rsaProblem = (status: number) => ({
  code: expect.stringMatching(`^${status} `),
  description: expect.any(String),
});
const plain = { error: expect.any(String), requestId: expect.any(String) };
test.each<[string, number, object]>([
  ["/AdminInterface/restapi/v1/users/%ff/authlogs", 400, rsaProblem(400)],
  ["/mfa/v1_1/authn/%ff", 400, rsaProblem(400)],
  ["/scim/v2/Users/%ff", 400, { schemas: [expect.any(String)], status: "400", detail: expect.any(String) }],
  ["/agent/v1/files/%ff", 400, { ...plain, message: expect.any(String) }],
  [`/agent/v1/files/${"a".repeat(8_000)}`, 404, { ...plain, message: expect.any(String) }],
  ["/oauth/elsewhere", 404, plain],
  ["/healthz/<script>", 404, plain],
])(
  "an address that leads nowhere is answered in its door's form, and isn't repeated: %s",
  async (path, status, body) => {
    const answer = await fetch(`${base}${path}`);
    expect([answer.status, await answer.json()]).toEqual([status, body]);
  },
);

test("whoever posts a form to another page is counted and logged by their own address, not as this server", async () => {
  expect(await askFrom("127.0.0.9", "/here")).toBe("127.0.0.9");
  expect(await askFrom("127.0.0.9", "/elsewhere")).toBe("127.0.0.9");
});

test("nobody says for themselves where they come from", async () => {
  const lies = { "x-sparekey-source-ip": "8.8.8.8", "x-sparekey-inner": "x", "x-forwarded-for": "9.9.9.9" };
  expect(await askFrom("127.0.0.9", "/here", lies)).toBe("127.0.0.9");
  expect(await askFrom("127.0.0.9", "/elsewhere", lies)).toBe("127.0.0.9");
});

/** Begins to ask a server for a page, over a connection that would be kept. */
function askKept(address: string) {
  const { port } = new URL(address);
  return ask({ host: "127.0.0.1", port, path: "/otp", agent: new Agent({ keepAlive: true }) }).end();
}

test("closing ends a connection on which nothing was asked, as browsers open ahead, and the others with their answer", async () => {
  let finish = () => {};
  const other = await buildApp((_request, response) => {
    finish = () => response.end("finished");
  });
  const address = await other.listen({ host: "127.0.0.1", port: 0 });
  const silent = connect(Number(new URL(address).port), "127.0.0.1");
  const silenced = once(silent, "close");
  await once(other.server, "connection");
  const asked = askKept(address);
  await once(other.server, "request");
  const closed = other.close();
  await silenced;
  finish();
  const [answer] = (await once(asked, "response")) as [IncomingMessage];
  expect(answer.headers.connection).toBe("close");
  expect(await text(answer)).toBe("finished");
  await closed;
});

test("closing cuts no answer off that a slow reader is still taking away", async () => {
  const large = "x".repeat(30_000_000);
  const other = await buildApp((_request, response) => response.end(large));
  const address = await other.listen({ host: "127.0.0.1", port: 0 });
  const [answer] = (await once(askKept(address), "response")) as [IncomingMessage];
  const closed = other.close();
  await expect.poll(() => other.server.listening).toBe(false);
  expect((await text(answer)).length).toBe(large.length);
  await closed;
});

test("who asks for too many pages at once is sent away, in the log too, and the others come in their turn", async () => {
  const finish: (() => void)[] = [];
  const other = await buildApp((_request, response) => void finish.push(() => response.end("shown")));
  const address = await other.listen({ host: "127.0.0.1", port: 0 });
  const asked = Array.from({ length: 305 }, () => fetch(`${address}/otp`));
  const sentAway = await Promise.race(asked);
  expect([sentAway.status, sentAway.headers.get("retry-after")]).toEqual([503, "5"]);
  await expect.poll(() => listTurnedAway("busy")).toEqual([{ source_ip: "127.0.0.1", act: "page" }]);
  const finishing = setInterval(() => {
    for (const end of finish.splice(0)) end();
  }, 1);
  const statuses = (await Promise.all(asked)).map(({ status }) => status);
  clearInterval(finishing);
  expect(statuses.filter((status) => status === 200)).toHaveLength(304);
  await other.close();
});
