import { expect, test } from "vitest";
import { machinesQuery } from "./query";

test("what no database can hold is no filter", () => {
  expect(machinesQuery.safeParse({ query: "lab" }).success).toBe(true);
  expect(machinesQuery.safeParse({ query: "lab\0" }).success).toBe(false);
  const after = (name: string) => ({ cursor: `${name}/6f1c1b0e-7f0e-4f0e-8f0e-0f0e0f0e0f0e` });
  expect(machinesQuery.safeParse(after("lab")).success).toBe(true);
  expect(machinesQuery.safeParse(after("lab\0")).success).toBe(false);
});
