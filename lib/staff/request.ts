import "server-only";
import { randomUUID } from "node:crypto";
import type { Context } from "@/lib/platform/context";

const REQUEST_ID = /^[\w-]{1,64}$/;

/** What the server in front tells of a request in its headers: the id it goes by, and where it came from. */
export function toRequestContext(headers: Pick<Headers, "get">): Omit<Context, "actor"> {
  const id = headers.get("x-request-id") ?? "";
  return {
    requestId: REQUEST_ID.test(id) ? id : randomUUID(),
    sourceIp: headers.get("x-sparekey-source-ip"),
    userAgent: headers.get("user-agent")?.slice(0, 300) ?? null,
  };
}
