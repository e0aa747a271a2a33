import { afterAll, expect, test } from "vitest";
import { closeDatabase } from "@/lib/platform/transaction";
import { openDoors } from "@/tools/testing/doors";
import { testEnvironment } from "@/tools/testing/environment";

Object.assign(process.env, testEnvironment({ DATABASE_URL: "postgres://nobody@127.0.0.1:1/nowhere" }));
const doors = openDoors();

afterAll(closeDatabase);

test.each([
  ["/mfa/v1_1/authn/initialize", { "client-key": "a-key" }],
  [
    "/AdminInterface/restapi/v1/users/lookup",
    {
      authorization: `Bearer ${["eyJhbGciOiJSUzI1NiJ9", "eyJzdWIiOiJ4IiwiaWF0IjoxLCJleHAiOjJ9", "eA"].join(".")}`,
    },
  ],
])("without its database %s lets nobody in, and says nothing of why", async (path, headers) => {
  const answer = await doors.call("POST", path, {
    headers: headers as Record<string, string>,
    body: { subjectName: "a", username: "a", context: { messageId: "1" } },
  });
  expect(answer.status).toBe(503);
  expect(answer.headers.get("retry-after")).toBe("5");
  expect(answer.body).toEqual({
    code: "503 SERVICE_UNAVAILABLE",
    description: `The request could not be processed (request id ${answer.headers.get("x-request-id")})`,
  });
});
