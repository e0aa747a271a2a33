import "server-only";
import { parseCursor, toCursor } from "@/lib/grants/cursor";
import type { Context } from "@/lib/platform/context";
import { type Refusal, refuse, type Success } from "@/lib/platform/outcome";
import { inStatement } from "@/lib/platform/transaction";
import { hasPermission } from "@/lib/staff/permission";
import { requirePermission } from "@/lib/staff/require-permission";
import { selectEndpoints } from "./endpoint-store";
import type { ListMessagesInput, MessageInput } from "./input";
import { findMessage, readFacts, selectAttempts, selectMessages } from "./message-store";
import type { AttemptView, EndpointView, MessageView } from "./model";
import { toPayload } from "./payload";

const pageSize = 50;

/**
 * Lists every endpoint that ever was, those that live first. The path of an address may be its secret: who can't change
 * endpoints, and everybody once one has ended, is told the origin.
 * @throws {Denied} without `webhook:read`.
 */
export async function listEndpoints(ctx: Context): Promise<EndpointView[]> {
  await requirePermission(ctx, "webhook:read");
  const endpoints = await inStatement(selectEndpoints);
  const isManager = hasPermission(ctx.actor, "webhook:manage");
  return endpoints.map((endpoint) =>
    isManager && endpoint.endedAt === null
      ? endpoint
      : { ...endpoint, url: `${new URL(endpoint.url).origin}/…` },
  );
}

/** A page of messages, newest first. */
export interface MessagePage {
  messages: MessageView[];
  /** For the page after; null: this is the last one. */
  nextCursor: string | null;
}

/**
 * Lists messages, newest first, at the same price at any depth.
 * @returns a page; `bad_cursor` for one that this list never gave.
 * @throws {Denied} without `webhook:read`.
 */
export async function listMessages(
  ctx: Context,
  { cursor, ...filter }: ListMessagesInput,
): Promise<Success<MessagePage> | Refusal<"bad_cursor">> {
  await requirePermission(ctx, "webhook:read");
  const position = cursor === undefined ? undefined : parseCursor(cursor);
  if (cursor !== undefined && position === undefined) return refuse("bad_cursor");
  const found = await inStatement((tx) => selectMessages(tx, filter, position, pageSize + 1));
  const messages = found.slice(0, pageSize);
  const last = found.length > pageSize ? messages.at(-1) : undefined;
  return { ok: true, messages, nextCursor: last === undefined ? null : toCursor(last) };
}

/** What was, or will be, said by a message, and each time that it was sent. */
export interface MessageDetails {
  payload: string;
  attempts: AttemptView[];
}

/**
 * Reads the body of a message, and each time that it was sent with what came back.
 * @returns refusal `not_found`: it never was, or is older than messages are kept.
 * @throws {Denied} without `webhook:read`.
 */
export async function readMessage(
  ctx: Context,
  { messageId }: MessageInput,
): Promise<Success<MessageDetails> | Refusal<"not_found">> {
  await requirePermission(ctx, "webhook:read");
  const message = await inStatement((tx) => findMessage(tx, messageId));
  if (message === undefined) return refuse("not_found");
  const attempts = await inStatement((tx) => selectAttempts(tx, messageId));
  if (message.payload !== null) return { ok: true, payload: message.payload, attempts };
  const facts = await inStatement((tx) => readFacts(tx, message.eventId));
  return { ok: true, payload: facts === undefined ? "" : toPayload(message.type, facts), attempts };
}
