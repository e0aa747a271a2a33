import "server-only";
import { createPublicKey } from "node:crypto";
import type { z } from "zod";
import { recordEvent } from "@/lib/audit/record";
import type { Context } from "@/lib/platform/context";
import { digest } from "@/lib/platform/keys";
import { type Refusal, refuse, type Success } from "@/lib/platform/outcome";
import { inTransaction, type Tx, undoneByRefusal } from "@/lib/platform/transaction";
import { admitEnrol } from "@/lib/robots/admit-enrol";
import { insertFirstUsers, insertMachine, linkToken, spendToken } from "./enrolment-store";
import { enqueueSlots } from "./keep-slots";
import { selectKeys } from "./key-store";
import { countRefused } from "./refused";
import { signDocument } from "./signing-key";
import type { enrolmentSchema, enrolRequestSchema } from "./wire";

/** What became of a wish to enrol. */
export type EnrolResult =
  | Success<{ machineId: string; enrolment: string }>
  | Refusal<"token_refused" | "already_enrolled" | "bad_key">
  | Refusal<"busy", { retryAfterSeconds: number }>;

/**
 * Enrols a machine by its token: remembers its public key under its name, and puts the users of the token on it.
 *
 * The token is spent by one conditional statement: of any number who bring it at once one is enrolled. A refusal leaves it
 * as it was. The answer is signed by the key whose fingerprint is in the token, so that the agent knows it from another's.
 *
 * @param input.machine must be the name that the token was made for.
 * @param input.publicKey Ed25519, raw, base64url.
 * @returns The signed answer. Refuses `token_refused` (unknown, used, over, or of another name: never which), `already_enrolled`
 *   (only to who has a good token), `bad_key` (32 bytes that are no key), `busy` (600 from one network in ten minutes).
 * @see audit `machine.enrolled`; offline, "Enrolment"
 */
export async function enrolMachine(
  ctx: Context,
  input: z.output<typeof enrolRequestSchema>,
): Promise<EnrolResult> {
  const admitted = await admitEnrol(ctx);
  if (!admitted.ok) return admitted;
  if (!isPublicKey(input.publicKey)) return refuse("bad_key");
  const written = await inTransaction(async (tx) => {
    const result = await undoneByRefusal(tx, (inner) => write(inner, ctx, input));
    await record(tx, ctx, input, result);
    return result;
  });
  if (!written.ok) return written;
  const { key, machineId, machine, serverTime } = written;
  const document: z.output<typeof enrolmentSchema> = {
    machineId,
    machine,
    publicKey: input.publicKey,
    serverTime: serverTime.toISOString(),
  };
  return { ok: true, machineId, enrolment: await signDocument(key, "sparekey-enrolment", document) };
}

type Written = Awaited<ReturnType<typeof write>>;

async function write(tx: Tx, ctx: Context, input: z.output<typeof enrolRequestSchema>) {
  const spent = await spendToken(tx, digest(input.token), input.machine);
  const keyId = input.token.split(".", 2)[1];
  const key = (await selectKeys(tx)).find(({ id, endedAt }) => id === keyId && endedAt === null);
  if (spent === undefined || key === undefined) return refuse("token_refused");
  const made = await insertMachine(tx, {
    name: spent.machineName,
    publicKey: new Uint8Array(Buffer.from(input.publicKey, "base64url")),
    enrolledBy: spent.createdBy,
    agentVersion: input.agentVersion,
    lastSourceIp: ctx.sourceIp,
    pinnedKeyId: key.id,
  });
  if (made === undefined) return refuse("already_enrolled");
  await linkToken(tx, spent.id, made.id);
  await insertFirstUsers(tx, made.id, spent.userIds, spent.createdBy);
  await enqueueSlots(tx, ctx, { machineId: made.id });
  return {
    ok: true as const,
    key,
    machineId: made.id,
    machine: spent.machineName,
    serverTime: made.enrolledAt,
    users: spent.userIds.length,
  };
}

async function record(
  tx: Tx,
  ctx: Context,
  { machine, agentVersion }: z.output<typeof enrolRequestSchema>,
  result: Written,
): Promise<void> {
  const kind = "machine.enrolled";
  if (result.ok) {
    const target = { kind: "machine", id: result.machineId };
    const details = { machine, agentVersion, users: result.users, signingKey: result.key.id };
    return recordEvent(tx, ctx, { kind, outcome: "ok", target, details });
  }
  const refused = countRefused();
  if (refused === undefined) return;
  const details = { machine, agentVersion, ...refused };
  await recordEvent(tx, ctx, { kind, outcome: "refused", reason: result.reason, details });
}

function isPublicKey(x: string): boolean {
  try {
    const { asymmetricKeyType } = createPublicKey({
      key: { kty: "OKP", crv: "Ed25519", x },
      format: "jwk",
    });
    return asymmetricKeyType === "ed25519";
  } catch {
    return false;
  }
}
