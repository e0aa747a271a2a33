import { existsSync, readFileSync } from "node:fs";
import { expect, listProducts, test } from "./product";
import { readColumns } from "./rows";

/** Where an OTP or a code could have slipped in; people's own numbers may look like an OTP by chance. */
const tables = [
  "challenge",
  "delivery",
  "delivery_event",
  "audit_event",
  "audit_personal",
  "grants",
  "access_code",
  "slot",
  "authn_attempt",
];

const products = listProducts();

function readLines(name: "shown-secrets" | "server.log"): string[] {
  const files = products.map(({ folder }) => `${folder}/${name}`).filter((file) => existsSync(file));
  return files.flatMap((file) => readFileSync(file, "utf8").trim().split("\n"));
}

/** A pattern that matches `text` and nothing else: a secret in Base64 has signs that a pattern reads otherwise. */
function literal(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
}

test("no secret that was shown or sent stands in a log line or in the database", async () => {
  const secrets = readLines("shown-secrets");
  if (process.env.E2E_WHOLE !== undefined) expect(secrets.length).toBeGreaterThan(4);
  const log = readLines("server.log");
  const rows = (
    await Promise.all(products.map(({ databaseUrl }) => readColumns(databaseUrl, tables)))
  ).flat();
  expect(rows.length).toBeGreaterThan(100);
  for (const secret of secrets) {
    const written = [secret, (secret.match(/.{1,4}/g) ?? []).join("-")].map(literal);
    const pattern = new RegExp(`(?<![0-9A-Za-z])(${written.join("|")})(?![0-9A-Za-z])`, "i");
    expect(log.filter((line) => pattern.test(line))).toEqual([]);
    expect(rows.filter((row) => pattern.test(row))).toEqual([]);
  }
});

test("no log line holds a whole phone number", () => {
  const lines = readLines("server.log");
  expect(lines.length).toBeGreaterThan(50);
  expect(lines.filter((line) => /\+?1202555\d{4}|\+?442079460\d{3}/.test(line))).toEqual([]);
});
