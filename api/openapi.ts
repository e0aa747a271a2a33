import "server-only";
import type { FastifyInstance } from "fastify";
import { getConfig } from "@/lib/platform/config";
import { toOpenapi } from "./reference/document";

/** `GET /docs/api/openapi.json`: what all doors for programs take and answer, to everybody: it says nothing of who uses them. */
export async function openapi(app: FastifyInstance): Promise<void> {
  const document = JSON.stringify(toOpenapi(getConfig().BASE_URL));
  app.get("/docs/api/openapi.json", async (_request, reply) =>
    reply
      .header("access-control-allow-origin", "*")
      .header("cache-control", "public, max-age=300")
      .type("application/json; charset=utf-8")
      .send(document),
  );
}
