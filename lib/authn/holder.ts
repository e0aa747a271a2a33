import "server-only";
import type { Context } from "@/lib/platform/context";
import { digest } from "@/lib/platform/keys";
import type { AttemptHolder } from "./model";
import type { StoredHolder } from "./store";

/** The holder as the database knows it; undefined where a caller of the other kind pretends. Who a client is, `ctx` says alone. */
export function toStoredHolder(ctx: Context, holder: AttemptHolder): StoredHolder | undefined {
  if (holder.kind === "browser") return { kind: "browser", digest: digest(holder.secret) };
  if (ctx.actor.kind !== "client") return undefined;
  if (holder.kind === "owner") return { kind: "owner", clientId: ctx.actor.clientId };
  const { inResponseTo, nextMessageId } = holder;
  return { kind: "client", clientId: ctx.actor.clientId, inResponseTo, nextMessageId };
}
