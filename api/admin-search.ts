import "server-only";
import type { FastifyInstance, FastifyReply } from "fastify";
import { searchDescribed } from "@/lib/authn/describe-user";
import { toUserObject } from "./admin-user";
import { toClientContext } from "./client";
import { Line } from "./line";
import { adminDoor } from "./reference/admin";
import { sendTooMany } from "./rsa";
import { type Parsed, serve } from "./serve";

const { searchV1, searchV2 } = adminDoor.operations;

/** A search looks at every address: two at once in this process leave the database to the desk. */
const searches = new Line(2, 100);

const pageSizeDefault = 25;

async function search(
  request: Parsed<typeof searchV1>,
  reply: FastifyReply,
  pageNumber: number,
  toAnswer: (found: { users: object[]; total: number; pageSize: number }) => object,
): Promise<FastifyReply> {
  const { pageSize = pageSizeDefault } = request.query;
  const asked = { ...request.body, pageSize, pageNumber };
  const ran = await searches.run(() => searchDescribed(toClientContext(request), asked));
  if (!ran.ok) return sendTooMany(reply, 2);
  const { users, total } = ran.value;
  return reply.send(toAnswer({ users: users.map(toUserObject), total, pageSize }));
}

/** The searches by a part of an e-mail address (rest, 1 "search v1", "search v2"). */
export function addSearches(app: FastifyInstance): void {
  serve(app, searchV1, (request, reply) => search(request, reply, 0, ({ users }) => users));
  serve(app, searchV2, (request, reply) =>
    search(request, reply, request.query.pageNumber ?? 0, ({ users, total, pageSize }) => ({
      totalPages: Math.ceil(total / pageSize),
      totalElements: total,
      elements: users,
    })),
  );
}
