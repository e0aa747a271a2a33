import "server-only";
import { randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { getSystemErrorMap } from "node:util";
import nextEnv from "@next/env";
import { migrate, UnfitDatabase } from "@/db/migrate";
import { backUp, restore, startGeneration } from "@/lib/operation/backup";
import { rotateKey } from "@/lib/operation/rotate-key";
import { ConfigError, getConfig } from "@/lib/platform/config";
import type { Context } from "@/lib/platform/context";
import { assertNever, Fault } from "@/lib/platform/outcome";
import { closeDatabase } from "@/lib/platform/transaction";
import { inviteInput } from "@/lib/staff/input";
import { createOwner } from "@/lib/staff/invite";
import type { Link } from "@/lib/staff/link";
import { findStaffByEmail } from "@/lib/staff/list";
import { type RecoverRefusal, resetPassword, resetSecondFactor, unlockStaff } from "@/lib/staff/recover";
import { type Command, MissingArgument, Misuse, operator, requireArgument, say } from "./command";
import { importCommand } from "./import-command";
import { ldapCommands } from "./ldap-commands";
import { machineCommands } from "./machine-commands";
import { openidCommands } from "./openid-commands";

/** Where a running demo says how it is reached, so that the operator's shell works there as it does in production. */
const DEMO_ENVIRONMENT = ".data/environment.json";

async function restoreFile(file: string): Promise<void> {
  if (!existsSync(file)) throw new Misuse(`There is no file ${file}.`);
  const { DATABASE_URL } = getConfig();
  await migrate(DATABASE_URL);
  const result = await restore(DATABASE_URL, file);
  if (result.ok) {
    say(
      `Rows restored: ${result.rows}. This is generation ${result.generation}. Live grants revoked: ${result.grantsRevoked}, sessions ended: ${result.sessionsEnded}, messages not sent: ${result.deliveriesFailed}.`,
    );
    return;
  }
  switch (result.reason) {
    case "not_empty":
      throw new Misuse("The database is not empty. Restore into a new one: nothing is ever written over.");
    case "not_a_backup":
      throw new Misuse(
        `${file} is not a whole backup: cut short, altered, or something else. Nothing was restored.`,
      );
    case "other_schema":
      throw new Misuse("The backup was made by another version. Restore it with that version, then update.");
    case "other_key":
      throw new Misuse(
        `The backup belongs to the master key ${result.keyId}. Set it as SPAREKEY_MASTER_KEY or SPAREKEY_MASTER_KEY_PREVIOUS.`,
      );
    default:
      assertNever(result);
  }
}

async function findStaffId(ctx: Context, email: string): Promise<string> {
  const found = await findStaffByEmail(ctx, { email });
  if (!found.ok) throw new Misuse(`There is no staff member with the e-mail ${email}.`);
  return found.staffId;
}

function sayLink(link: Link, whose: string): void {
  say(`Hand ${whose} this link; it is good once, until ${link.expiresAt.toISOString()}:\n\n  ${link.url}`);
}

function explain(reason: RecoverRefusal["reason"] | "email_taken", email: string): never {
  switch (reason) {
    case "email_taken":
      throw new Misuse(`${email} is staff already.`);
    case "disabled":
      throw new Misuse(`${email} is disabled: an owner enables staff on the page Staff.`);
    case "not_found":
      throw new Misuse(`There is no staff member with the e-mail ${email}.`);
    case "step_up_needed":
    case "yourself":
      throw new Fault(`the operator was refused: ${reason}`);
    default:
      return assertNever(reason);
  }
}

/** A command that helps one staff member, named by e-mail, back in. */
function helpStaff(
  name: string,
  about: string,
  help: (
    ctx: Context,
    staffId: string,
  ) => Promise<{ ok: true; link?: Link } | { ok: false; reason: RecoverRefusal["reason"] }>,
): Command {
  return {
    usage: `${name} EMAIL`,
    about,
    run: async (args) => {
      const email = requireArgument(args, "EMAIL");
      const ctx = operator(name);
      const result = await help(ctx, await findStaffId(ctx, email));
      if (!result.ok) explain(result.reason, email);
      else if (result.link === undefined) say("Done.");
      else sayLink(result.link, "them");
    },
  };
}

const commands: Record<string, Command> = {
  "create-owner": {
    usage: "create-owner EMAIL NAME",
    about: "makes an owner, and prints the link that they begin with",
    run: async ([email, ...words]) => {
      const parsed = inviteInput.safeParse({ email, name: words.join(" "), role: "owner" });
      if (!parsed.success)
        throw new Misuse(
          "EMAIL and NAME are needed: npm run admin -- create-owner olivia@example.com Olivia Stone",
        );
      const result = await createOwner(operator("create-owner"), parsed.data);
      if (result.ok) sayLink(result.link, "the owner");
      else explain(result.reason, parsed.data.email);
    },
  },
  "reset-password": helpStaff(
    "reset-password",
    "ends a staff member's password and sessions, and prints a link to set a new one",
    (ctx, staffId) => resetPassword(ctx, { staffId }),
  ),
  "reset-second-factor": helpStaff(
    "reset-second-factor",
    "removes a staff member's passkeys and app, and prints a link to begin anew",
    (ctx, staffId) => resetSecondFactor(ctx, { staffId }),
  ),
  unlock: helpStaff("unlock", "lifts the lock of a staff member after wrong tries", (ctx, staffId) =>
    unlockStaff(ctx, { staffId }),
  ),
  backup: {
    usage: "backup FILE",
    about: "writes all data as of now into FILE; the master key is not in it, keep that apart",
    run: async (args) => {
      const file = requireArgument(args, "FILE");
      const result = await backUp(getConfig().DATABASE_URL, file);
      if (!result.ok) throw new Misuse(`${file} is there already: nothing is ever written over.`);
      say(
        `Wrote ${result.rows} rows of ${result.tables} tables to ${file}. Keep the master key apart from it.`,
      );
    },
  },
  restore: {
    usage: "restore FILE",
    about: "fills an empty database from FILE; every live grant of that day is revoked",
    run: (args) => restoreFile(requireArgument(args, "FILE")),
  },
  "begin-generation": {
    usage: "begin-generation",
    about: "after a restore by other means: revokes every live grant of that day",
    run: async () => {
      const ends = await startGeneration(getConfig().DATABASE_URL);
      say(
        `This is generation ${ends.generation}. Live grants revoked: ${ends.grantsRevoked}, sessions ended: ${ends.sessionsEnded}.`,
      );
    },
  },
  "new-key": {
    usage: "new-key",
    about: "prints a fresh master key",
    run: async () => say(randomBytes(32).toString("base64")),
  },
  "rotate-key": {
    usage: "rotate-key",
    about: "seals all secrets anew under SPAREKEY_MASTER_KEY; SPAREKEY_MASTER_KEY_PREVIOUS opens them",
    run: async () => {
      const rotated = await rotateKey(operator("rotate-key"));
      if (!rotated.ok)
        throw new Misuse("SPAREKEY_MASTER_KEY_PREVIOUS is not set: there is no earlier key to rotate from.");
      const { resealed, until } = rotated;
      say(`Secrets sealed anew: ${resealed}.`);
      say(
        until === null
          ? "SPAREKEY_MASTER_KEY_PREVIOUS can go now. Staff who signed in under it sign in anew then."
          : `Keep SPAREKEY_MASTER_KEY_PREVIOUS until ${until.toISOString()}: codes and tokens of programs that are live depend on it.`,
      );
    },
  },
  ...importCommand,
  ...ldapCommands,
  ...machineCommands,
  ...openidCommands,
};

function usage(): string {
  const width = Math.max(...Object.values(commands).map((command) => command.usage.length));
  return Object.values(commands)
    .map((command) => `  npm run admin -- ${command.usage.padEnd(width)}  ${command.about}`)
    .join("\n");
}

/**
 * What went wrong, in a line, where an operator can do something about it: the database, its tables, a file, a key that is missing.
 * Undefined for whatever else is broken, which keeps its stack.
 */
function tellTrouble(error: unknown): string | undefined {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const { code, syscall, errno, path } = cause as NodeJS.ErrnoException;
    if (syscall === "connect" || syscall === "getaddrinfo" || /^(28|3D|57|08)/.test(code ?? ""))
      return `The database of DATABASE_URL doesn't let us in: ${cause.message}`;
    if (code === "42P01" || code === "3F000")
      return "The database of DATABASE_URL has not all tables of this version: start the server once, it makes them.";
    const words = getSystemErrorMap().get(errno ?? 0)?.[1];
    if (path !== undefined && words !== undefined) return `${path}: ${words}`;
    if (syscall !== undefined) return cause.message;
  }
  return error instanceof Fault ? error.message : undefined;
}

async function main(): Promise<number> {
  const [name, ...args] = process.argv.slice(2);
  const command = name === undefined ? undefined : commands[name];
  if (command === undefined) {
    say(
      `${name === undefined || name === "help" ? "The operator's commands:" : `There is no command "${name}". There are:`}\n\n${usage()}`,
    );
    return name === undefined || name === "help" ? 0 : 2;
  }
  nextEnv.loadEnvConfig(process.cwd(), false, { info: () => undefined, error: () => undefined });
  if (process.env.DATABASE_URL === undefined && existsSync(DEMO_ENVIRONMENT)) {
    Object.assign(process.env, JSON.parse(readFileSync(DEMO_ENVIRONMENT, "utf8")));
  }
  try {
    await command.run(args);
    return 0;
  } catch (error) {
    if (error instanceof Misuse || error instanceof ConfigError || error instanceof UnfitDatabase) {
      const usage = error instanceof MissingArgument ? ` Usage: npm run admin -- ${command.usage}` : "";
      process.stderr.write(`${error.message}${usage}\n`);
      return 2;
    }
    const trouble = tellTrouble(error);
    if (trouble === undefined) throw error;
    process.stderr.write(`${trouble}\n`);
    return 1;
  } finally {
    await closeDatabase();
  }
}

process.exitCode = await main();
