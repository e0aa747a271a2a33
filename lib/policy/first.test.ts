import { afterEach, expect, test, vi } from "vitest";
import { forgetConfig } from "@/lib/platform/config";
import { testEnvironment } from "@/tools/testing/environment";
import { getFirstPolicy } from "./first";

afterEach(() => {
  vi.unstubAllEnvs();
  forgetConfig();
});

const countriesWith = (overrides: Record<string, string>) => {
  const environment = testEnvironment({
    NODE_ENV: "production",
    BASE_URL: "https://access.example.com",
    DATABASE_URL: "postgres://localhost/x",
    ...overrides,
  });
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
  forgetConfig();
  return getFirstPolicy().countries;
};

test("a new installation sends to the country of the number that it sends from, and to no other", () => {
  expect(countriesWith({ VONAGE_FROM: "+4915112345678" })).toEqual(["DE"]);
  expect(countriesWith({ VONAGE_FROM: "442079460104" })).toEqual(["GB"]);
  expect(countriesWith({ VONAGE_FROM: "883510000000094" })).toEqual([]);
});

test("the demo sends to the countries of its people", () => {
  expect(
    countriesWith({ NODE_ENV: "development", SPAREKEY_DEMO: "1", VONAGE_FROM: "4915112345678" }),
  ).toEqual(["US", "GB"]);
});
