import "server-only";
import type { FastifyInstance } from "fastify";
import { readHealth } from "@/lib/platform/health";
import { healthDoor } from "./reference/health";
import { serve } from "./serve";

/** `GET /healthz`: 200 when serving, 503 when not, JSON with the parts (contract, "Fixed paths"). */
export async function healthz(app: FastifyInstance): Promise<void> {
  serve(app, healthDoor.operations.healthz, async (_request, reply) => {
    const health = await readHealth();
    return reply
      .code(health.status === "serving" ? 200 : 503)
      .header("cache-control", "no-store")
      .send(health);
  });
}
