import "server-only";
import type { Context } from "@/lib/platform/context";
import { type Refusal, refuse, type Success } from "@/lib/platform/outcome";
import { inTransaction } from "@/lib/platform/transaction";
import { getPolicy } from "@/lib/policy/store";
import { hasPermission } from "@/lib/staff/permission";
import { requirePermission } from "@/lib/staff/require-permission";
import { toMembership } from "./membership";
import type { PhoneChannel } from "./model";
import { groupPhone, maskPhone, parsePhone } from "./phone";
import { findUserDetails, type UserRecord } from "./store";
import { isYourself } from "./yourself";

/** A phone on the user's page. */
export interface PhoneDetails {
  channel: PhoneChannel;
  /** Masked, unless the reader may see numbers (`phone:read`): then whole, grouped for reading. */
  number: string;
  /** ISO 3166-1 alpha-2; null where the number belongs to none. */
  country: string | null;
  /** No OTP goes to it before; null: at once. */
  heldUntil: Date | null;
  changedAt: Date;
  /** Whether staff or a key set it, rather than the directory. */
  isSetByHand: boolean;
}

/** Who a user is, for the user's page. */
export interface UserDetails extends Omit<UserRecord, "phones"> {
  phones: PhoneDetails[];
  /** Those of the user's groups whose members only some staff may help; empty: anybody. */
  privilegedGroups: string[];
  /** Whether the reader is this person. */
  isYourself: boolean;
}

/**
 * Reads who a user is. Phone numbers are masked, and whole only for whoever has `phone:read`.
 * @returns the user; `user_not_found`.
 * @throws {Denied} without `user:read`. Reads only: no event.
 * @see product, "Look-up"; limits, "logs"
 */
export async function readUser(
  ctx: Context,
  input: { userId: string },
): Promise<Success<{ user: UserDetails }> | Refusal<"user_not_found">> {
  await requirePermission(ctx, "user:read", { userId: input.userId });
  const maySeePhones = hasPermission(ctx.actor, "phone:read");
  return inTransaction(async (tx) => {
    const record = await findUserDetails(tx, input.userId);
    if (record === undefined) return refuse("user_not_found");
    const { policy } = await getPolicy(tx);
    return {
      ok: true,
      user: {
        ...record,
        phones: record.phones.map(({ e164, changedBy, ...phone }) => ({
          ...phone,
          number: maySeePhones ? groupPhone(e164) : maskPhone(e164),
          country: parsePhone(e164)?.country ?? null,
          isSetByHand: changedBy !== null,
        })),
        privilegedGroups: record.groups.filter(toMembership(policy.privilegedGroups)),
        isYourself: isYourself(ctx.actor, record),
      },
    };
  });
}
