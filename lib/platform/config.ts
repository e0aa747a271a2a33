import "server-only";
import { createPrivateKey } from "node:crypto";
import { z } from "zod";
import { parseNetworks } from "./network";
import { processWide } from "./process-wide";

const base64Key = z
  .string()
  .transform((text) => Buffer.from(text, "base64"))
  .refine((key) => key.length === 32, "must be 32 bytes in base64 (openssl rand -base64 32)");

/** Whether `text` is a private RSA key in PEM. */
function isRsaKey(text: string): boolean {
  try {
    return createPrivateKey(text).asymmetricKeyType === "rsa";
  } catch {
    return false;
  }
}

/** A key in PEM; where a line ends, `\n` may be written. */
const rsaKey = z
  .string()
  .transform((text) => text.replaceAll("\\n", "\n"))
  .refine(
    isRsaKey,
    "must be the private key itself (PEM), over several lines between double quotes, or in one line with \\n where a line ends",
  );

/** What we are called from outside; the slashes at its end are cut off, so that a path can be put behind it. */
const baseUrl = z.url().transform((text) => text.replace(/\/+$/, ""));

const optionalText = z
  .string()
  .trim()
  .optional()
  .transform((text) => (text === "" ? undefined : text));

const networks = z
  .string()
  .transform((text) => parseNetworks(text))
  .refine((parsed) => parsed !== undefined, "must be networks as 10.20.0.0/16, parted by commas")
  .transform((parsed) => parsed ?? []);

const schema = z.object({
  NODE_ENV: z.enum(["development", "production", "test"]).default("development"),
  PORT: z.coerce.number().int().min(0).max(65535).default(3000),
  HOST: z.string().default("127.0.0.1"),
  BASE_URL: baseUrl,
  DATABASE_URL: z.string().min(1),
  DATABASE_POOL_MAX: z.coerce.number().int().min(1).max(200).default(16),
  SPAREKEY_MASTER_KEY: base64Key,
  SPAREKEY_MASTER_KEY_PREVIOUS: base64Key.optional(),
  SPAREKEY_DEMO: z.enum(["1", "0"]).default("0"),
  SPAREKEY_COMPANY: z.string().min(1).max(80).optional(),
  SPAREKEY_HELPDESK_PHONE: optionalText,
  SPAREKEY_TRUST_PROXY: optionalText,
  SPAREKEY_WEBHOOK_NETWORKS: networks.default([]),
  LOG_LEVEL: z.enum(["fatal", "error", "warn", "info", "debug", "trace", "silent"]).default("info"),
  VONAGE_API_KEY: z.string().min(1),
  VONAGE_API_SECRET: z.string().min(1),
  VONAGE_APPLICATION_ID: z.string().min(1),
  VONAGE_PRIVATE_KEY: rsaKey,
  VONAGE_SIGNATURE_SECRET: z
    .string()
    .min(16, "must have at least 16 characters: reports of texts are believed by it"),
  VONAGE_FROM: z
    .string()
    .regex(
      /^\+?[1-9]\d{6,14}$/,
      "must be a number with its country, +12025550199: no call comes from a name",
    ),
  VONAGE_API_BASE: z.url().optional(),
  VONAGE_TIMEOUT_MS: z.coerce.number().int().min(100).max(60_000).default(10_000),
  OIDC_ISSUER: z.url().optional(),
  OIDC_CLIENT_ID: optionalText,
  OIDC_CLIENT_SECRET: optionalText,
  OIDC_NAME: z.string().default("Company sign-in"),
});

/** The names of all that is read. */
export const variableNames: readonly string[] = Object.keys(schema.shape);

/** Whether `url` leads to the launcher's own embedded server: a socket in the folder that `tools/postgres` makes. */
function isEmbedded(url: string): boolean {
  return URL.canParse(url) && (new URL(url).searchParams.get("host")?.endsWith("/postgres/s") ?? false);
}

const coherent = schema.superRefine((config, problems) => {
  const isProduction = config.NODE_ENV === "production";
  if (isProduction && config.SPAREKEY_DEMO === "1" && !isEmbedded(config.DATABASE_URL)) {
    problems.addIssue({
      code: "custom",
      path: ["SPAREKEY_DEMO"],
      message:
        "demo mode waives the second factor of staff, and is refused on a database of your own in production",
    });
  }
  if (config.OIDC_ISSUER === undefined) return;
  const { protocol, hostname } = new URL(config.OIDC_ISSUER);
  if (protocol !== "https:" && hostname !== "localhost")
    problems.addIssue({ code: "custom", path: ["OIDC_ISSUER"], message: "must be https, or on localhost" });
  for (const name of ["OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET"] as const)
    if (config[name] === undefined)
      problems.addIssue({ code: "custom", path: [name], message: "is needed with OIDC_ISSUER" });
});

/** A company that gave no name goes by the host that its people know it by. */
const named = coherent.transform((config) => ({
  ...config,
  SPAREKEY_COMPANY:
    config.SPAREKEY_COMPANY ??
    (config.SPAREKEY_DEMO === "1" ? "Example Corp" : new URL(config.BASE_URL).hostname),
}));

/** What the environment says, parsed (contract, "Ports and environment"). */
export type Config = Readonly<z.output<typeof named>>;

/** The environment lacks or breaks something; `problems` names each variable and what is wrong with it. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  constructor(readonly problems: readonly string[]) {
    super(`The environment is not complete:\n${problems.map((problem) => `  ${problem}`).join("\n")}`);
  }
}

/**
 * Reads the configuration out of `env`.
 * @throws {ConfigError} naming every variable that is missing or wrong; never a value.
 */
export function parseConfig(env: Record<string, string | undefined>): Config {
  const present = Object.fromEntries(
    Object.entries(env).filter(([, value]) => value !== undefined && value !== ""),
  );
  const parsed = named.safeParse(present);
  if (parsed.success) return parsed.data;
  throw new ConfigError(
    parsed.error.issues.map((issue) => {
      const name = issue.path.join(".");
      return present[name] === undefined ? `${name} is missing` : `${name}: ${issue.message}`;
    }),
  );
}

const kept = processWide("configuration", (): { config?: Config } => ({}));

/**
 * The configuration of this process, read once.
 * @throws {ConfigError} as `parseConfig`.
 */
export function getConfig(): Config {
  kept.config ??= parseConfig(process.env);
  return kept.config;
}

/** Has the environment read anew at the next ask: for who has changed it. */
export function forgetConfig(): void {
  delete kept.config;
}

/** Whether browsers reach us by https, by what we are called from outside: cookies and headers that need it are sent only then. */
export function isSecure(): boolean {
  return getConfig().BASE_URL.startsWith("https:");
}

/** Whether this is the demo: staff's second factor counts as shown, sample data and clients exist. */
export function isDemo(): boolean {
  return getConfig().SPAREKEY_DEMO === "1";
}
