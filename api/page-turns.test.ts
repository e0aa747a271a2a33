import { once } from "node:events";
import { createServer, get, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { promisify } from "node:util";
import { afterEach, expect, test } from "vitest";
import { eventually } from "@/tools/testing/eventually";
import { PageTurns } from "./page-turns";

let server: Server;
let begun: { from: string; response: ServerResponse }[] = [];

/** A server that begins a page when it is its turn, and ends it when the test does. */
async function listen(turns: PageTurns): Promise<(from: string, path?: string) => ReturnType<typeof get>> {
  const mine: typeof begun = [];
  begun = mine;
  server = createServer((request, response) => {
    const from = String(request.headers["x-from"]);
    turns.take(from, request.url ?? "", response, {
      show: () => mine.push({ from, response }),
      sendAway: () => response.writeHead(503).end(),
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return (from, path = "/signin") => {
    const asked = get({ host: "127.0.0.1", port, path, headers: { "x-from": from }, agent: false });
    asked.on("error", () => undefined);
    return asked;
  };
}

afterEach(async () => {
  const closed = once(server, "close");
  server.close();
  server.closeAllConnections();
  await closed;
});

const countConnections = () => promisify(server.getConnections.bind(server))();
const countOf = (from: string) => begun.filter((each) => each.from === from).length;

test("whoever asks for many pages at once waits for themselves; another network's is made at once", async () => {
  const ask = await listen(new PageTurns(2, 10));
  for (let n = 0; n < 6; n += 1) ask("203.0.113.7");
  await eventually(() => expect(countOf("203.0.113.7")).toBe(2));
  ask("203.0.113.8");
  ask("203.0.113.7", "/_next/static/page.js");
  await eventually(() => expect(begun).toHaveLength(4));
  expect(countOf("203.0.113.8")).toBe(1);
  for (let n = 0; n < 7; n += 1) {
    await eventually(() => expect(begun.length).toBeGreaterThan(n));
    begun[n]?.response.end();
  }
  await eventually(() => expect(countOf("203.0.113.7")).toBe(7));
});

test("one line of an IPv6 network is one, and who would wait too long is sent away", async () => {
  const ask = await listen(new PageTurns(1, 1));
  ask("2001:db8::1");
  await eventually(() => expect(begun).toHaveLength(1));
  ask("2001:db8::2");
  const third = ask("2001:db8::3");
  const [answer] = await once(third, "response");
  expect(answer.statusCode).toBe(503);
  expect(begun).toHaveLength(1);
});

test("who hung up while waiting is passed over, and who hung up while being served gives the turn on", async () => {
  const ask = await listen(new PageTurns(1, 10));
  const first = ask("203.0.113.7");
  await eventually(() => expect(begun).toHaveLength(1));
  const second = ask("203.0.113.7");
  await eventually(async () => expect(await countConnections()).toBe(2));
  const third = ask("203.0.113.7", "/third");
  await eventually(async () => expect(await countConnections()).toBe(3));
  second.destroy();
  await eventually(async () => expect(await countConnections()).toBe(2));
  first.destroy();
  await eventually(() => expect(begun).toHaveLength(2));
  begun[1]?.response.end();
  const [answer] = await once(third, "response");
  expect(answer.statusCode).toBe(200);
});

test("a file that is taken away slowly holds no turn for longer than a second or so", async () => {
  const ask = await listen(new PageTurns(1, 10));
  ask("203.0.113.7", "/api/audit/export");
  await eventually(() => expect(begun).toHaveLength(1));
  begun[0]?.response.write("id,at\r\n");
  ask("203.0.113.7", "/policy");
  await eventually(() => expect(begun).toHaveLength(2));
  expect(begun[0]?.response.writableEnded).toBe(false);
});
