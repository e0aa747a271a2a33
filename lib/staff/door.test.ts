import { expect, test } from "vitest";
import { z } from "zod";
import { Denied, Fault } from "@/lib/platform/outcome";
import { parseInput, reportFault } from "./door";

test("a denial says no more than that", () => {
  expect(reportFault(new Denied("staff:manage", "role"), "r1")).toEqual({
    ok: false,
    reason: "denied",
    requestId: "r1",
  });
});

test("a database that is away is told from something broken", () => {
  const away = Object.assign(new Error("connect ECONNREFUSED 10.0.0.5:5432"), { code: "ECONNREFUSED" });
  expect(reportFault(new Error("query failed", { cause: away }), "r2")).toEqual({
    ok: false,
    reason: "unavailable",
    requestId: "r2",
  });
});

test.each([
  new Fault("sealed bytes do not open"),
  new Error("duplicate key (email)=(a@b.test)"),
  "thrown text",
])("no error's words reach the browser: %s", (error) => {
  expect(reportFault(error, "r3")).toEqual({ ok: false, reason: "fault", requestId: "r3" });
});

test("input of another form is answered by the fields that are wrong", () => {
  const schema = z.object({ name: z.string().min(1), age: z.number() });
  expect(parseInput(schema, { name: "", age: 3 }, "r4")).toEqual({
    ok: false,
    reason: "invalid",
    requestId: "r4",
    fields: { name: [expect.any(String)] },
  });
  expect(parseInput(schema, "not even an object", "r5")).toMatchObject({ ok: false, reason: "invalid" });
});
