import { generateKeyPairSync } from "node:crypto";
import { chmodSync, mkdirSync, readdirSync } from "node:fs";
import { deriveTokenKey } from "@/lib/machines/token-key";
import {
  enrolAnswerSchema,
  enrolmentSchema,
  enrolmentTokenSchema,
  machineNameSchema,
  signingKeyAnswerSchema,
} from "@/lib/machines/wire";
import { openJws, signJws, toKeyId } from "./jws";
import { ask, parseServer, ServerError } from "./request";
import { createMachine, readMachine, readSync, StateError, writeSync } from "./state";
import { agentVersion } from "./version";

/** What to enrol with, as typed. */
export interface Enrolment {
  readonly server: string;
  readonly token: string;
  readonly name: string;
}

/**
 * Enrols this machine: checks the server's key against the token, makes a key pair of its own, and keeps what it needs to sign and
 * to judge. The token never leaves this machine: it signs the machine's public key, so nobody in between can put another in its place.
 *
 * @returns The machine's name as the server writes it.
 * @throws ServerError `server`: neither https nor this very machine; `token`, `name`: malformed; `already_enrolled`;
 *   `another_key`: the server's key isn't the token's, a proxy's with a key of its own for instance, and nothing was said to it;
 *   `unreachable`; the server's own words (see `agentErrors`); `answer_malformed`, `answer_signature`, `answer_of_another`.
 * @throws StateError `unsafe_state` where the folder is others' too. And what the disk says, before the token is spent.
 * @see offline, "Enrolment"
 */
export async function enroll(folder: string, { server: url, token, name }: Enrolment): Promise<string> {
  const server = parseServer(url);
  if (server === undefined)
    throw new ServerError("server", "The server's URL must begin with https://, but for this very machine's");
  if (!enrolmentTokenSchema.safeParse(token).success)
    throw new ServerError("token", "This is no enrolment token");
  if (!machineNameSchema.safeParse(name).success)
    throw new ServerError("name", "A name is 1 to 63 letters, digits and hyphens");
  prepareFolder(folder);

  const { publicKey: signingKey } = parse(
    signingKeyAnswerSchema,
    await ask(server, "/agent/v1/signing-key", { method: "GET" }),
  );
  if (toKeyId(signingKey) !== token.split(".")[1])
    throw new ServerError(
      "another_key",
      "The server's key is not the one that the token names: somebody may be in between. Nothing was sent to it",
    );
  const pair = generateKeyPairSync("ed25519");
  const publicKey = pair.publicKey
    .export({ format: "der", type: "spki" })
    .subarray(-32)
    .toString("base64url");
  const tokenKey = deriveTokenKey(token);
  const wish = { machine: name, publicKey, signingKey: toKeyId(signingKey), agentVersion };
  const body = { wish: signJws("sparekey-enrol", tokenKey.publicKey, wish, tokenKey.privateKey) };
  const { enrolment } = parse(
    enrolAnswerSchema,
    await ask(server, "/agent/v1/enrol", { method: "POST", body }),
  );
  const opened = openJws(enrolment, "sparekey-enrolment", [signingKey]);
  if (opened === undefined)
    throw new ServerError("answer_signature", "The answer is not signed by the server's key");
  const { machineId, machine, publicKey: enrolled } = parse(enrolmentSchema, opened.payload);
  if (enrolled !== publicKey || machine.toLowerCase() !== name.toLowerCase())
    throw new ServerError("answer_of_another", "The answer is for another machine");
  const privateKey = pair.privateKey.export({ format: "der", type: "pkcs8" }).toString("base64url");
  if (!createMachine(folder, { server, machineId, machine, privateKey, signingKey })) throw alreadyEnrolled();
  return machine;
}

function prepareFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (readdirSync(folder).length === 0) chmodSync(folder, 0o700);
  try {
    readMachine(folder);
  } catch (error) {
    if (!(error instanceof StateError && error.reason === "not_enrolled")) throw error;
    // A full disk shows here, before the token is spent.
    writeSync(folder, readSync(folder));
    return;
  }
  throw alreadyEnrolled();
}

function alreadyEnrolled(): ServerError {
  return new ServerError("already_enrolled", "This machine is enrolled already; `leave` comes first");
}

function parse<T>(
  schema: { safeParse(value: unknown): { success: true; data: T } | { success: false } },
  value: unknown,
): T {
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw new ServerError("answer_malformed", "The server's answer is malformed");
  return parsed.data;
}
