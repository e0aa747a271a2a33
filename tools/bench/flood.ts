import { type ChildProcess, fork } from "node:child_process";
import { randomBytes, randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import path from "node:path";
import type { Product } from "@/tools/proof/product";
import { drawNumbers, familyNames, givenNames } from "./crowd";
import type { Flood } from "./flood-load";
import { writeRequest } from "./line";
import { WARM_UP_SECONDS } from "./measure";
import { asMany, type Offered, offer } from "./open-loop";
import { quantilesOf } from "./quantiles";
import { signInByBrowser } from "./screen";

/** How the console's look-up fares beside forged tokens, and beside as many calls of `/healthz`. Milliseconds. */
export interface FloodFigure {
  what: string;
  /** How many a second are refused at most, when nothing else is asked. */
  saturatingPerSecond: number;
  offeredPerSecond: number;
  beside: { forged: Quantiles; healthz: Quantiles };
}

interface Quantiles {
  p50: number;
  p99: number;
  count: number;
}

const DISTINCT = 500;
const LOOKUPS_PER_SECOND = 20;
const LOOKUPS_AT_ONCE_MAX = 64;

const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");

/** A JWT whose signature is as long as a real one and signs nothing. */
function forge(header: object, claims: object, signatureBytes: number): string {
  return `${part(header)}.${part(claims)}.${randomBytes(signatureBytes).toString("base64url")}`;
}

/** The requests of each flood: what a door must look at before it knows that it was forged. */
function forgeAll(folder: string): Record<string, () => string> {
  const { accessID, adminRestApiUrl } = JSON.parse(
    readFileSync(path.join(folder, "clients", "admin-api.key.json"), "utf8"),
  ) as { accessID: string; adminRestApiUrl: string };
  const now = Math.floor(Date.now() / 1_000);
  const times = { iat: now, exp: now + 3_600 };
  const lookUp = (token: string) =>
    writeRequest(
      "/AdminInterface/restapi/v1/users/lookup",
      { authorization: `Bearer ${token}` },
      { username: "ada.lovelace" },
    );
  const legacy = (sub: string) =>
    forge({ alg: "RS256" }, { sub, aud: adminRestApiUrl, ...times, jti: randomUUID() }, 256);
  const iss = adminRestApiUrl.replace("/AdminInterface/restapi", "/oauth");
  return {
    "legacy key's token, wrong signature": () => lookUp(legacy(accessID)),
    "legacy key's token, unknown key": () => lookUp(legacy(randomUUID())),
    "access token": () =>
      lookUp(forge({ alg: "HS256", typ: "at+jwt" }, { sub: accessID, iss, ...times }, 32)),
    "client key": () =>
      writeRequest(
        "/mfa/v1_1/authn/initialize",
        { "client-key": randomBytes(32).toString("base64url") },
        { subjectName: "ada.lovelace", context: { messageId: "1" } },
      ),
  };
}

function toQuantiles(took: readonly number[]): Quantiles {
  const at = quantilesOf(took);
  return { p50: at(0.5), p99: at(0.99), count: took.length };
}

/** Asks the look-up for what people type, by the clock. */
function lookUp(port: number, cookie: string, seconds: number): Promise<Offered> {
  const draw = drawNumbers(seconds);
  const pick = (names: readonly string[]) => (names[Math.floor(draw() * 50)] as string).slice(0, 3);
  return offer({
    port,
    seconds,
    perSecond: LOOKUPS_PER_SECOND,
    atOnceMax: LOOKUPS_AT_ONCE_MAX,
    write: (number) => {
      const query = encodeURIComponent(pick(number % 2 === 0 ? givenNames : familyNames));
      return `GET /api/look-up?query=${query} HTTP/1.1\r\nhost: localhost:${port}\r\ncookie: ${cookie}\r\n\r\n`;
    },
  });
}

function expectOnly({ statuses }: Pick<Offered, "statuses">, status: number): void {
  const others = Object.keys(statuses).filter((each) => Number(each) !== status);
  if (others.length > 0) throw new Error(`${status} was expected: ${JSON.stringify(statuses)}`);
}

/** Has the child flood, and hears what came of it. */
function ask(child: ChildProcess, flood: Flood): Promise<Pick<Offered, "sent" | "statuses" | "seconds">> {
  return new Promise((resolve) => {
    child.once("message", (message) => resolve(message as Offered));
    child.send(flood);
  });
}

/**
 * Measures the console's look-up beside forged tokens of each kind, sent at half the rate at which they are refused at
 * most, and beside as many calls of `/healthz` that take turns with them.
 */
export async function measureFloods(
  { stack, folder }: Product,
  rounds: number,
  seconds: number,
): Promise<FloodFigure[]> {
  const port = Number(new URL(stack.baseUrl).port);
  const cookie = await signInByBrowser(stack.baseUrl);
  const child = fork("tools/run.mjs", ["tools/bench/flood-load.ts"]);
  const healthz = [`GET /healthz HTTP/1.1\r\nhost: localhost:${port}\r\n\r\n`];
  const figures: FloodFigure[] = [];
  expectOnly(await lookUp(port, cookie, WARM_UP_SECONDS), 200);
  for (const [what, makeRequest] of Object.entries(forgeAll(folder))) {
    const requests = Array.from({ length: DISTINCT }, makeRequest);
    const flood = (load: string[], perSecond: number) =>
      ask(child, { port, requests: load, perSecond, seconds });
    await flood(requests, asMany);
    const most = await flood(requests, asMany);
    expectOnly(most, 403);
    const saturatingPerSecond = most.sent / most.seconds;
    const offeredPerSecond = saturatingPerSecond / 2;
    const took = { forged: [] as number[], healthz: [] as number[] };
    const beside = async (whom: keyof typeof took, load: string[], status: number) => {
      const [flooded, looked] = await Promise.all([
        flood(load, offeredPerSecond),
        lookUp(port, cookie, seconds),
      ]);
      expectOnly(flooded, status);
      expectOnly(looked, 200);
      took[whom].push(...looked.took);
    };
    for (let round = 0; round < rounds; round += 1) {
      await beside("healthz", healthz, 200);
      await beside("forged", requests, 403);
    }
    figures.push({
      what,
      saturatingPerSecond,
      offeredPerSecond,
      beside: { forged: toQuantiles(took.forged), healthz: toQuantiles(took.healthz) },
    });
  }
  child.disconnect();
  return figures;
}
