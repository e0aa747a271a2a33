import { test as base, expect } from "@playwright/test";

/** Where a product under test stands. */
export interface Product {
  baseUrl: string;
  standinUrl: string;
  databaseUrl: string;
  folder: string;
  logFile: string;
}

/** All products that `start.ts` brought up, one a worker. */
export const listProducts = (): Product[] => JSON.parse(process.env.E2E_PRODUCTS as string) as Product[];

/** The product of this worker. */
export const product = listProducts()[Number(process.env.TEST_PARALLEL_INDEX)] as Product;

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
