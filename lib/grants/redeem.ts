import "server-only";
import type { EventInput } from "@/lib/audit/model";
import { recordEvent, toEventRow } from "@/lib/audit/record";
import { hashAnchor, hashShort } from "@/lib/codes/anchor";
import { decideExpiry, equalAnchors, randomSalt } from "@/lib/codes/chain";
import { type ParsedCode, parseCode } from "@/lib/codes/format";
import { inHashQueue } from "@/lib/codes/hash-queue";
import { provesAnchor } from "@/lib/codes/judge";
import { type Context, systemContext } from "@/lib/platform/context";
import { currentKeyId, listKeyIds, mac } from "@/lib/platform/keys";
import { type Refusal, refuse, type Success } from "@/lib/platform/outcome";
import { inStatement } from "@/lib/platform/transaction";
import { windowSecondsLimit } from "@/lib/policy/model";
import { getPolicy } from "@/lib/policy/store";
import {
  type BeforeTry,
  type Candidate,
  type Claimant,
  claimShortTry,
  countWrongTry,
  readBeforeTry,
  returnShortTry,
  type Spend,
  spendCode,
  type TryKeys,
} from "./code-store";
import { inTurn } from "./turn";

/**
 * Why a typed code opens nothing.
 *
 * - `mistyped`: a slip of the tongue or the finger; costs nothing.
 * - `wrong`: not the code; counts. `none`: there is none that it could be; counts alike.
 * - `expired`, `spent`, `revoked`, `replaced`: it is (one of) the user's newest, but dead; counts nothing.
 * - `throttled`: too many wrong ones; nothing was judged. `busy`: too many at once; nothing was judged.
 */
export type RedeemRefusal =
  | "mistyped"
  | "wrong"
  | "none"
  | "expired"
  | "spent"
  | "revoked"
  | "replaced"
  | "throttled"
  | "busy";

/** Who typed what, where. */
export type RedeemInput = TryKeys & Claimant & Typed;

interface Typed {
  /** As typed, of any length. */
  readonly input: string;
  /** The attempt to sign in that it belongs to. */
  readonly attemptId: string | null;
}

/** What became of a typed code. */
export type RedeemResult =
  | Success<{ grantId: string; userId: string; spent: boolean }>
  | Refusal<RedeemRefusal, { retryAfterSeconds?: number }>;

/**
 * Redeems an access code, of either form: judges it by Argon2id and spends a use of its grant by one conditional statement.
 *
 * Of any number who present a single-use code at once exactly one passes. A name that nobody has, a user without a code
 * and a wrong code take the same statements and the same Argon2id. From the 5th wrong try on a subject must wait at that source,
 * 30 s doubling to 15 min, and elsewhere not: nobody is locked out by a stranger. 5 wrong tries kill a short code, however
 * many come at once, and 100 in a row a standard one (limits, "wrong tries"; 63B 3.2.2). Tries of one subject at one source
 * take turns.
 *
 * @param input.userId, input.subjectName the user, null for nobody; or a name, looked up in the statement that reads the rest.
 * @param input.subjectKey, input.sourceKey HMACs of the folded name and of where the try comes from.
 * @param spendUse what spends the use, for who does more with it in the same statement.
 * @returns The grant, and whether that was its last use. Refusals: see `RedeemRefusal`; `retryAfterSeconds` with `throttled` and
 *   `busy`, and with the wrong try from which on the subject must wait. Nothing of this is for the eyes of a stranger.
 * @see audit `grant.redeemed`, `code.judged`, `code.throttled`, `grant.revoked`; access-code, "Online"
 */
export async function redeemAccessCode(
  ctx: Context,
  input: RedeemInput,
  spendUse: Spend = spendCode,
): Promise<RedeemResult> {
  return inTurn(`${input.subjectKey} ${input.sourceKey}`, () => redeemNext(ctx, input, spendUse));
}

/** A try by whomever the name led to. */
type Try = TryKeys & Typed & Pick<BeforeTry, "userId" | "userLabel">;

async function redeemNext(ctx: Context, asked: RedeemInput, spendUse: Spend): Promise<RedeemResult> {
  const parsed = parseCode(asked.input);
  const form = parsed.kind === "mistyped" ? null : parsed.kind;
  const before = await inStatement((tx) => readBeforeTry(tx, asked, asked, form));
  const { subjectKey, sourceKey, attemptId } = asked;
  const { userId, userLabel } = before;
  const input: Try = { subjectKey, sourceKey, attemptId, input: asked.input, userId, userLabel };
  if (before.waitSeconds > 0) return throttled(ctx, input, before.waitSeconds);
  if (parsed.kind === "mistyped") return refused(ctx, input, "mistyped", null);

  const claimed = parsed.kind === "short" ? await claim(input) : null;
  for (const candidate of [before.candidates[0], before.candidates[1]]) {
    const judged = await inHashQueue(() => judge(parsed, candidate, before.now)).catch(
      async (error: unknown) => {
        await unclaim(claimed);
        throw error;
      },
    );
    if (!judged.ok) {
      await unclaim(claimed);
      return refused(ctx, input, "busy", null, 1);
    }
    if (!judged.value || candidate === undefined) continue;
    if (candidate.grantId !== claimed) await unclaim(claimed);
    const isTried = parsed.kind === "standard" || candidate.grantId === claimed;
    return spend(ctx, input, parsed.kind, candidate, isTried, spendUse);
  }
  return countWrong(ctx, input, before.candidates.length === 0 ? "none" : "wrong", claimed);
}

async function claim(input: Try): Promise<string | null> {
  return inStatement(async (tx) => {
    const { policy } = await getPolicy(tx);
    return (await claimShortTry(tx, input.userId, policy.tries.shortMax)) ?? null;
  });
}

async function unclaim(claimed: string | null): Promise<void> {
  if (claimed !== null) await inStatement((tx) => returnShortTry(tx, claimed));
}

type TypedCode = Exclude<ParsedCode, { kind: "mistyped" }>;

const nobodysSalt = randomSalt();

/**
 * Costs the same whether there is a candidate or not, and whatever differs. A short code of a master key that is gone (a dead one:
 * the key is kept for as long as one lives) is nobody's any more.
 */
async function judge(code: TypedCode, found: Candidate | undefined, now: Date): Promise<boolean> {
  const candidate = found?.keyId == null || listKeyIds().includes(found.keyId) ? found : undefined;
  const salt = candidate?.salt ?? nobodysSalt;
  const anchor = candidate?.anchor ?? new Uint8Array(32);
  if (code.kind === "short") {
    const hmac = mac("short-code", code.symbols, candidate?.keyId ?? currentKeyId());
    return equalAnchors(await hashShort(hmac, salt), anchor);
  }
  const proof = await provesAnchor(code, { salt, anchor }, hashAnchor);
  const slot = candidate?.slot;
  if (proof === null || slot == null || slot.expiryIndex !== code.expiryIndex) return false;
  const hours = decideExpiry(slot.epoch, code.expiryIndex, now, windowSecondsLimit);
  return hours.ok || hours.reason === "passed";
}

async function spend(
  ctx: Context,
  input: Try,
  form: TypedCode["kind"],
  candidate: Candidate,
  isTried: boolean,
  spendUse: Spend,
): Promise<RedeemResult> {
  const { grantId } = candidate;
  if (isTried && candidate.endedAs === null && !candidate.isOver) {
    const event = toEvent(input, { kind: "grant.redeemed", outcome: "ok", grantId });
    const details = { ...event.details, method: "access_code", form };
    const use = await inStatement((tx) =>
      spendUse(tx, input, grantId, toEventRow(ctx, { ...event, details })),
    );
    if (use !== undefined) return { ok: true, grantId, userId: use.user_id, spent: use.ended_as === "spent" };
  }
  const after = await inStatement((tx) => readBeforeTry(tx, input, input, form));
  const found = after.candidates.find((each) => each.grantId === grantId);
  if (found?.endedAs) return refused(ctx, input, found.endedAs, grantId);
  if (found?.isOver) return refused(ctx, input, "expired", grantId);
  if (after.waitSeconds > 0 || !isTried) return throttled(ctx, input, Math.max(1, after.waitSeconds));
  return refused(ctx, input, "none", grantId);
}

async function countWrong(
  ctx: Context,
  input: Try,
  reason: "wrong" | "none",
  claimed: string | null,
): Promise<RedeemResult> {
  const system = systemContext("tries", ctx.requestId);
  const after = await inStatement(async (tx) => {
    const { policy } = await getPolicy(tx);
    return countWrongTry(tx, input, input.userId, claimed, policy.tries, {
      judged: toEventRow(ctx, toEvent(input, { kind: "code.judged", outcome: "refused", reason })),
      throttled: toEventRow(
        ctx,
        toEvent(input, { kind: "code.throttled", outcome: "refused", reason: "wrong_tries" }),
      ),
      died: toEventRow(
        system,
        toEvent(input, { kind: "grant.revoked", outcome: "ok", reason: "wrong_tries" }),
      ),
    });
  });
  return after.wait === null ? refuse(reason) : refuse(reason, { retryAfterSeconds: Math.round(after.wait) });
}

async function throttled(ctx: Context, input: Try, waitSeconds: number): Promise<RedeemResult> {
  const retryAfterSeconds = Math.ceil(waitSeconds);
  const event = toEvent(input, { kind: "code.throttled", outcome: "refused", reason: "throttled" });
  await inStatement((tx) =>
    recordEvent(tx, ctx, { ...event, details: { ...event.details, retryAfterSeconds } }),
  );
  return refuse("throttled", { retryAfterSeconds });
}

async function refused(
  ctx: Context,
  input: Try,
  reason: RedeemRefusal,
  grantId: string | null,
  retryAfterSeconds?: number,
): Promise<RedeemResult> {
  await inStatement((tx) =>
    recordEvent(tx, ctx, toEvent(input, { kind: "code.judged", outcome: "refused", reason, grantId })),
  );
  return retryAfterSeconds === undefined ? refuse(reason) : refuse(reason, { retryAfterSeconds });
}

function toEvent(input: Try, event: EventInput): EventInput {
  return {
    ...event,
    userId: input.userId,
    userLabel: input.userLabel,
    ...(input.attemptId === null ? {} : { target: { kind: "attempt", id: input.attemptId } }),
    details: { subject: input.subjectKey, ...event.details },
  };
}
