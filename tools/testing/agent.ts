import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { createMachine, storePackage } from "@/agent/state";
import type { Package } from "@/lib/machines/wire";
import { makePackage, makePair, type Pair, signAs } from "./agent-server";

/** What a program said, and how it ended. */
export interface Ran {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

/** Starts a program, its standard input given in full. */
export function start(
  command: string,
  args: string[],
  input = "",
  environment: Record<string, string> = {},
): { child: ChildProcess; ended: Promise<Ran> } {
  const child = spawn(command, args, { env: { ...process.env, ...environment }, stdio: "pipe" });
  const said = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"] as const)
    child[stream].on("data", (chunk: Buffer) => {
      said[stream] += chunk.toString();
    });
  child.stdin.on("error", () => undefined);
  child.stdin.end(input);
  const ended = new Promise<Ran>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => resolve({ code, signal, ...said }));
  });
  return { child, ended };
}

/** Runs a program to its end. */
export function run(...of: Parameters<typeof start>): Promise<Ran> {
  return start(...of).ended;
}

/** A new folder of the kind that an agent keeps its state in. */
export function makeFolder(within = tmpdir()): string {
  return mkdtempSync(path.join(within, "sparekey-agent-"));
}

export function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
}

/** A machine that is enrolled, as if it had been: a state folder, and who signs its packages. */
export interface EnrolledMachine {
  folder: string;
  machineId: string;
  serverKey: Pair;
  machineKey: Pair;
  /** Stores a package as a sync that accepted it would. */
  hold(users: Package["users"], more?: Partial<Package>): Promise<Package>;
}

/** Makes a machine whose server is nowhere. */
export function makeMachine(within?: string): EnrolledMachine {
  const folder = makeFolder(within);
  const [serverKey, machineKey] = [makePair(), makePair()];
  const machineId = crypto.randomUUID();
  createMachine(folder, {
    server: "https://sparekey.invalid",
    machineId,
    machine: "LAPTOP-7",
    privateKey: machineKey.privateKey.export({ format: "der", type: "pkcs8" }).toString("base64url"),
    signingKey: serverKey.raw,
  });
  return {
    folder,
    machineId,
    serverKey,
    machineKey,
    hold: async (users, more) => {
      const pack = makePackage(machineId, users, more);
      storePackage(folder, await signAs(serverKey, "sparekey-package", pack), pack, [serverKey.raw]);
      return pack;
    },
  };
}
