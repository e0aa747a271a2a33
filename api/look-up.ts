import "server-only";
import type { IncomingMessage } from "node:http";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { searchUsersSchema } from "@/lib/directory/input";
import { lookUpUsers } from "@/lib/grants/look-up";
import { staffRead } from "@/lib/staff/read";

const PATH = "/api/look-up";

/** Whether the console asks for people. */
export function isLookUp({ url }: IncomingMessage): boolean {
  return url?.split("?", 1)[0] === PATH;
}

const answer = staffRead("user:search", searchUsersSchema.pick({ query: true }), lookUpUsers);

function toRequest({ url, headers }: FastifyRequest): Request {
  const { cookie = "", "user-agent": userAgent = "" } = headers;
  return new Request(`http://localhost${url}`, {
    headers: {
      cookie,
      "user-agent": userAgent,
      "x-request-id": String(headers["x-request-id"]),
      "x-sparekey-source-ip": String(headers["x-sparekey-source-ip"]),
    },
  });
}

/**
 * `GET /api/look-up?query=`: the look-up, as somebody types. The one read of the console that is asked at every key, so it is
 * answered before Next; who asks is proven as everywhere in the console (`staffRead`).
 */
export async function lookUp(app: FastifyInstance): Promise<void> {
  app.get(PATH, async (request, reply) => {
    const response = await answer(toRequest(request), { params: Promise.resolve({}) });
    return reply
      .code(response.status)
      .headers(Object.fromEntries(response.headers))
      .send(await response.text());
  });
}
