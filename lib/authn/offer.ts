import "server-only";
import { inStatement } from "@/lib/platform/transaction";
import { methods } from "@/lib/policy/model";
import { getPolicy } from "@/lib/policy/store";
import type { AttemptMethod } from "./model";

/**
 * Lists the ways that are offered to everyone who signs in: all but those that the policy has switched off for all. Whether one
 * is open to this user nobody is told (limits, last section).
 */
export async function listOfferedMethods(): Promise<AttemptMethod[]> {
  const { policy } = await inStatement(getPolicy);
  return methods.filter((method) => !policy.methodsOff.includes(method));
}
