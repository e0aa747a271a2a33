import "server-only";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { recordDeliveryStatus } from "@/lib/delivery/record-status";
import { refuseWebhook } from "@/lib/delivery/refuse-webhook";
import { vonageReportPaths } from "@/lib/delivery/vonage-adapter";
import { readVonageWebhook } from "@/lib/delivery/vonage-webhook";
import { getConfig } from "@/lib/platform/config";
import { toContext } from "./context";

const BODY_BYTES_MAX = 64 * 1024;
const query = z.object({ delivery: z.uuid().optional().catch(undefined) });

async function receive(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const config = getConfig();
  const ctx = toContext(request, { kind: "system", name: "vonage" });
  const read = await readVonageWebhook(
    {
      authorization: request.headers.authorization,
      rawBody: Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0),
      deliveryId: query.parse(request.query).delivery,
    },
    {
      apiKey: config.VONAGE_API_KEY,
      applicationId: config.VONAGE_APPLICATION_ID,
      signatureSecret: config.VONAGE_SIGNATURE_SECRET,
    },
    new Date(),
  );
  if (read.ok) {
    const recorded = await recordDeliveryStatus(ctx, read.report);
    return recorded.ok ? reply.code(200).send({}) : reply.code(404).send({ error: recorded.reason });
  }
  if (read.reason === "irrelevant") return reply.code(200).send({});
  await refuseWebhook(ctx, read.reason);
  return reply.code(read.reason === "unreadable" ? 400 : 401).send({ error: read.reason });
}

/**
 * `POST /webhooks/vonage/…`: what the provider reports of texts and calls. Bodies are taken as raw bytes of any content
 * type, 64 KiB at most, since the signature is over them. 200: taken, or taken before, or of no interest. 401: not signed by
 * the account. 400: signed, and in no known form. 404: about none of our deliveries, to be reported again.
 */
export async function webhooks(app: FastifyInstance): Promise<void> {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    "*",
    { parseAs: "buffer", bodyLimit: BODY_BYTES_MAX },
    async (_request: FastifyRequest, body: Buffer) => body,
  );
  for (const path of Object.values(vonageReportPaths)) app.post(path, receive);
}
