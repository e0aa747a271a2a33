import "server-only";
import { isSupportedCountry } from "libphonenumber-js/max";
import { recordEvent, recordRefusal } from "@/lib/audit/record";
import { type Context, toStaffId } from "@/lib/platform/context";
import { type Refusal, refuse, type Success } from "@/lib/platform/outcome";
import { inTransaction } from "@/lib/platform/transaction";
import { needsStepUp } from "@/lib/staff/model";
import { requirePermission } from "@/lib/staff/require-permission";
import type { ChangePolicyInput } from "./input";
import { listChanges, type Policy } from "./model";
import { forgetPolicy, insertPolicy, lockPolicy, type NumberedPolicy, readPolicy } from "./store";

/** What became of a change of policy. */
export type ChangePolicyResult =
  | Success<NumberedPolicy>
  | Refusal<"changed_meanwhile", { current: NumberedPolicy }>
  | Refusal<"step_up_needed">
  | Refusal<"unknown_country", { country: string }>
  | Refusal<"nothing_changed">;

/**
 * Puts a new policy in force, whole.
 *
 * Two authors at once never overwrite each other: the second is shown what the first made. Grants that exist keep the
 * terms they were issued with.
 *
 * @param input.expectedVersion The version that the author was looking at; 0 where none was ever made.
 * @param input.policy The new one, already parsed by `changePolicyInput`.
 * @returns The new version; `changed_meanwhile` with the policy in force; `step_up_needed` where staff showed their
 *   second factor too long ago; `unknown_country` where no numbering plan has one that is named; `nothing_changed`.
 * @throws {Denied} without `policy:change`.
 * @see audit `policy.changed`, with the names of what changed; limits, "staff sign-in"
 */
export async function changePolicy(ctx: Context, input: ChangePolicyInput): Promise<ChangePolicyResult> {
  await requirePermission(ctx, "policy:change");
  const result = await inTransaction(async (tx): Promise<ChangePolicyResult> => {
    await lockPolicy(tx);
    const current = await readPolicy(tx);
    const changed = listChanges(current.policy, input.policy);
    const country = findUnknownCountry(input.policy);
    const refusal = needsStepUp(ctx.actor)
      ? refuse("step_up_needed")
      : current.version !== input.expectedVersion
        ? refuse("changed_meanwhile", { current })
        : country !== undefined
          ? refuse("unknown_country", { country })
          : changed.length === 0
            ? refuse("nothing_changed")
            : undefined;
    if (refusal !== undefined) return recordRefusal(tx, ctx, { kind: "policy.changed" }, refusal);
    const version = await insertPolicy(tx, input.policy, toStaffId(ctx.actor));
    await recordEvent(tx, ctx, {
      kind: "policy.changed",
      outcome: "ok",
      target: { kind: "policy", id: String(version) },
      details: { version, before: current.version, changed: changed.join(", ") },
    });
    return { ok: true, version, policy: input.policy };
  });
  if (result.ok) forgetPolicy();
  return result;
}

function findUnknownCountry({ countries, budget: { text, call } }: Policy): string | undefined {
  const named = [...countries, ...Object.keys(text.byCountry), ...Object.keys(call.byCountry)];
  return named.find((country) => !isSupportedCountry(country));
}
