import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll } from "vitest";

/** A message as it arrived. */
export interface Received {
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
}

/** A system of somebody else's that is told of events, on this machine. */
export interface Receiver {
  /** Everything that arrived, in order. */
  readonly received: Received[];
  /** What it does with a message; it takes it where not said otherwise. */
  answer: (response: ServerResponse, message: Received) => void;
  url(path?: string): string;
}

const take = (response: ServerResponse) => void response.writeHead(204).end();

/** Starts a receiver for the tests of this file, at `host`, a loopback address. */
export function openReceiver(host = "127.0.0.1"): Receiver {
  let server: Server;
  const receiver: Receiver = {
    received: [],
    answer: take,
    url: (path = "/hook") => `http://${host}:${(server.address() as AddressInfo).port}${path}`,
  };
  beforeAll(async () => {
    server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        const body = Buffer.concat(chunks).toString("utf8");
        const message = { path: request.url ?? "", headers: request.headers, body };
        receiver.received.push(message);
        receiver.answer(response, message);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, host, resolve));
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });
  return receiver;
}
