import { solveChallenge } from "altcha-lib";
import { deriveKey } from "altcha-lib/algorithms/web/pbkdf2";
import { expect, test } from "vitest";
import { systemContext } from "@/lib/platform/context";
import { openTestDatabase, publicContext } from "@/tools/testing/database";
import { admit } from "./admit";
import { admitAsk } from "./admit-ask";
import { askRates, networkRates } from "./model";
import { createRiddle } from "./proof";
import { sweepRobots } from "./sweep";

const db = openTestDatabase();
const attemptId = "6f1c1b0e-7f0e-4f0e-8f0e-0f0e0f0e0f0e";

let networks = 0;
function elsewhere() {
  networks += 1;
  return publicContext(`2001:db8:0:${networks.toString(16)}::1`);
}

const listTurnedAway = async (ctx: ReturnType<typeof elsewhere>) => {
  const rows = await db.sql`select reason, details->>'act' as act from audit_event
    where kind = 'request.refused' and request_id = ${ctx.requestId}`;
  return rows.map((row) => ({ ...row }));
};

async function solve(riddle: string): Promise<string> {
  const challenge = JSON.parse(riddle);
  const solution = await solveChallenge({ challenge, deriveKey });
  return JSON.stringify({ challenge, solution });
}

const asks = (ctx: ReturnType<typeof elsewhere>, count: number) =>
  Promise.all(Array.from({ length: count }, () => admitAsk(ctx, { attemptId, solution: null })));

test("the way in to the console has room for a shift that begins at once, and an end for one network", async () => {
  const ctx = elsewhere();
  for (let step = 1; step <= networkRates["sign-in"]; step += 1)
    expect((await admit(ctx, "sign-in")).ok).toBe(true);
  await expect(admit(ctx, "sign-in")).resolves.toMatchObject({ ok: false, reason: "busy" });
  expect(await listTurnedAway(ctx)).toEqual([{ reason: "busy", act: "sign-in" }]);
  expect((await admit(elsewhere(), "sign-in")).ok).toBe(true);
});

test("one network may type so many codes and no more, so that it can't fill the log with slips of the finger", async () => {
  const ctx = elsewhere();
  for (let step = 1; step <= networkRates.try; step += 1) expect((await admit(ctx, "try")).ok).toBe(true);
  await expect(admit(ctx, "try")).resolves.toMatchObject({ ok: false, reason: "busy" });
  expect((await admit(elsewhere(), "try")).ok).toBe(true);
});

test("above the rate of its network an ask needs a proof, and one proof admits one ask: replays are refused", async () => {
  const ctx = elsewhere();
  const free = await asks(ctx, askRates.fromOneNetwork);
  expect(free.every((answer) => answer.ok)).toBe(true);
  expect(await admitAsk(ctx, { attemptId, solution: null })).toEqual({ ok: false, reason: "proof_needed" });
  expect(await listTurnedAway(ctx)).toEqual([{ reason: "proof_needed", act: "ask" }]);
  expect(await admitAsk(elsewhere(), { attemptId, solution: null })).toEqual({ ok: true });

  const solution = await solve(await createRiddle(attemptId));
  const twice = await Promise.all([1, 2, 3].map(() => admitAsk(ctx, { attemptId, solution })));
  expect(twice.filter((answer) => answer.ok)).toHaveLength(1);
});

test("of a thousand asks at once from one network as many are free as its rate has, and the others leave everybody else's room", async () => {
  const answers = await asks(elsewhere(), 1000);
  expect(answers.filter((answer) => answer.ok)).toHaveLength(askRates.fromOneNetwork);
  expect(await admitAsk(elsewhere(), { attemptId, solution: null })).toEqual({ ok: true });
});

test("a proof for another attempt, a changed riddle, a made-up solution and plain nonsense are no proof", async () => {
  const ctx = elsewhere();
  const good = JSON.parse(await solve(await createRiddle(attemptId)));
  const bad = [
    await solve(await createRiddle("another")),
    JSON.stringify({ ...good, challenge: { ...good.challenge, signature: "00".repeat(32) } }),
    JSON.stringify({
      ...good,
      challenge: {
        ...good.challenge,
        parameters: { ...good.challenge.parameters, expiresAt: good.challenge.parameters.expiresAt + 60 },
      },
    }),
    JSON.stringify({ ...good, solution: { ...good.solution, derivedKey: "00".repeat(32) } }),
    JSON.stringify({ challenge: good.challenge }),
    "",
    "null",
    "[".repeat(5000),
  ];
  for (const solution of bad)
    expect(await admitAsk(ctx, { attemptId, solution })).toEqual({ ok: false, reason: "proof_needed" });
  expect(await admitAsk(ctx, { attemptId, solution: JSON.stringify(good) })).toEqual({ ok: true });
});

test("an office that shares an address waits when it begins too often, what is refused isn't counted, and nobody else waits", async () => {
  const ctx = elsewhere();
  const first = await Promise.all(Array.from({ length: networkRates.begin }, () => admit(ctx, "begin")));
  expect(first.every((answer) => answer.ok)).toBe(true);
  const refused = await admit(ctx, "begin");
  expect(refused).toMatchObject({ ok: false, reason: "busy" });
  expect(!refused.ok && refused.retryAfterSeconds).toBeGreaterThan(500);
  expect(await admit(elsewhere(), "begin")).toEqual({ ok: true });

  await db.sql`update robot_count set minute_at = minute_at - interval '10 minutes' where key like 'begin/%'`;
  expect(await admit(ctx, "begin")).toEqual({ ok: true });
});

test("no address is kept, and what no rate looks at any more is swept away", async () => {
  const ctx = publicContext("203.0.113.77");
  await admit(ctx, "begin");
  const rows = await db.sql`select key from robot_count`;
  expect(JSON.stringify(rows)).not.toContain("203.0.113");
  await db.sql`update robot_count set minute_at = minute_at - interval '12 minutes'`;
  expect(await sweepRobots(systemContext("sweep", "test"))).toBeGreaterThan(0);
  expect(await db.sql`select 1 from robot_count`).toHaveLength(0);
});
