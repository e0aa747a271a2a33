import "server-only";
import { recordEvent } from "@/lib/audit/record";
import type { Context } from "@/lib/platform/context";
import type { Tx } from "@/lib/platform/transaction";
import type { PhoneChannel } from "./model";

/** Somebody's numbers, E.164, by channel; null, or left out: none. */
export type Numbers = Readonly<Partial<Record<PhoneChannel, string | null>>>;

/** The numbers of phones. */
export function toNumbers(phones: readonly { channel: PhoneChannel; e164: string | null }[]): Numbers {
  const numberOf = (channel: PhoneChannel) => phones.find((phone) => phone.channel === channel)?.e164 ?? null;
  return { sms: numberOf("sms"), voice: numberOf("voice") };
}

/** What the log tells of a number: its last two digits. */
export function lastTwo(e164: string | null): string | null {
  return e164?.slice(-2) ?? null;
}

/**
 * Records which of somebody's numbers the directory they come from changed, added or took away, in the transaction that did it.
 * @param before as they were; nothing for somebody new.
 * @param after as they are now.
 * @see audit `phone.changed`, one for each that differs, with the last two digits at most
 */
export async function recordPhones(
  tx: Tx,
  ctx: Context,
  user: { userId: string; userLabel: string },
  before: Numbers,
  after: Numbers,
): Promise<void> {
  for (const channel of ["sms", "voice"] as const) {
    const [was, is] = [before[channel] ?? null, after[channel] ?? null];
    if (was === is) continue;
    const details = { channel, before: lastTwo(was), after: lastTwo(is), by: "directory" };
    await recordEvent(tx, ctx, { kind: "phone.changed", outcome: "ok", ...user, details });
  }
}
