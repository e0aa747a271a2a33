import { readFileSync } from "node:fs";
import { expect, product, test } from "./product";
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

function listSecrets(): string[] {
  return readFileSync(`${product.folder}/shown-secrets`, "utf8").trim().split("\n");
}

test("no secret that was shown or sent stands in a log line or in the database", async () => {
  const secrets = listSecrets();
  expect(secrets.length).toBeGreaterThan(4);
  const log = readFileSync(product.logFile, "utf8");
  const rows = await readColumns(tables);
  expect(rows.length).toBeGreaterThan(100);
  for (const secret of secrets) {
    const grouped = (secret.match(/.{1,4}/g) ?? []).join("-");
    const pattern = new RegExp(`(?<![0-9A-Za-z])(${secret}|${grouped})(?![0-9A-Za-z])`, "i");
    expect(log.split("\n").filter((line) => pattern.test(line))).toEqual([]);
    expect(rows.filter((row) => pattern.test(row))).toEqual([]);
  }
});

test("no log line holds a whole phone number", () => {
  const lines = readFileSync(product.logFile, "utf8").split("\n");
  expect(lines.length).toBeGreaterThan(50);
  expect(lines.filter((line) => /\+?1202555\d{4}|\+?442079460\d{3}/.test(line))).toEqual([]);
});
