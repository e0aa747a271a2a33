import { z } from "zod";
import { policySchema } from "./model";

/** What `changePolicy` takes: the whole new policy, and the version that its author was looking at (0: the defaults). */
export const changePolicyInput = z.strictObject({
  expectedVersion: z.int().min(0),
  policy: policySchema,
});

/** A change of policy. */
export type ChangePolicyInput = z.output<typeof changePolicyInput>;
