import { generateKeyPairSync } from "node:crypto";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { testEnvironment } from "@/tools/testing/environment";
import { ConfigError, parseConfig, variableNames } from "./config";

const whole = testEnvironment({ DATABASE_URL: "postgres://localhost/sparekey" });

function problemsOf(environment: Record<string, string | undefined>): readonly string[] {
  try {
    parseConfig(environment);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

test.each([
  "DATABASE_URL",
  "BASE_URL",
  "SPAREKEY_MASTER_KEY",
  "VONAGE_API_KEY",
  "VONAGE_API_SECRET",
  "VONAGE_APPLICATION_ID",
  "VONAGE_PRIVATE_KEY",
  "VONAGE_SIGNATURE_SECRET",
  "VONAGE_FROM",
])("without %s nothing starts, and it is named", (name) => {
  expect(problemsOf({ ...whole, [name]: undefined })).toEqual([`${name} is missing`]);
  expect(problemsOf({ ...whole, [name]: "" })).toEqual([`${name} is missing`]);
});

test(".env.example names everything that is read, once, and nothing else", () => {
  const named = [...readFileSync(".env.example", "utf8").matchAll(/^(\w+)=/gm)].map(([, name]) => name);
  const ofTheLauncher = ["STANDIN_PORT"];
  expect(named.toSorted()).toEqual([...variableNames, ...ofTheLauncher].toSorted());
});

test("everything that is missing is named at once", () => {
  expect(problemsOf({})).toHaveLength(9);
});

test("a master key of another length is refused, and not repeated", () => {
  const problems = problemsOf({ ...whole, SPAREKEY_MASTER_KEY: "c2hvcnQ=" });
  expect(problems).toEqual([expect.stringMatching(/^SPAREKEY_MASTER_KEY: must be 32 bytes/)]);
  expect(problems.join()).not.toContain("c2hvcnQ=");
});

test("the provider's key may be one line, and what is no whole key is refused, and not repeated", () => {
  const pem = whole.VONAGE_PRIVATE_KEY as string;
  const inOneLine = pem.replaceAll("\n", "\\n");
  expect(parseConfig({ ...whole, VONAGE_PRIVATE_KEY: inOneLine }).VONAGE_PRIVATE_KEY).toBe(pem);
  const elliptic = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({
    type: "pkcs8",
    format: "pem",
  });
  for (const wrong of [pem.split("\n")[0] as string, pem.slice(0, 200), "./private.key", `${elliptic}`]) {
    const problems = problemsOf({ ...whole, VONAGE_PRIVATE_KEY: wrong });
    expect(problems).toEqual([expect.stringMatching(/^VONAGE_PRIVATE_KEY: must be the private key itself/)]);
    expect(problems.join()).not.toContain(wrong);
  }
});

test("calls and texts come from a number with its country: a name would be refused at every call", () => {
  for (const from of ["+12025550199", "12025550199"])
    expect(problemsOf({ ...whole, VONAGE_FROM: from })).toEqual([]);
  for (const from of ["Lakeside", "+0202555", "202 555 0199"])
    expect(problemsOf({ ...whole, VONAGE_FROM: from })).toEqual([expect.stringMatching(/^VONAGE_FROM: /)]);
});

test("a company that gave no name goes by its host, and never by the demo's", () => {
  const address = { ...whole, BASE_URL: "https://help.lakeside.example", SPAREKEY_COMPANY: undefined };
  expect(parseConfig(address).SPAREKEY_COMPANY).toBe("help.lakeside.example");
  expect(parseConfig({ ...address, SPAREKEY_COMPANY: "Lakeside Ltd" }).SPAREKEY_COMPANY).toBe("Lakeside Ltd");
});

test.each(["", "/", "//"])(
  "our own address, given with %j at its end, is kept without, so that a path can be put behind it",
  (end) => {
    const address = "https://help.lakeside.example";
    expect(parseConfig({ ...whole, BASE_URL: `${address}${end}` }).BASE_URL).toBe(address);
    expect(parseConfig({ ...whole, BASE_URL: `${address}/desk${end}` }).BASE_URL).toBe(`${address}/desk`);
  },
);

test("a signature secret that could be guessed is refused", () => {
  expect(problemsOf({ ...whole, VONAGE_SIGNATURE_SECRET: "x".repeat(15) })).toEqual([
    expect.stringMatching(/^VONAGE_SIGNATURE_SECRET: /),
  ]);
});

test("demo mode is refused in production on any database but the embedded one", () => {
  const demo = { ...whole, NODE_ENV: "production", SPAREKEY_DEMO: "1" };
  expect(problemsOf(demo)).toEqual([expect.stringMatching(/^SPAREKEY_DEMO: /)]);
  expect(
    problemsOf({
      ...demo,
      DATABASE_URL: "postgres://postgres@localhost/sparekey?host=%2Fsrv%2F.data%2Fpostgres%2Fs",
    }),
  ).toEqual([]);
  expect(problemsOf({ ...demo, SPAREKEY_DEMO: "0" })).toEqual([]);
});

test("an OpenID provider needs a client of its own, and a connection that nobody reads", () => {
  expect(problemsOf({ ...whole, OIDC_ISSUER: "http://id.example" })).toEqual([
    "OIDC_ISSUER: must be https, or on localhost",
    "OIDC_CLIENT_ID is missing",
    "OIDC_CLIENT_SECRET is missing",
  ]);
});
