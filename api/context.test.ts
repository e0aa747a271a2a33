import type { FastifyRequest } from "fastify";
import { expect, test } from "vitest";
import { networkOf } from "./context";

const from = (address: string) =>
  networkOf({ raw: { headers: { "x-sparekey-source-ip": address } } } as unknown as FastifyRequest);

test("whoever has a line of IPv6 to themselves is one caller to the limits, whichever of its addresses they use", () => {
  expect(from("2001:db8::1")).toBe(from("2001:db8::ffff:1"));
  expect(from("2001:db8::1")).not.toBe(from("2001:db8:0:1::1"));
  expect(from("203.0.113.7")).toBe(from("::ffff:203.0.113.7"));
  expect(from("203.0.113.7")).not.toBe(from("203.0.113.8"));
});
