import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { listMachinesInput, releaseMachineInput } from "@/lib/machines/input";
import { revokeMachineInput } from "./input";

test.each([
  ["why a machine is revoked", revokeMachineInput, { machineId: randomUUID(), reason: "lost\0" }],
  ["why it is released", releaseMachineInput, { machine: "LAPTOP-7", reason: "a\0b" }],
  ["what machines are looked for", listMachinesInput, { query: "a\0b" }],
  ["where a list goes on", listMachinesInput, { after: ["a\0b", randomUUID()] }],
])("a NUL in %s is refused, and no fault of the database", (_, schema, input) => {
  const without = JSON.parse(JSON.stringify(input).replaceAll("\\u0000", ""));
  expect(schema.safeParse(without).success).toBe(true);
  expect(schema.safeParse(input).success).toBe(false);
});
