import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import type { AddressInfo } from "node:net";
import { text as readText } from "node:stream/consumers";
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

/**
 * POSTs no more than the beginning of a body and waits for the answer all the same: what is refused before it is read is answered,
 * whereas somebody who sends all of it may find the connection closed instead.
 * @param headers those that tell how long the body would be, besides others.
 */
export async function postBeginning(
  url: string,
  headers: Record<string, string>,
  beginning = "",
): Promise<Pick<DoorAnswer, "status" | "body">> {
  const asked = request(url, { method: "POST", headers });
  asked.flushHeaders();
  if (beginning !== "") asked.write(beginning);
  const [answer] = (await once(asked, "response")) as [IncomingMessage];
  const text = await readText(answer);
  asked.destroy();
  const isJson = answer.headers["content-type"]?.startsWith("application/json") === true;
  return { status: answer.statusCode ?? 0, body: isJson ? JSON.parse(text) : undefined };
}

/** The headers of a body in JSON of 10 MB. */
export const tenMegabytes = { "content-type": "application/json", "content-length": "10000000" };

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
