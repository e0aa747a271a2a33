import "server-only";
import { createHash } from "node:crypto";
import { decodeProtectedHeader, errors, importJWK, jwtVerify } from "jose";
import { z } from "zod";
import { countRefused } from "@/lib/audit/count-refused";
import { recordRefusal } from "@/lib/audit/record";
import { getConfig } from "@/lib/platform/config";
import type { Context } from "@/lib/platform/context";
import { makeNobodysKey } from "@/lib/platform/key-pair";
import { type Refusal, refuse, type Success } from "@/lib/platform/outcome";
import { inStatement, inTransaction } from "@/lib/platform/transaction";
import type { Machine } from "./model";
import { findRequesting, insertRequest } from "./request-store";
import { requestClaimsSchema, requestSecondsMax } from "./wire";

/** How far ahead of ours a machine's clock may be where a request says when it was signed. */
const aheadSecondsMax = 5;

const tokenLengthMax = 4096;

/** Why a request isn't a machine's. The door answers all alike, but `ended`, which only the machine itself can hear. */
export type RequestRefusal =
  | "missing"
  | "malformed"
  | "algorithm"
  | "unknown_machine"
  | "signature"
  | "audience"
  | "method"
  | "path"
  | "body"
  | "expired"
  | "not_yet"
  | "too_long"
  | "replayed"
  | "ended";

/** A request as its head has it. */
export interface SignedRequest {
  /** What stood after `Bearer`, untrusted. */
  readonly token: string | undefined;
  readonly method: string;
  /** Without a query. */
  readonly path: string;
  /** Whether a machine that was released or revoked may say this too. */
  readonly isOpenToEnded?: boolean;
}

/** A request that a machine signed, of which the body isn't read yet. */
export interface ProvenRequest {
  readonly machine: Machine;
  readonly claims: Pick<Claims, "jti" | "exp" | "body">;
}

/**
 * Verifies that a machine signed a request with this head just now, so that a stranger's body need not be read. `acceptBody` comes
 * next, and without it the request is good for nothing.
 *
 * EdDSA and nothing else, by the key that was enrolled; `aud` is our base URL; method and path are those of the request; good for
 * 60 s at most, by the database's clock. A machine that isn't known costs the same work as a wrong signature. One that ended is refused as `ended`, but for the one word that is open to it.
 *
 * @param origin where the request came from; its actor is nobody yet.
 * @returns Who it is, and what it signed. Refusals: see `RequestRefusal`. Records `machine.refused`, in a flood one event for many.
 * @see offline, "Enrolment"
 */
export async function authenticateMachine(
  origin: Context,
  request: SignedRequest,
): Promise<Success<{ proven: ProvenRequest }> | Refusal<RequestRefusal>> {
  const claimed = readMachineId(request.token);
  if (!claimed.ok) return recordRefused(origin, claimed);
  const { nowSeconds, machine } = await inStatement((tx) => findRequesting(tx, claimed.machineId));
  const publicKey = machine?.public_key ?? nobodysKey;
  const verified = await verify(claimed.token, publicKey, nowSeconds);
  if (machine === undefined) return recordRefused(origin, refuse("unknown_machine"));
  if (!verified.ok) return recordRefused(origin, verified, machine.id);
  const { claims } = verified;
  const wrong = findWrong(claims, request, nowSeconds);
  if (wrong !== undefined) return recordRefused(origin, refuse(wrong), machine.id);
  if (machine.is_ended && request.isOpenToEnded !== true)
    return recordRefused(origin, refuse("ended"), machine.id);
  return { ok: true, proven: { machine: { id: machine.id, name: machine.name }, claims } };
}

/**
 * Verifies that a request whose head was verified has the body that was signed with it, and comes for the first time: its `jti` is
 * remembered by one statement, so that of any number of copies at once one counts.
 *
 * @param body its bytes; none, where there is no body.
 * @returns Who it is. Refuses `body`, `replayed`; both are recorded as those of `authenticateMachine`.
 * @see offline, "Enrolment"
 */
export async function acceptBody(
  origin: Context,
  { machine, claims }: ProvenRequest,
  body: Uint8Array,
): Promise<Success<{ machine: Machine }> | Refusal<RequestRefusal>> {
  if (claims.body !== createHash("sha256").update(body).digest("base64url"))
    return recordRefused(origin, refuse("body"), machine.id);
  const { jti, exp } = claims;
  const isFirst = await inStatement((tx) =>
    insertRequest(tx, { machineId: machine.id, jti, expSeconds: exp, sourceIp: origin.sourceIp }),
  );
  return isFirst ? { ok: true, machine } : recordRefused(origin, refuse("replayed"), machine.id);
}

const nobodysKey = makeNobodysKey();

function readMachineId(
  token: string | undefined,
): Success<{ token: string; machineId: string }> | Refusal<RequestRefusal> {
  if (token === undefined || token === "") return refuse("missing");
  if (token.length > tokenLengthMax) return refuse("malformed");
  try {
    const { alg, kid } = decodeProtectedHeader(token);
    if (alg !== "EdDSA") return refuse("algorithm");
    const machineId = z.uuid().safeParse(kid);
    return machineId.success ? { ok: true, token, machineId: machineId.data } : refuse("malformed");
  } catch {
    return refuse("malformed");
  }
}

type Claims = z.output<typeof requestClaimsSchema>;

async function verify(
  token: string,
  publicKey: Uint8Array,
  nowSeconds: number,
): Promise<Success<{ claims: Claims }> | Refusal<RequestRefusal>> {
  try {
    const x = Buffer.from(publicKey).toString("base64url");
    const key = await importJWK({ kty: "OKP", crv: "Ed25519", x }, "EdDSA");
    const { payload } = await jwtVerify(token, key, {
      algorithms: ["EdDSA"],
      currentDate: new Date(nowSeconds * 1000),
      clockTolerance: aheadSecondsMax,
    });
    const claims = requestClaimsSchema.safeParse(payload);
    return claims.success ? { ok: true, claims: claims.data } : refuse("malformed");
  } catch (error) {
    if (error instanceof errors.JWTExpired) return refuse("expired");
    if (error instanceof errors.JWTClaimValidationFailed) return refuse("malformed");
    if (error instanceof errors.JOSEError) return refuse("signature");
    throw error;
  }
}

function findWrong(claims: Claims, request: SignedRequest, nowSeconds: number): RequestRefusal | undefined {
  if (claims.exp <= nowSeconds) return "expired";
  if (claims.iat > nowSeconds + aheadSecondsMax) return "not_yet";
  if (claims.exp - claims.iat > requestSecondsMax) return "too_long";
  if (claims.aud.replace(/\/+$/, "") !== getConfig().BASE_URL) return "audience";
  if (claims.method !== request.method) return "method";
  if (claims.path !== request.path) return "path";
  return undefined;
}

async function recordRefused(
  origin: Context,
  refusal: Refusal<RequestRefusal>,
  machineId?: string,
): Promise<Refusal<RequestRefusal>> {
  const details = countRefused("machine");
  if (details === undefined) return refusal;
  const target = machineId === undefined ? {} : { target: { kind: "machine", id: machineId } };
  return inTransaction((tx) =>
    recordRefusal(tx, origin, { kind: "machine.refused", details, ...target }, refusal),
  );
}
