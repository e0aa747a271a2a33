import { test as base, expect } from "@playwright/test";

/** Where the product under test stands; started by `start.ts`. */
export const product = {
  get baseUrl(): string {
    return process.env.E2E_BASE_URL as string;
  },
  get standinUrl(): string {
    return process.env.E2E_STANDIN_URL as string;
  },
  get databaseUrl(): string {
    return process.env.E2E_DATABASE_URL as string;
  },
  get folder(): string {
    return process.env.E2E_FOLDER as string;
  },
  get logFile(): string {
    return process.env.E2E_LOG_FILE as string;
  },
};

/** Playwright's test, which fails besides on anything that a page says on `console.error` and on any request that leaves the machine. */
export const test = base.extend<{ quiet: undefined }>({
  baseURL: async ({}, use) => use(product.baseUrl),
  quiet: [
    async ({ context }, use) => {
      const said: string[] = [];
      context.on("console", (message) => {
        if (message.type() === "error") said.push(`${message.text()} (${message.location().url})`);
      });
      context.on("weberror", (error) => said.push(String(error.error())));
      context.on("request", (request) => {
        const { hostname, protocol } = new URL(request.url());
        if (protocol.startsWith("http") && hostname !== "localhost" && hostname !== "127.0.0.1")
          said.push(`left the machine: ${request.url()}`);
      });
      await use(undefined);
      expect(said).toEqual([]);
    },
    { auto: true },
  ],
});

export { expect };

/** What arrived on the phone of `to` (E.164), newest first. */
export async function readInbox(
  to: string,
): Promise<{ id: string; channel: "sms" | "voice"; text: string; at: string; status: string }[]> {
  const response = await fetch(`${product.standinUrl}/inbox?to=${encodeURIComponent(to)}`);
  return response.json() as Promise<
    { id: string; channel: "sms" | "voice"; text: string; at: string; status: string }[]
  >;
}
