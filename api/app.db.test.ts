import { afterAll, beforeAll, expect, test } from "vitest";
import { openTestDatabase } from "@/tools/testing/database";
import { buildApp } from "./app";

openTestDatabase();
const app = await buildApp((_request, response) => response.writeHead(200).end("a page"));
let base = "";

beforeAll(async () => {
  base = await app.listen({ host: "127.0.0.1", port: 0 });
});

afterAll(() => app.close());

test.each([
  ["/otp/%ff", 400],
  ["/users/%E0%A4%A", 400],
  ["/otp/%F0%9F%98%80", 200],
  ["/otp?login=%ff", 200],
])("a page whose address is no text is refused before it breaks anything: %s", async (path, status) => {
  const answer = await fetch(`${base}${path}`);
  expect(answer.status).toBe(status);
  expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
});
