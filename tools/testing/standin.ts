import { generateKeyPairSync, randomUUID } from "node:crypto";
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { type Standin, type StandinOptions, startStandin } from "@/tools/standin/standin";

/** An account at the stand-in, with both halves of its key. */
export function makeAccount() {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", {
    modulusLength: 2048,
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
    publicKeyEncoding: { type: "spki", format: "pem" },
  });
  return {
    apiKey: "a1b2c3d4",
    apiSecret: "secret-of-the-account",
    applicationId: randomUUID(),
    privateKey,
    publicKey,
    signatureSecret: "signature-secret-of-the-account-0123456789",
  };
}

/** Starts a stand-in a hundred times as fast as life on a free port. */
export function startTestStandin(
  account: ReturnType<typeof makeAccount>,
  options: Partial<StandinOptions> = {},
): Promise<Standin> {
  return startStandin({ account, port: 0, pace: 0.01, ...options });
}

/** A request that arrived at a `Listener`. */
export type Arrival = { path: string; headers: IncomingHttpHeaders; body: string };

/** A server that keeps what arrives and answers as told. */
export class Listener {
  readonly arrivals: Arrival[] = [];
  /** Answers the n-th request, counted from 0. */
  answer: (index: number) => { status: number; headers?: Record<string, string>; body?: string } = () => ({
    status: 200,
  });
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => {
      let body = "";
      request.on("data", (chunk: Buffer) => {
        body += chunk.toString();
      });
      request.on("end", () => {
        const { status, headers, body: answer } = this.answer(this.arrivals.length);
        this.arrivals.push({ path: request.url ?? "", headers: request.headers, body });
        response.writeHead(status, headers).end(answer);
      });
    });
  }

  /** Starts one on a free port. */
  static async start(): Promise<Listener> {
    const listener = new Listener();
    await new Promise<void>((resolve) => listener.#server.listen(0, "127.0.0.1", resolve));
    return listener;
  }

  /** Its origin. */
  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** The bodies that arrived, read as JSON. */
  get reports(): Record<string, unknown>[] {
    return this.arrivals.map(({ body }) => JSON.parse(body));
  }

  /** Ends it. */
  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
