import "server-only";
import { foldKey } from "@/lib/directory/fold";
import type { Context } from "@/lib/platform/context";
import { mac } from "@/lib/platform/keys";
import { toNetwork } from "@/lib/platform/network";

const toHex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

/**
 * What stands for a sign-in name wherever tries and sends are counted: an HMAC of the folded name, the same for `Ada` and
 * `ADA`, telling neither the name nor whether anybody has it (limits, "unknown names"; ASVS 6.3.8).
 */
export function toSubjectKey(subjectName: string): string {
  return toHex(mac("subject", `name\0${foldKey(subjectName)}`));
}

/**
 * What stands for where a try comes from: the client at REST, and whom it relays where it says so; the network elsewhere, an
 * IPv6 /64 as one (limits, "wrong tries").
 */
export function toSourceKey(ctx: Context): string {
  const { actor, sourceIp } = ctx;
  if (actor.kind !== "client") return toHex(mac("subject", `network\0${toNetwork(sourceIp)}`));
  const relayed = actor.relays === undefined ? "" : `\0${actor.relays}`;
  return toHex(mac("subject", `client\0${actor.clientId}${relayed}`));
}
