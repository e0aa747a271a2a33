import type { Tone } from "@/components/ui/badge";
import type { MachineView } from "@/lib/machines/read-store";

/** How a machine stands: whether it can judge codes without a network, or how it ended. */
export type MachineState = "good" | "waiting" | "over" | "released" | "revoked";

/** Decides how a machine stands at `now`, ms. */
export function decideMachineState(
  { endedAs, storedNotAfter }: Pick<MachineView, "endedAs" | "storedNotAfter">,
  now: number,
): MachineState {
  if (endedAs !== null) return endedAs;
  if (storedNotAfter === null) return "waiting";
  return Date.parse(storedNotAfter) > now ? "good" : "over";
}

/** The colour that helps the word. */
export const toneOfMachine: Readonly<Record<MachineState, Tone>> = {
  good: "ok",
  waiting: "warn",
  over: "danger",
  released: "neutral",
  revoked: "danger",
};
