import { z } from "zod";
import { startStandin } from "./standin";

/** The stand-in's environment; an unset or malformed variable ends it and is named. */
const environment = z.object({
  HOST: z.string().default("127.0.0.1"),
  STANDIN_PORT: z.coerce.number().int().min(0).max(65_535).default(3001),
  /** Factor on every played delay. */
  STANDIN_PACE: z.coerce.number().min(0).default(1),
  /** Reports that were not asked for at an address of their own go to `/messages` and `/voice` below it. */
  WEBHOOK_BASE: z.url().optional(),
  VONAGE_API_KEY: z.string().min(1),
  VONAGE_API_SECRET: z.string().min(1),
  VONAGE_APPLICATION_ID: z.string().min(1),
  /** PEM (SPKI), the public half of the application's key. */
  VONAGE_PUBLIC_KEY: z.string().min(1),
  VONAGE_SIGNATURE_SECRET: z.string().min(1),
});

const parsed = environment.safeParse(process.env);
if (!parsed.success) {
  for (const issue of parsed.error.issues) console.error(`${issue.path.join(".")}: ${issue.message}`);
  process.exit(1);
}
const env = parsed.data;

const standin = await startStandin({
  host: env.HOST,
  port: env.STANDIN_PORT,
  pace: env.STANDIN_PACE,
  account: {
    apiKey: env.VONAGE_API_KEY,
    apiSecret: env.VONAGE_API_SECRET,
    applicationId: env.VONAGE_APPLICATION_ID,
    publicKey: env.VONAGE_PUBLIC_KEY.replaceAll("\\n", "\n"),
    signatureSecret: env.VONAGE_SIGNATURE_SECRET,
  },
  ...(env.WEBHOOK_BASE
    ? {
        webhooks: {
          messageStatusUrl: `${env.WEBHOOK_BASE}/messages`,
          voiceEventUrl: `${env.WEBHOOK_BASE}/voice`,
        },
      }
    : {}),
});
console.log(`telephony stand-in: ${standin.url}/`);

const stop = async () => {
  await standin.close();
  process.exit(0);
};
for (const end of ["SIGINT", "SIGTERM", "disconnect"]) process.once(end, stop);
