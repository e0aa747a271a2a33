import { createPublicKey } from "node:crypto";
import type { AddressInfo } from "node:net";
import type { FastifyInstance } from "fastify";
import { afterAll, beforeAll } from "vitest";
import { buildApp } from "@/api/app";
import type { TelephonyProvider } from "@/lib/delivery/provider";
import { createVonageProvider } from "@/lib/delivery/vonage-adapter";
import { forgetConfig } from "@/lib/platform/config";
import type { Entry } from "../standin/inbox";
import { type Standin, startStandin } from "../standin/standin";

/** The stand-in and our own doors, in this process, and the real adapter between them. */
export interface Telephony {
  /** The provider by the real SDK; gives up after `timeoutMilliseconds`. */
  provider(timeoutMilliseconds?: number): TelephonyProvider;
  /** What arrived at a number, newest first. */
  inbox(e164: string): Promise<Entry[]>;
  /** Has the stand-in misbehave: `/outage`, `/latency`, `/webhooks`. */
  put(path: string, body: object): Promise<void>;
  /** Our doors' origin. */
  readonly doors: string;
  /** The stand-in's origin. */
  readonly url: string;
}

/**
 * Gives this test file a telephony stand-in whose webhooks come to our own doors. Call after `openTestDatabase`.
 * @param pace factor on what the stand-in plays: 0.01 is a hundred times as fast as life.
 */
export function openTelephony(pace = 0.01): Telephony {
  let standin: Standin | undefined;
  let app: FastifyInstance | undefined;
  let doors = "";
  const env = (name: string) => process.env[name] as string;
  beforeAll(async () => {
    app = await buildApp((_request, response) => response.writeHead(404).end());
    await app.listen({ host: "127.0.0.1", port: 0 });
    doors = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
    standin = await startStandin({
      port: 0,
      pace,
      account: {
        apiKey: env("VONAGE_API_KEY"),
        apiSecret: env("VONAGE_API_SECRET"),
        applicationId: env("VONAGE_APPLICATION_ID"),
        publicKey: createPublicKey(env("VONAGE_PRIVATE_KEY"))
          .export({ type: "spki", format: "pem" })
          .toString(),
        signatureSecret: env("VONAGE_SIGNATURE_SECRET"),
      },
    });
    Object.assign(process.env, { VONAGE_API_BASE: standin.url, BASE_URL: doors });
    forgetConfig();
  });
  afterAll(async () => {
    await standin?.close();
    await app?.close();
  });
  const url = () => standin?.url as string;
  return {
    get doors() {
      return doors;
    },
    get url() {
      return url();
    },
    provider: (timeoutMilliseconds = 5_000) =>
      createVonageProvider({
        applicationId: env("VONAGE_APPLICATION_ID"),
        privateKey: env("VONAGE_PRIVATE_KEY"),
        from: env("VONAGE_FROM"),
        apiBase: url(),
        timeoutMilliseconds,
        reportsBase: doors,
      }),
    inbox: async (e164) =>
      (await (await fetch(`${url()}/inbox?to=${encodeURIComponent(e164)}`)).json()) as Entry[],
    put: async (path, body) => {
      const answer = await fetch(`${url()}${path}`, {
        method: "PUT",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
      });
      if (!answer.ok) throw new Error(`stand-in: ${answer.status}`);
    },
  };
}
