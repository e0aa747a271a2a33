import type { AddressInfo } from "node:net";
import type { FastifyInstance } from "fastify";
import { afterAll, beforeAll } from "vitest";
import { buildApp } from "@/api/app";

/** What a door answered. */
export interface DoorAnswer {
  status: number;
  headers: Headers;
  text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of any shape.
  body: any;
}

/** Our doors for programs, on a port of their own. */
export interface Doors {
  readonly url: string;
  /** Calls a door; a `body` that is no string is sent as JSON. */
  call(
    method: string,
    path: string,
    options?: { headers?: Record<string, string>; body?: unknown },
  ): Promise<DoorAnswer>;
}

/** Opens our doors for this test file. Call after `openTestDatabase`. */
export function openDoors(): Doors {
  let app: FastifyInstance | undefined;
  let url = "";
  beforeAll(async () => {
    app = await buildApp((_request, response) => response.writeHead(404).end());
    await app.listen({ host: "127.0.0.1", port: 0 });
    url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
  });
  afterAll(async () => {
    await app?.close();
  });
  return {
    get url() {
      return url;
    },
    async call(method, path, { headers = {}, body } = {}) {
      const answer = await fetch(`${url}${path}`, {
        method,
        headers: { ...(body === undefined ? {} : { "content-type": "application/json" }), ...headers },
        ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
      });
      const text = await answer.text();
      const isJson = answer.headers.get("content-type")?.startsWith("application/json") === true;
      return {
        status: answer.status,
        headers: answer.headers,
        text,
        body: isJson && text !== "" ? JSON.parse(text) : undefined,
      };
    },
  };
}
