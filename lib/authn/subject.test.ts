import { expect, test } from "vitest";
import { clientContext, publicContext } from "@/tools/testing/database";
import { testEnvironment } from "@/tools/testing/environment";
import { toSourceKey } from "./subject";

Object.assign(process.env, testEnvironment({ DATABASE_URL: "postgres://localhost/none" }));

const from = (address: string) => toSourceKey(publicContext(address));

test("whoever moves through their own /64 stays the same source of wrong tries, and others are others", () => {
  const source = from("2001:db8:1:2::1");
  for (const address of ["2001:db8:1:2::2", "2001:db8:1:2:ffff:ffff:ffff:ffff", "2001:DB8:1:2:0::5"])
    expect(from(address)).toBe(source);
  expect(from("2001:db8:1:3::1")).not.toBe(source);
  expect(from("198.51.100.7")).toBe(from("::ffff:198.51.100.7"));
  expect(from("198.51.100.8")).not.toBe(from("198.51.100.7"));
});

test("a program is a source of its own wherever it calls from", () => {
  const [one, other] = [clientContext(), clientContext()];
  expect(toSourceKey({ ...one, sourceIp: "192.0.2.1" })).toBe(toSourceKey(one));
  expect(toSourceKey(other)).not.toBe(toSourceKey(one));
});
