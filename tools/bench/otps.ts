import { randomUUID } from "node:crypto";
import { beginAttempt } from "@/lib/authn/begin";
import { beginAttemptInput } from "@/lib/authn/input";
import { proveAttempt } from "@/lib/authn/prove";
import type { Context } from "@/lib/platform/context";
import { currentKeyId } from "@/lib/platform/keys";
import { toCredentials } from "@/tools/proof/callers";
import { type BareServer, startBareServers } from "./bare-servers";
import { Line, writeRequest } from "./line";
import { crowds, readCpuMs, Series, WARM_UP_SECONDS } from "./measure";
import { findPgbench, runPgbench } from "./pgbench";
import { aims, type Bench, type Comparison } from "./report";
import { captureStatements, type Statement } from "./statements";
import {
  DIGITS,
  drawPads,
  type Pads,
  type StockedAttempt,
  type StockedAttempts,
  stockForeignAttempts,
  stockOwnAttempts,
} from "./stock";

/** More than any machine verifies in a second. */
const perSecondMax = (atOnce: number) => (atOnce === 1 ? 2_000 : 5_000);

/** So many attempts the product remembers. */
const KEPT_MAX = 10_000;

type Prepared = { statements: Statement[]; replaced: StockedAttempt };

/** The statements of a proof as the product sends them once it is warm, with `pads` in place of what stands for the digits. */
async function prepareStatements({ product, clientId }: Bench, pads: Pads): Promise<Prepared> {
  const ctx: Context = {
    actor: { kind: "client", clientId, name: "bench", role: null, scopes: [] },
    requestId: randomUUID(),
    sourceIp: "127.0.0.1",
    userAgent: "bench",
  };
  const sample = await stockOwnAttempts(product.sql, 0, 2, (logins) =>
    Promise.all(
      logins.map(async (subjectName) => {
        const messageId = randomUUID();
        const input = beginAttemptInput.parse({ door: "authn_api", subjectName, messageId });
        return { attemptId: (await beginAttempt(ctx, input)).attemptId, messageId };
      }),
    ),
  );
  const prove = async (number: number) => {
    const { attemptId, messageId } = sample.attempt(number);
    const proved = await proveAttempt(ctx, {
      attemptId,
      holder: { kind: "client", inResponseTo: messageId, nextMessageId: "next-message" },
      method: "sms",
      value: DIGITS,
    });
    if (!proved.ok) throw new Error(`not proved: ${proved.reason}`);
  };
  await prove(1);
  const captured = await captureStatements(() => prove(0));
  const isPad = (value: unknown): value is Uint8Array => value instanceof Uint8Array && value.length === 64;
  const [inner] = captured.flatMap(({ values }) => values).filter(isPad);
  const replace = (value: unknown) =>
    isPad(value) ? (Buffer.from(value).equals(inner ?? value) ? pads.inner : pads.outer) : value;
  return {
    statements: captured.map(({ text, values }) => ({ text, values: values.map(replace) })),
    replaced: sample.attempt(0),
  };
}

/** Begins an attempt for each name through the door, 16 at once. */
async function beginAll(
  port: number,
  clientKey: string,
  logins: readonly string[],
): Promise<StockedAttempt[]> {
  const begun: StockedAttempt[] = [];
  let next = 0;
  await Promise.all(
    Array.from({ length: 16 }, async () => {
      const line = await Line.open(port);
      for (let number = next++; number < logins.length; number = next++) {
        const { body } = await line.send(
          writeRequest(
            "/mfa/v1_1/authn/initialize",
            { "client-key": clientKey },
            { clientId: "bench", subjectName: logins[number], context: { messageId: "bench" } },
          ),
        );
        const { context } = JSON.parse(body) as { context: { authnAttemptId: string; messageId: string } };
        begun[number] = { attemptId: context.authnAttemptId, messageId: context.messageId };
      }
      line.close();
    }),
  );
  return begun;
}

/** Verifies one attempt of the stock after the other; `write` writes the request, `isRight` reads the answer. */
function verifyAll(
  port: number,
  stock: StockedAttempts,
  write: (attempt: StockedAttempt) => string,
  right: string,
): () => Promise<() => Promise<void>> {
  let next = 0;
  return async () => {
    const line = await Line.open(port);
    return async () => {
      const number = next++;
      if (number >= stock.count) throw new Error("the stock of attempts ran out");
      const { status, body } = await line.send(write(stock.attempt(number)));
      if (status !== 200 || !body.includes(right)) throw new Error(`not verified: ${status} ${body}`);
    };
  };
}

/** OTPs verified through the Authentication API, against the same statements in pgbench, in a bare Next route and in a bare server of Node. */
export async function benchOtps(bench: Bench): Promise<Comparison[]> {
  const { product, clientKey, clientId, rounds, seconds, watched, readMemoryMb } = bench;
  const { sql, stack } = product;
  const pads = drawPads(currentKeyId());
  const { statements, replaced } = await prepareStatements(bench, pads);
  let batch = 0;
  const countFor = (atOnce: number) => seconds * perSecondMax(atOnce);
  const stockForeign = (atOnce: number) =>
    stockForeignAttempts(sql, ++batch, countFor(atOnce), clientId, pads);
  const stockOwn = (atOnce: number) =>
    stockOwnAttempts(sql, ++batch, Math.min(countFor(atOnce), KEPT_MAX), (logins) =>
      beginAll(port, clientKey, logins),
    );
  const pgbench = findPgbench();
  const bare = await startBareServers(stack.databaseUrl, statements, replaced);
  const port = Number(new URL(stack.baseUrl).port);
  const watch = ({ pid }: BareServer) => ({ ...watched, server: () => readCpuMs(pid) });
  const { database = () => Number.NaN } = watched;

  const ask = ({ attemptId, messageId }: StockedAttempt) =>
    writeRequest(
      "/mfa/v1_1/authn/verify",
      { "client-key": clientKey },
      {
        subjectCredentials: toCredentials("SMS", DIGITS),
        context: { authnAttemptId: attemptId, messageId: "bench", inResponseTo: messageId },
      },
    );
  const askRoute = (attempt: StockedAttempt) => writeRequest("/verify", {}, attempt);

  const routeOf = (server: BareServer, routed: StockedAttempts) =>
    verifyAll(server.port, routed, askRoute, "succeeded");
  const doorOf = (own: StockedAttempts) => verifyAll(port, own, ask, '"attemptResponseCode":"SUCCESS"');
  for (const server of [bare.next, bare.node])
    await new Series().run(16, WARM_UP_SECONDS, routeOf(server, await stockForeign(16)));
  await new Series().run(16, WARM_UP_SECONDS, doorOf(await stockOwn(16)));

  const comparisons: Comparison[] = [];
  for (const atOnce of crowds) {
    const [ours, floor] = [new Series(watched), new Series({ database })];
    const [nextRoute, nodeRoute] = [new Series(watch(bare.next)), new Series(watch(bare.node))];
    let memoryMb = 0;
    for (let round = 0; round < rounds; round += 1) {
      if (pgbench !== undefined) {
        const work = { statements, replaced, stock: await stockForeign(atOnce), atOnce, seconds };
        floor.add(await floor.watch(() => runPgbench(pgbench, stack.databaseUrl, work)));
      }
      await nextRoute.run(atOnce, seconds, routeOf(bare.next, await stockForeign(atOnce)));
      await nodeRoute.run(atOnce, seconds, routeOf(bare.node, await stockForeign(atOnce)));
      await ours.run(atOnce, seconds, doorOf(await stockOwn(atOnce)));
      memoryMb = Math.max(memoryMb, readMemoryMb());
    }
    const floors =
      pgbench === undefined ? [] : [{ whom: "its statements in pgbench", figure: floor.figure, aim: 0.3 }];
    comparisons.push({
      what: "OTP verified",
      atOnce,
      ours: ours.figure,
      memoryMb,
      against: [
        ...floors,
        {
          whom: "a bare Next route with them",
          figure: nextRoute.figure,
          aim: 4,
          atMost: nodeRoute.figure.perSecond / nextRoute.figure.perSecond,
        },
        { whom: "a bare server of Node with them", figure: nodeRoute.figure },
      ],
    });
  }
  await Promise.all([bare.next.stop(), bare.node.stop()]);
  if (pgbench === undefined) aims.unmeasured.push("OTPs against pgbench, which isn't installed");
  return comparisons;
}
