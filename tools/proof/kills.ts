import { type ChildProcess, execFileSync, fork } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { relyingSystem, script, toCredentials } from "./callers";
import { dealKills } from "./deal";
import type { DeskResult, DeskWish } from "./desk";
import { dealPeople, listPeople, type Person } from "./people";
import type { Product } from "./product";
import type { Chance } from "./random";
import { holdAt, steps } from "./steps";

/** What callers were told before the program died, and must find true afterwards. */
export interface Told {
  grantIds: string[];
  /** Attempts in which a text was said to be on its way, as far as anybody may know. */
  attemptIds: string[];
}

/** How a campaign went. */
export interface Campaign {
  kills: number;
  /** How often the program died at each step, 0 where it never did, and at a moment of no step. */
  at: ReadonlyMap<string, number>;
  /** How often nobody came by at the armed step within the time. */
  missed: ReadonlyMap<string, number>;
  told: Told;
  /** What callers met that is neither an answer nor a broken connection. */
  oddities: string[];
}

type Act = "desk" | "ask" | "code";

interface Desk {
  issue(wish: Omit<DeskWish, "id">): Promise<DeskResult>;
  kill(): Promise<void>;
}

async function openDesk(folder: string): Promise<Desk> {
  const child: ChildProcess = fork(".build/tools-proof-desk.mjs", [folder], {
    execArgv: ["--enable-source-maps"],
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const waiting = new Map<number, (result: DeskResult) => void>();
  const ready = new Promise<void>((resolve, reject) => {
    child.once("message", () => resolve());
    void gone.then(() => reject(new Error("the desk did not open")));
  });
  await ready;
  child.on("message", (result: DeskResult) => waiting.get(result.id)?.(result));
  let last = 0;
  return {
    issue: (wish) =>
      new Promise((resolve, reject) => {
        last += 1;
        waiting.set(last, resolve);
        void gone.then(() => reject(new Error("killed")));
        child.send({ ...wish, id: last } satisfies DeskWish, () => undefined);
      }),
    kill: async () => {
      child.kill("SIGKILL");
      await gone;
    },
  };
}

/** A connection that ended, or never was: what a caller sees of a killed program. */
function isBroken(error: unknown): boolean {
  return error instanceof TypeError || (error instanceof Error && error.message === "killed");
}

/**
 * Kills the server and the desk by SIGKILL so many times while they issue and send, at every step in its turn and at moments of
 * no step, and starts them again on the same data.
 */
export async function killAndRestart(
  product: Product,
  kills: number,
  chance: Chance,
  tell: (line: string) => void = () => undefined,
): Promise<Campaign> {
  execFileSync(process.execPath, ["tools/run.mjs", "tools/proof/desk.ts", "--bundle-only"]);
  const { stack, sql, folder } = product;
  const rely = relyingSystem(stack.baseUrl, folder);
  const scripted = script(stack.baseUrl, folder);
  const deal = dealPeople(await listPeople(sql), chance);
  const dealStep = dealKills(steps, chance);
  const told: Told = { grantIds: [], attemptIds: [] };
  const oddities: string[] = [];
  const at = new Map(steps.map(({ name }) => [name, 0]));
  const missed = new Map<string, number>();
  const count = (where: Map<string, number>, name: string) => where.set(name, (where.get(name) ?? 0) + 1);
  let desk = await openDesk(folder);

  const acts: Record<Act, (person: Person) => Promise<void>> = {
    desk: async (person) => {
      const method = person.channels[chance.between(0, person.channels.length - 1)] as "sms" | "voice";
      const result = await desk.issue({ userId: person.id, method });
      if (result.grantId !== undefined) told.grantIds.push(result.grantId);
      else oddities.push(`the desk was refused: ${result.refused}`);
    },
    ask: async (person) => {
      const result = await desk.issue({ userId: person.id, method: "sms" });
      if (result.grantId === undefined) return void oddities.push(`the desk was refused: ${result.refused}`);
      told.grantIds.push(result.grantId);
      const begun = await rely.initialize(person.login);
      const asked = await rely.verify(begun.body, toCredentials("SMS"));
      if (asked.body.attemptResponseCode === "CHALLENGE")
        told.attemptIds.push(asked.body.context?.authnAttemptId as string);
      else oddities.push(`a text was not asked for: ${asked.status} ${JSON.stringify(asked.body)}`);
    },
    code: async (person) => {
      const issued = await scripted.issue(person.id);
      if (issued.status === 200) told.grantIds.push(issued.body.emergencyTokencodeId);
      else oddities.push(`a code was not issued: ${issued.status} ${JSON.stringify(issued.body)}`);
    },
  };

  const run = async (act: Act): Promise<void> => {
    const person = deal(act === "ask");
    try {
      await acts[act](person);
    } catch (error) {
      if (!isBroken(error)) oddities.push(`${act}: ${String(error)}`);
    }
  };

  for (let round = 1; round <= kills; round += 1) {
    const step = dealStep();
    const latencyMs = chance.pick([0, 0, 50, 200]);
    await fetch(`${stack.standinUrl}/latency`, {
      method: "PUT",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ ms: latencyMs }),
    });
    const hold = step === undefined ? undefined : await holdAt(sql, step);
    const busy = [
      ...(step === undefined ? [] : [chance.pick(step.acts)]),
      ...Array.from({ length: chance.between(1, 3) }, () => chance.pick(["desk", "ask", "code"] as const)),
    ].map(run);
    let where = "at a moment of no step";
    if (hold !== undefined && step !== undefined) {
      if (await hold.reached(6_000)) where = step.name;
      else count(missed, step.name);
    } else await sleep(chance.between(0, 500));

    process.kill(stack.serverPid(), "SIGKILL");
    await desk.kill();
    await hold?.end(chance.pick(["finish", "abort"]));
    await Promise.all(busy);
    count(at, where);
    tell(`${String(round).padStart(4)}/${kills}  killed ${where}`);
    const [, opened] = await Promise.all([stack.restartServer("SIGKILL"), openDesk(folder)]);
    desk = opened;
  }
  await desk.kill();
  return { kills, at, missed, told, oddities };
}
