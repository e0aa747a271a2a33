import type { Method, Policy } from "@/lib/policy/model";
import { toMembership } from "./membership";

/** Finds the policy's word on a method that this user is not given; undefined: it is on. */
export function findMethodOff(
  policy: Policy,
  groups: readonly string[],
  method: Method,
): { group: string | null; because: string | null } | undefined {
  if (policy.methodsOff.includes(method)) return { group: null, because: null };
  const isMember = toMembership(groups);
  const rule = policy.methodsOffByGroup.find((each) => each.methods.includes(method) && isMember(each.group));
  return rule === undefined ? undefined : { group: rule.group, because: rule.because };
}
