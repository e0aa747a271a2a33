import "server-only";
import type { IncomingMessage } from "node:http";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { searchUsersSchema } from "@/lib/directory/input";
import { lookUpUsers } from "@/lib/directory/look-up";
import { staffQuery } from "@/lib/staff/route";

const PATH = "/api/look-up";

/** Whether the console asks for people. */
export function isLookUp({ url }: IncomingMessage): boolean {
  return url?.split("?", 1)[0] === PATH;
}

const ask = staffQuery("user:search", searchUsersSchema.pick({ query: true }), lookUpUsers);

const headersOf = ({ headers }: FastifyRequest) => ({
  get: (name: string) => {
    const value = headers[name.toLowerCase()];
    return typeof value === "string" ? value : null;
  },
});

/**
 * `GET /api/look-up?query=`: the look-up, as somebody types. The one read of the console that is asked at every key, so it is
 * answered before Next; who asks is proven as everywhere in the console (`staffQuery`).
 */
export async function lookUp(app: FastifyInstance): Promise<void> {
  app.get<{ Querystring: Record<string, unknown> }>(PATH, async (request, reply) => {
    const { status, body } = await ask(headersOf(request), () => request.query);
    return reply.code(status).header("cache-control", "no-store").send(body);
  });
}
