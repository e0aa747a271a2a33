import "server-only";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { searchDescribed } from "@/lib/authn/describe-user";
import { readStrictly, toClientContext } from "./admin-request";
import { toUserObject } from "./admin-user";
import { Line } from "./line";
import { sendTooMany } from "./rsa";

/** A search looks at every address: two at once in this process leave the database to the desk. */
const searches = new Line(2, 100);

const whole = (least: number, most: number) =>
  z.coerce
    .string()
    .regex(/^\d{1,8}$/)
    .transform(Number)
    .pipe(z.int().min(least).max(most));
const blank = <S extends z.ZodType>(schema: S) =>
  z.preprocess((value) => (value === "" ? undefined : value), schema);
const question = z.object({
  pageSize: blank(whole(1, 25).default(25)),
  pageNumber: blank(whole(0, 10_000_000).default(0)),
});
const body = z.object({ emailLike: z.string().trim().min(1).max(320) });

async function search(
  request: FastifyRequest,
  reply: FastifyReply,
  toAnswer: (found: { users: object[]; total: number; pageSize: number }) => object,
): Promise<FastifyReply> {
  const page = readStrictly(reply, question, request.query);
  const asked = page && readStrictly(reply, body, request.body);
  if (page === undefined || asked === undefined) return reply;
  const ran = await searches.run(() => searchDescribed(toClientContext(request), { ...asked, ...page }));
  if (!ran.ok) return sendTooMany(reply, 2);
  const { users, total } = ran.value;
  return reply.send(toAnswer({ users: users.map(toUserObject), total, pageSize: page.pageSize }));
}

/** The searches by a part of an e-mail address (rest, 1 "search v1", "search v2"). */
export function addSearches(app: FastifyInstance): void {
  app.post("/v1/users/search", (request, reply) => {
    const { pageNumber: _unknown, ...query } = request.query as Record<string, unknown>;
    request.query = query;
    return search(request, reply, ({ users }) => users);
  });
  app.post("/v2/users/search", (request, reply) =>
    search(request, reply, ({ users, total, pageSize }) => ({
      totalPages: Math.ceil(total / pageSize),
      totalElements: total,
      elements: users,
    })),
  );
}
