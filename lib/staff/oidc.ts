import "server-only";
import { recordEvent } from "@/lib/audit/record";
import type { Context } from "@/lib/platform/context";
import { type Refusal, refuse, type Success } from "@/lib/platform/outcome";
import { inTransaction } from "@/lib/platform/transaction";
import { toEmailKey } from "./email";
import { inNameOf } from "./live-session";
import { type OidcClaims, provesSecondFactor } from "./oidc-model";
import { refuseRecorded } from "./refusal";
import { lockStaffByEmail, lockStaffByOidc, updateStaff } from "./store";
import { mintSignIn } from "./token";

/**
 * Takes the word of the OpenID provider for a staff member: known by issuer and subject, the first time by an e-mail that
 * the provider has verified. Nobody is made a staff member by it.
 *
 * Its word counts for the second factor too where it says that one was used (`provesSecondFactor`) and when; otherwise
 * our own is asked for.
 *
 * Refusals: `unknown`, `disabled`, `other_identity` (the e-mail's owner is known under another subject). Audit: `staff.sign-in-failed`, `staff.changed`
 * where an identity was bound.
 * @returns a one-time token for `openSession`.
 */
export async function acceptOidc(
  ctx: Context,
  claims: OidcClaims,
): Promise<Success<{ token: string }> | Refusal<"unknown" | "disabled" | "other_identity">> {
  return inTransaction(async (tx) => {
    const known = await lockStaffByOidc(tx, claims.issuer, claims.subject);
    const staff =
      known ??
      (claims.emailVerified && claims.email !== null
        ? await lockStaffByEmail(tx, toEmailKey(claims.email))
        : undefined);
    const no = async <Reason extends string>(reason: Reason) => {
      await refuseRecorded(tx, ctx, "staff.sign-in-failed", reason, staff?.id);
      return refuse(reason);
    };
    if (staff === undefined) return no("unknown");
    if (staff.disabledAt !== null) return no("disabled");
    if (known === undefined) {
      if (staff.oidcSubject !== null) return no("other_identity");
      await updateStaff(tx, staff.id, { oidcIssuer: claims.issuer, oidcSubject: claims.subject });
      await recordEvent(tx, inNameOf(ctx, { ...staff, staffId: staff.id, sessionId: "" }), {
        kind: "staff.changed",
        outcome: "ok",
        target: { kind: "staff", id: staff.id },
        details: { bound: "oidc" },
      });
    }
    return mintSignIn(tx, staff.id, {
      by: "oidc",
      ...(provesSecondFactor(claims) ? { factor: "oidc", factorAge: String(claims.authAgeSeconds) } : {}),
    });
  });
}
