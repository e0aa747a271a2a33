import "server-only";
import { createPublicKey } from "node:crypto";
import { compactVerify, decodeProtectedHeader, importJWK } from "jose";
import type { z } from "zod";
import { countRefused } from "@/lib/audit/count-refused";
import { recordEvent } from "@/lib/audit/record";
import type { Context } from "@/lib/platform/context";
import { digest } from "@/lib/platform/keys";
import { type Refusal, refuse, type Success } from "@/lib/platform/outcome";
import { inTransaction, type Tx, undoneByRefusal } from "@/lib/platform/transaction";
import { admit } from "@/lib/robots/admit";
import { insertFirstUsers, insertMachine, linkToken, spendToken } from "./enrolment-store";
import { enqueueSlots } from "./keep-slots";
import { selectKeys } from "./key-store";
import { signDocument } from "./signing-key";
import { type enrolmentSchema, type enrolRequestSchema, enrolWishSchema, tokenKeySchema } from "./wire";

/** What became of a wish to enrol. */
export type EnrolResult =
  | Success<{ machineId: string; enrolment: string }>
  | Refusal<"token_refused" | "already_enrolled" | "bad_key" | "malformed">
  | Refusal<"busy", { retryAfterSeconds: number }>;

/**
 * Enrols a machine by its token: remembers its public key under its name, and puts the users of the token on it.
 *
 * The wish is signed by the key that the token stands for, over the machine's own key: whoever carries it, a proxy that opens TLS
 * for instance, can put no other key in its place. The token is spent by one conditional statement: of any number who bring it at once one is enrolled. A refusal leaves it
 * as it was. The answer is signed by the key whose fingerprint is in the token, so that the agent knows it from another's.
 *
 * @param input.wish a JWS, as `enrolRequestSchema` has it. The name in it must be the one that the token was made for.
 * @returns The signed answer. Refuses `malformed` (no such JWS), `token_refused` (unknown, used, over, of another name, or not what
 *   signed it: never which), `already_enrolled` (only to who has a good token), `bad_key` (32 bytes that are no key), `busy` (600 from
 *   one network in ten minutes).
 * @see audit `machine.enrolled`; offline, "Enrolment"
 */
export async function enrolMachine(
  ctx: Context,
  input: z.output<typeof enrolRequestSchema>,
): Promise<EnrolResult> {
  const admitted = await admit(ctx, "enrol");
  if (!admitted.ok) return admitted;
  const asked = readWish(input.wish);
  if (asked === undefined) return refuse("malformed");
  const { wish, tokenKey } = asked;
  if (!isPublicKey(wish.publicKey)) return refuse("bad_key");
  const isSigned = await isSignedBy(input.wish, tokenKey);
  const written = await inTransaction(async (tx) => {
    const result = isSigned
      ? await undoneByRefusal(tx, (inner) => write(inner, ctx, wish, tokenKey))
      : refuse("token_refused");
    await record(tx, ctx, wish, result);
    return result;
  });
  if (!written.ok) return written;
  const { key, machineId, machine, serverTime } = written;
  const document: z.output<typeof enrolmentSchema> = {
    machineId,
    machine,
    publicKey: wish.publicKey,
    serverTime: serverTime.toISOString(),
  };
  return { ok: true, machineId, enrolment: await signDocument(key, "sparekey-enrolment", document) };
}

type Wish = z.output<typeof enrolWishSchema>;

/** Reads a wish as nobody has judged yet, and which token is said to have signed it. */
function readWish(jws: string): { wish: Wish; tokenKey: string } | undefined {
  try {
    const { alg, typ, kid } = decodeProtectedHeader(jws);
    const tokenKey = tokenKeySchema.safeParse(kid);
    const payload: unknown = JSON.parse(Buffer.from(jws.split(".")[1] ?? "", "base64url").toString("utf8"));
    const wish = enrolWishSchema.safeParse(payload);
    if (alg !== "EdDSA" || typ !== "sparekey-enrol" || !tokenKey.success || !wish.success) return undefined;
    return { wish: wish.data, tokenKey: tokenKey.data };
  } catch {
    return undefined;
  }
}

async function isSignedBy(jws: string, x: string): Promise<boolean> {
  try {
    const key = await importJWK({ kty: "OKP", crv: "Ed25519", x }, "EdDSA");
    await compactVerify(jws, key, { algorithms: ["EdDSA"] });
    return true;
  } catch {
    return false;
  }
}

type Written = Awaited<ReturnType<typeof write>>;

async function write(tx: Tx, ctx: Context, input: Wish, tokenKey: string) {
  const spent = await spendToken(tx, digest(tokenKey), input.machine);
  const key = (await selectKeys(tx)).find(({ id, endedAt }) => id === input.signingKey && endedAt === null);
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

async function record(tx: Tx, ctx: Context, { machine, agentVersion }: Wish, result: Written): Promise<void> {
  const kind = "machine.enrolled";
  if (result.ok) {
    const target = { kind: "machine", id: result.machineId };
    const details = { machine, agentVersion, users: result.users, signingKey: result.key.id };
    return recordEvent(tx, ctx, { kind, outcome: "ok", target, details });
  }
  const refused = countRefused("machine");
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
