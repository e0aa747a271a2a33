import "server-only";
import { randomUUID } from "node:crypto";
import type { Context } from "@/lib/platform/context";

/** A command of the operator's shell. */
export interface Command {
  usage: string;
  about: string;
  run(args: string[]): Promise<void>;
}

/** Something that the operator got wrong; the message says what to do. */
export class Misuse extends Error {}

/** Prints a line. */
export function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** The context of whoever has the shell. */
export function operator(command: string): Context {
  return {
    actor: { kind: "operator", name: command },
    requestId: randomUUID(),
    sourceIp: null,
    userAgent: null,
  };
}

/** The first argument; without it the operator is told. */
export function requireArgument(args: string[], what: string): string {
  const [value] = args;
  if (value === undefined) throw new Misuse(`${what} is missing`);
  return value;
}
