import { type Refusal, refuse } from "@/lib/platform/outcome";
import { type ScimType, Unfit } from "./unfit";

/** A message that doesn't fit what is stored, and why, in words of ours. */
export type UnfitRefusal = Refusal<"unfit", { scimType: ScimType; detail: string }>;

/** Answers an unfit message. */
export function refuseUnfit(scimType: ScimType, detail: string): UnfitRefusal {
  return refuse("unfit", { scimType, detail });
}

/** Does what may throw `Unfit`, and answers that as a refusal. */
export function tryFit<T extends object>(work: () => T): { ok: true; value: T } | UnfitRefusal {
  try {
    return { ok: true, value: work() };
  } catch (error) {
    if (error instanceof Unfit) return refuseUnfit(error.scimType, error.detail);
    throw error;
  }
}
