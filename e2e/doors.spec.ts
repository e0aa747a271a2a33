import { expect, test } from "./product";

test("an instance that serves says so, with its parts", async ({ request }) => {
  const response = await request.get("/healthz");
  expect(response.status()).toBe(200);
  expect(await response.json()).toEqual({
    status: "serving",
    parts: { database: "up", worker: "up", process: "up" },
  });
});
