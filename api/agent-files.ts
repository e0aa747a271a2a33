import "server-only";
import type { FastifyReply, FastifyRequest } from "fastify";
import { findAgentFile } from "@/lib/machines/agent-files";

/**
 * Hands out what a machine needs: the agent, its unit for systemd and its lines for PAM. Nobody needs to be known for it; whoever
 * fetches a file compares its SHA-256 with the one that the console shows. 404 for other names, and where the agent was not built.
 */
export async function agentFile(
  request: FastifyRequest<{ Params: { name: string } }>,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const bytes = await findAgentFile(request.params.name);
  if (bytes === undefined)
    return reply
      .code(404)
      .send({ error: "not_found", message: "No such file is here", requestId: request.id });
  return reply
    .header("content-type", "application/octet-stream")
    .header("content-disposition", `attachment; filename="${request.params.name}"`)
    .send(bytes);
}
