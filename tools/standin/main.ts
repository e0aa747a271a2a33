import { createPublicKey } from "node:crypto";
import { z } from "zod";
import { startStandin } from "./standin";

/** The stand-in's environment; an unset or malformed variable ends it and is named. */
const environment = z.object({
  STANDIN_HOST: z.string().default("127.0.0.1"),
  STANDIN_PORT: z.coerce.number().int().min(0).max(65_535).default(3001),
  STANDIN_PACE: z.coerce.number().min(0).default(1),
  STANDIN_MESSAGES_STATUS_URL: z.url().optional(),
  STANDIN_VOICE_EVENT_URL: z.url().optional(),
  VONAGE_API_KEY: z.string().min(1),
  VONAGE_API_SECRET: z.string().min(1),
  VONAGE_APPLICATION_ID: z.string().min(1),
  /** PEM, as it is or with `\n` for its line ends; only its public half is used. */
  VONAGE_PRIVATE_KEY: z.string().min(1),
  VONAGE_SIGNATURE_SECRET: z.string().min(1),
});

const parsed = environment.safeParse(process.env);
if (!parsed.success) {
  for (const issue of parsed.error.issues) console.error(`${issue.path.join(".")}: ${issue.message}`);
  process.exit(1);
}
const env = parsed.data;

const standin = await startStandin({
  host: env.STANDIN_HOST,
  port: env.STANDIN_PORT,
  pace: env.STANDIN_PACE,
  account: {
    apiKey: env.VONAGE_API_KEY,
    apiSecret: env.VONAGE_API_SECRET,
    applicationId: env.VONAGE_APPLICATION_ID,
    publicKey: createPublicKey(env.VONAGE_PRIVATE_KEY.replaceAll("\\n", "\n"))
      .export({ type: "spki", format: "pem" })
      .toString(),
    signatureSecret: env.VONAGE_SIGNATURE_SECRET,
  },
  webhooks: {
    messageStatusUrl: env.STANDIN_MESSAGES_STATUS_URL,
    voiceEventUrl: env.STANDIN_VOICE_EVENT_URL,
  },
});
console.log(`telephony stand-in: ${standin.url}/`);

for (const signal of ["SIGINT", "SIGTERM"] as const)
  process.once(signal, async () => {
    await standin.close();
    process.exit(0);
  });
