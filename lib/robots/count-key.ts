import "server-only";
import type { Context } from "@/lib/platform/context";
import { mac } from "@/lib/platform/keys";
import { toNetwork } from "@/lib/platform/network";
import type { CountedAct } from "./model";

/** Under what an act from the network of `ctx` is counted: an HMAC, so that no address is kept. */
export function toCountKey(ctx: Context, act: CountedAct): string {
  const network = mac("subject", `network\0${toNetwork(ctx.sourceIp)}`);
  return `${act}/${Buffer.from(network).toString("base64url")}`;
}
