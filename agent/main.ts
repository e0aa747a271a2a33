import { writeSync } from "node:fs";
import { parseArgs } from "node:util";

const usage = `usage: sparekey-agent COMMAND [--state DIR]

  enroll --server URL --token TOKEN --name NAME   make this machine known to the server
  sync                                            hand in receipts, fetch the newest package
  verify --user NAME                              judge the code on standard input: yes (0), no (1), unknown (2)
  status [--json]                                 how this machine stands
  daemon                                          sync as often as needed, until SIGTERM
  leave [--force]                                 forget key, package and receipts

DIR is /var/lib/sparekey-agent unless given.
`;

interface Options {
  readonly state: string;
  readonly server?: string;
  readonly token?: string;
  readonly name?: string;
  readonly user?: string;
  readonly json?: boolean;
  readonly force?: boolean;
}

const print = (text: string) => writeSync(1, `${text}\n`);
const complain = (text: string) => writeSync(2, `${text}\n`);

/** Each answers its exit code. What talks to the server is loaded only by those that do. */
const commands: Readonly<Record<string, (options: Options) => Promise<number>>> = {
  verify: async ({ state, user }) => {
    const { readCode, verify } = await import("./verify");
    const { hashAnchor } = await import("./argon2");
    if (user === undefined) throw new UsageError();
    const answer = await verify(state, user, readCode(), { now: () => new Date(), hash: hashAnchor });
    print(answer.word === "yes" ? "yes" : `${answer.word} ${answer.reason}`);
    return { yes: 0, no: 1, unknown: 2 }[answer.word];
  },
  enroll: async ({ state, server, token, name }) => {
    const { enroll } = await import("./enroll");
    if (server === undefined || token === undefined || name === undefined) throw new UsageError();
    print(`enrolled as ${await enroll(state, { server, token, name })}`);
    return 0;
  },
  sync: async ({ state }) => {
    const { sync } = await import("./sync");
    const result = await sync(state);
    if (result.ok) print("synced");
    else complain(`${result.reason}: ${result.message}`);
    return result.ok ? 0 : 1;
  },
  status: async ({ state, json }) => {
    const { readStatus } = await import("./status");
    const status = readStatus(state);
    if (json === true) print(JSON.stringify(status));
    else for (const [key, value] of Object.entries(status)) print(`${key}: ${value ?? "none"}`);
    return 0;
  },
  daemon: async ({ state }) => {
    const { countPending, readNetwork, runDaemon } = await import("./daemon");
    const { sync } = await import("./sync");
    const stop = new AbortController();
    for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => stop.abort());
    const { setTimeout: sleep } = await import("node:timers/promises");
    const { uptime } = await import("node:os");
    await runDaemon({
      sync: () => sync(state, stop.signal),
      countPending: () => countPending(state),
      readNetwork,
      clock: () => uptime() * 1000,
      sleep: (milliseconds) => sleep(milliseconds, undefined, { signal: stop.signal }).catch(() => undefined),
      random: Math.random,
      isStopped: () => stop.signal.aborted,
      log: print,
    });
    return 0;
  },
  leave: async ({ state, force }) => {
    const { leave } = await import("./leave");
    const result = await leave(state, force === true);
    if (!result.left) complain(`${result.pending} receipts can't be handed in now; --force loses them`);
    else print(result.isReleased ? "left" : "left; the name is free once it is released in the console");
    return result.left ? 0 : 1;
  },
};

class UsageError extends Error {}

async function main(): Promise<number> {
  process.umask(0o077);
  const [name = "", ...rest] = process.argv.slice(2);
  try {
    const command = commands[name];
    if (command === undefined) throw new UsageError();
    return await command(parse(rest));
  } catch (error) {
    const isUsage = error instanceof UsageError;
    if (name === "verify") print(isUsage ? "unknown usage" : "unknown fault");
    complain(isUsage ? usage : error instanceof Error ? error.message : String(error));
    return name === "verify" || isUsage ? 2 : 1;
  }
}

function parse(args: string[]): Options {
  const string = { type: "string" } as const;
  const boolean = { type: "boolean" } as const;
  try {
    const options = {
      state: { ...string, default: "/var/lib/sparekey-agent" },
      server: string,
      token: string,
      name: string,
      user: string,
      json: boolean,
      force: boolean,
    };
    return parseArgs({ args: joinValues(args), options }).values;
  } catch {
    throw new UsageError();
  }
}

/** A value may begin with a hyphen, as one token in 64 does. */
function joinValues(args: readonly string[]): string[] {
  const joined: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] ?? "";
    const isNamed = /^--(state|server|token|name|user)$/.test(arg) && i + 1 < args.length;
    joined.push(isNamed ? `${arg}=${args[++i]}` : arg);
  }
  return joined;
}

process.exitCode = await main();
