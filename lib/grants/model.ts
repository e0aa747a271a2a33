import type { Actor } from "@/lib/platform/context";
import type { CodeForm, Method } from "@/lib/policy/model";

/** Why somebody needs emergency access. *Stolen* also tells the security admins (product, "The three methods"). */
export const grantReasons = ["lost", "stolen", "forgotten", "broken", "new_device", "other"] as const;

/** One of `grantReasons`. */
export type GrantReason = (typeof grantReasons)[number];

/** What a grant can be: live, or ended in one of four ways. */
export const grantStates = ["live", "spent", "expired", "revoked", "replaced"] as const;

/** One of `grantStates`. */
export type GrantState = (typeof grantStates)[number];

/** The one end of a grant. */
export type GrantEnd = Exclude<GrantState, "live">;

/** Why grants are ended before their time. */
export const revokeReasons = ["found", "mistake", "suspicious", "user_asked", "other"] as const;

/**
 * `found`: the normal authenticator works again. `mistake`: issued by mistake, or read to the wrong person.
 * `suspicious`: something is odd. `user_asked`: the user wants it gone. `other`.
 */
export type RevokeReason = (typeof revokeReasons)[number];

/** Who gave a grant. */
export interface Issuer {
  readonly kind: "staff" | "client" | "user" | "system";
  readonly id: string | null;
  /** The name at the time of issue. */
  readonly label: string | null;
}

/** What is known of an access code once it was shown: never the code. */
export interface GrantCode {
  readonly form: CodeForm;
  /** When it dies at a machine without network; null: a short code, good online only. */
  readonly offlineExpiresAt: Date | null;
  /** The number of its slot among the user's; null: a short code. */
  readonly slotNumber: number | null;
  /** How often something else was typed in its place, in a row. */
  readonly wrongCount: number;
}

/** The emergency access given to a user. */
export interface Grant {
  readonly id: string;
  readonly userId: string;
  readonly method: Method;
  readonly startsAt: Date;
  readonly expiresAt: Date;
  /** null: as often as wanted until `expiresAt`. */
  readonly usesMax: number | null;
  readonly usesCount: number;
  readonly lastUsedAt: Date | null;
  readonly issuer: Issuer;
  readonly reason: GrantReason;
  readonly reasonNote: string | null;
  readonly ticket: string | null;
  readonly policyVersion: number;
  readonly endedAt: Date | null;
  readonly endedAs: GrantEnd | null;
  readonly endedBy: string | null;
  readonly endReason: string | null;
  /** The grant that took its place, where it ended as replaced. */
  readonly replacedById: string | null;
  readonly createdAt: Date;
  /** Of an access code; null for the other methods. */
  readonly code: GrantCode | null;
}

/** Says what a grant is at `now`, the database's: one that is past its time is expired, swept or not. */
export function stateOf(grant: Pick<Grant, "endedAs" | "expiresAt">, now: Date): GrantState {
  return grant.endedAs ?? (grant.expiresAt.getTime() <= now.getTime() ? "expired" : "live");
}

/** The phone of one channel, as far as issuing asks. */
export interface GrantPhone {
  readonly channel: "sms" | "voice";
  readonly e164: string;
  /** No OTP goes to it before. */
  readonly heldUntil: Date | null;
}

/** The user, as far as issuing asks. */
export interface GrantUser {
  readonly id: string;
  readonly directoryId: string;
  readonly login: string;
  readonly email: string | null;
  readonly disabledAt: Date | null;
  readonly groups: readonly string[];
  readonly phones: readonly GrantPhone[];
}

/** Names who issues, for the grant's row. */
export function toIssuer(actor: Actor): Issuer {
  switch (actor.kind) {
    case "staff":
      return { kind: "staff", id: actor.staffId, label: actor.name };
    case "client":
      return { kind: "client", id: actor.clientId, label: actor.name };
    case "user":
      return { kind: "user", id: null, label: null };
    case "machine":
    case "system":
    case "operator":
      return { kind: "system", id: actor.name, label: null };
  }
}
