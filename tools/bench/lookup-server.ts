import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { searchUsers } from "@/lib/directory/search";
import { staffOfBench } from "./staff";

/** Answers look-ups over HTTP and nothing else: what the look-up itself costs, without the console around it. */
const server = createServer(async (request, response) => {
  const query = new URL(request.url ?? "/", "http://localhost").searchParams.get("query") ?? "";
  try {
    const found = await searchUsers(staffOfBench, { query });
    response.setHeader("content-type", "application/json").end(JSON.stringify(found));
  } catch (error) {
    response.writeHead(500).end(String(error));
  }
});
server.listen(0, "127.0.0.1", () => process.send?.((server.address() as AddressInfo).port));
