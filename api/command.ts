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

/** An argument is not there: the operator is shown how the command is used. */
export class MissingArgument extends Misuse {}

/** Prints a line. */
export function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Prints numbers below each other, each after what it counts and before what there is to say of it. */
export function sayNumbers(rows: readonly (readonly [what: string, number: number, note?: string])[]): void {
  const width = Math.max(...rows.map(([what]) => what.length)) + 1;
  const digits = Math.max(...rows.map(([, number]) => String(number).length));
  for (const [what, number, note = ""] of rows)
    say(`  ${`${what}:`.padEnd(width)} ${String(number).padStart(digits)}${note}`);
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

/**
 * The first argument.
 * @throws {MissingArgument} without it.
 */
export function requireArgument(args: string[], what: string): string {
  const [value] = args;
  if (value === undefined) throw new MissingArgument(`${what} is missing.`);
  return value;
}
