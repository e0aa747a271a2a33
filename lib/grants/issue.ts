import "server-only";
import { randomUUID } from "node:crypto";
import { recordRefusal } from "@/lib/audit/record";
import { type ForgedCode, forgeCode, revealCode } from "@/lib/codes/forge";
import type { UserForAccess } from "@/lib/directory/model";
import { decideOffline, type OfflineReach } from "@/lib/machines/holds";
import { listHolds } from "@/lib/machines/holds-store";
import { hasOpenSlot } from "@/lib/machines/take-slot-store";
import type { Context } from "@/lib/platform/context";
import { Fault, type Refusal, refuse, type Success } from "@/lib/platform/outcome";
import { inStatement, inTransaction, type Tx, undoneByRefusal } from "@/lib/platform/transaction";
import type { CodeForm, Policy } from "@/lib/policy/model";
import { getPolicy, readPolicy } from "@/lib/policy/store";
import { requirePermission } from "@/lib/staff/require-permission";
import { closeExpired } from "./close";
import { decideIssue, firstForm, type MethodRefusal, type Terms, type TermsRefusal } from "./decide";
import type { IssueGrantInput } from "./input";
import { lockUserForAccess } from "./lock-user";
import { type Grant, toIssuer } from "./model";
import { type DeskSendRefusal, sendByDesk } from "./send-by-desk";
import {
  findGrant,
  findGrantByForm,
  getIssueState,
  insertGrant,
  listOpenGrants,
  lockForm,
  type NewGrant,
} from "./store";
import { recordIssue, replaceGrant, type WrittenCode, writeCode } from "./write";

/** A code that was just issued. It is in this answer and nowhere else, ever. */
export interface IssuedCode {
  readonly form: CodeForm;
  /** In symbols. */
  readonly text: string;
  /** In digits; null: a short code. */
  readonly decimal: string | null;
  /** Which of the two is read aloud, by policy. */
  readonly shown: "symbols" | "decimal";
  readonly expiresAt: Date;
  /** null: a short code, good online only. */
  readonly offlineExpiresAt: Date | null;
}

/** What was issued. */
export interface Issued {
  readonly grant: Grant;
  readonly terms: Terms;
  /** Of an access code; null for the other methods. */
  readonly code: IssuedCode | null;
  /** The grant whose place this one took; null: none was live. */
  readonly replaced: Grant | null;
  /** The first text or call, where it was asked for at once. */
  readonly deliveryId: string | null;
  /** Where an access code works without a network as of now, by machine; null for the other methods. */
  readonly offline: OfflineReach | null;
}

/** What became of a wish to issue. */
export type IssueResult =
  | Success<Issued>
  | Refusal<"already_issued", { grant: Grant }>
  | Refusal<"changed_meanwhile", { live: Grant }>
  | Refusal<"user_not_found">
  | Refusal<"issuing_stopped">
  | Refusal<"busy">
  | MethodRefusal
  | TermsRefusal
  | DeskSendRefusal;

/**
 * Issues a grant of one method to a user, and draws the code of an access code.
 *
 * At most one grant of a method is live: of any number of issuers at once one replaces what it was looking at, the others
 * are told what is live now. A form or call that comes again never issues twice: it is answered with what it made, whose
 * code is gone. The code's secret is in the answer alone.
 *
 * A standard code takes a slot that was made ahead, the chosen machine's first, so that it opens a machine that is offline
 * already, without an Argon2id; its seed is deleted in the same transaction. Where there is none the code is made now, and works
 * online only until the machines have synced; `offline` says which it is for each machine by name. Slots below the issued
 * number are never issued any more (`takeSlot`).
 *
 * @param input.windowSeconds From 60 to the ceilings of the policy (company, issuer's role, short code); the policy's default
 *   where left out. A lock of the company's overrides it.
 * @param input.formId 8-64 characters that the form or call was made with; the issuer's own.
 * @param input.machineId The machine that the user sits at: a slot that it holds is taken before others.
 * @param input.replaces The live grant of this method that the issuer was shown, null for none, `any` for whichever.
 * @returns The grant. Refusals: `already_issued` (with the grant), `changed_meanwhile` (with the live one), `user_not_found`,
 *   `issuing_stopped` (until an owner has looked), `busy` (too many at once: nothing happened), those of the person and the
 *   method (`yourself`, `privileged`, `user_disabled`, `method_off`, `no_number`, `number_held`, `country`, `number_barred`) and those of the
 *   terms (`form_off`, `uses_off`, `window_too_short`, `window_too_long` with the ceiling, `step_up_needed`).
 *   Where the first code is to be sent at once, those of sending too (`send_limit`, `too_soon`, `budget`): then nothing is issued.
 * @throws {Denied} without `grant:issue`.
 * @see audit `grant.issued`, `grant.replaced`, `grant.expired`; access-code, "The chain"; offline, "Package"; limits, "access code life"
 */
export async function issueGrant(ctx: Context, input: IssueGrantInput): Promise<IssueResult> {
  await requirePermission(ctx, "grant:issue", { userId: input.userId });
  const form = input.method === "access_code" ? (input.form ?? (await readFirstForm())) : undefined;
  const mayTake = form === "standard" && (await inStatement((tx) => hasOpenSlot(tx, input.userId)));
  let forged = form === undefined || mayTake ? undefined : await forgeCode(form);
  for (;;) {
    const busy = forged?.ok === false ? forged : undefined;
    if (busy !== undefined) return inTransaction((tx) => refused(tx, ctx, input, undefined, busy));
    const code = forged?.ok === true ? forged.code : undefined;
    const written = await inTransaction((tx) => write(tx, ctx, { ...input, form }, code));
    if (written.ok) return reveal(written);
    if (written.reason !== "must_forge") return written;
    forged = await forgeCode("standard");
  }
}

type Written = Success<
  Omit<Issued, "code" | "offline"> & {
    written: WrittenCode | null;
    offline: OfflineReach | null;
    policy: Policy;
  }
>;
type IssueRefusal = Exclude<IssueResult, { ok: true }>;

async function write(
  tx: Tx,
  ctx: Context,
  input: IssueGrantInput,
  forged: ForgedCode | undefined,
): Promise<Written | IssueRefusal | Refusal<"must_forge">> {
  const issuer = toIssuer(ctx.actor);
  await lockForm(tx, issuer, input.formId);
  const before = await findGrantByForm(tx, issuer, input.formId);
  if (before !== undefined) {
    return refused(tx, ctx, input, undefined, refuse("already_issued", { grant: before }));
  }
  const user = await lockUserForAccess(tx, input.userId);
  if (user === undefined) return refused(tx, ctx, input, undefined, refuse("user_not_found"));
  const { now, generation, issuingStoppedAt } = await getIssueState(tx);
  if (issuingStoppedAt !== null) return refused(tx, ctx, input, user, refuse("issuing_stopped"));
  const { version, policy } = await readPolicy(tx);
  const decided = decideIssue({ policy, actor: ctx.actor, user, now }, input);
  if (!decided.ok) return refused(tx, ctx, input, user, decided);
  const { terms } = decided;

  const [open] = await listOpenGrants(tx, user.id, input.method);
  const isOver = open !== undefined && open.expiresAt.getTime() <= now.getTime();
  if (isOver) await closeExpired(tx, ctx, open);
  const live = isOver ? undefined : open;
  if (live !== undefined && input.replaces !== "any" && input.replaces !== live.id) {
    return refused(tx, ctx, input, user, refuse("changed_meanwhile", { live }));
  }

  const made: NewGrant = {
    id: randomUUID(),
    userId: user.id,
    method: input.method,
    startsAt: now,
    expiresAt: new Date(now.getTime() + terms.windowSeconds * 1000),
    usesMax: terms.uses === "once" ? 1 : null,
    issuer,
    reason: input.reason,
    reasonNote: input.reasonNote ?? null,
    ticket: input.ticket ?? null,
    formId: issuer.id === null ? null : input.formId,
    policyVersion: version,
    generation,
  };
  const written = await undoneByRefusal(tx, async (inner) => {
    const replaced = live !== undefined && (await replaceGrant(inner, ctx, user, live, made)) ? live : null;
    await insertGrant(inner, made);
    const code =
      input.method === "access_code" ? await writeCode(inner, made, forged, input.machineId ?? null) : null;
    if (code?.ok === false) return code;
    const sent =
      input.sendNow === true && input.method !== "access_code"
        ? await sendByDesk(inner, ctx, user, { id: made.id, method: input.method }, { policy, now })
        : undefined;
    return sent?.ok === false
      ? sent
      : { ok: true as const, replaced, code, deliveryId: sent?.deliveryId ?? null };
  });
  if (!written.ok) return written.reason === "must_forge" ? written : refused(tx, ctx, input, user, written);
  const { replaced, code, deliveryId } = written;
  const offline = code === null ? null : await readOffline(tx, made, code);
  await recordIssue(tx, ctx, user, made, {
    form: terms.form,
    windowSeconds: terms.windowSeconds,
    uses: terms.uses,
    replaced: replaced?.id ?? null,
    sentNow: deliveryId !== null,
    slot: code?.slot?.number ?? null,
    worksOffline: offline?.worksOn.length ?? null,
  });
  const grant = await findGrant(tx, made.id);
  if (grant === undefined) throw new Fault("a grant that was just written is missing");
  return { ok: true, grant, terms, replaced, deliveryId, written: code, offline, policy };
}

async function readOffline(tx: Tx, grant: NewGrant, { slot }: WrittenCode): Promise<OfflineReach> {
  const machines = await listHolds(tx, grant.userId, slot?.slotId ?? null);
  return decideOffline(machines, slot ?? "short", grant.startsAt);
}

async function refused<R extends IssueRefusal>(
  tx: Tx,
  ctx: Context,
  input: IssueGrantInput,
  user: UserForAccess | undefined,
  refusal: R,
): Promise<R> {
  const about =
    refusal.reason === "already_issued"
      ? refusal.grant.id
      : refusal.reason === "changed_meanwhile"
        ? refusal.live.id
        : null;
  const event = {
    kind: "grant.issued",
    userId: input.userId,
    grantId: about,
    userLabel: user?.displayName ?? null,
    details: { method: input.method },
  } as const;
  return recordRefusal(tx, ctx, event, refusal);
}

async function readFirstForm(): Promise<CodeForm> {
  return firstForm((await inStatement(getPolicy)).policy);
}

function reveal({ written, policy, ...issued }: Written): Success<Issued> {
  if (written === null) return { ...issued, code: null };
  const { code, hours } = written;
  const shown = revealCode(code, hours);
  return {
    ...issued,
    code: {
      form: code.form,
      ...shown,
      shown: shown.decimal === null ? "symbols" : policy.accessCode.shown,
      expiresAt: issued.grant.expiresAt,
      offlineExpiresAt: hours?.offlineExpiresAt ?? null,
    },
  };
}
