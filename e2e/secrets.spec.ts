import { existsSync, readdirSync, readFileSync } from "node:fs";
import { readAnswers } from "../tools/testing/answers";
import { runSql } from "./database";
import { findDigits, readInboxes } from "./phones";
import { expect, listProducts, test } from "./product";
import { readRows } from "./rows";

const products = listProducts();

/** The folders of all servers that ran: of each product, and of those whose database was taken away. */
function listHomes(): string[] {
  return products.flatMap(({ folder }) => {
    const frail = readdirSync(folder).filter((name) => name.startsWith("frail-"));
    return [folder, ...frail.map((name) => `${folder}/${name}`)];
  });
}

function readLines(name: "shown-secrets" | "server.log" | "rows"): string[] {
  const files = listHomes().map((home) => `${home}/${name}`);
  return files.filter(existsSync).flatMap((file) => readFileSync(file, "utf8").trim().split("\n"));
}

/** The digits of every text and call that arrived, whether a test read them or not. */
async function listSent(): Promise<string[]> {
  const messages = (await Promise.all(products.map(readInboxes))).flat();
  return messages.map(findDigits).filter((digits) => digits !== undefined);
}

/** A pattern that matches `text` and nothing else: a secret in Base64 has signs that a pattern reads otherwise. */
function literal(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
}

const hexOf = (text: string) => Buffer.from(text).toString("hex");

/** A pattern of all ways to write a secret: a code in fours or not, six digits that are no part of a number, and as bytes in hex. */
function patternOf(secret: string): string {
  if (/^\d{6}$/.test(secret))
    return `(?:(?<![0-9a-z]|\\d\\.)|(?<=\\\\[nrt]))${secret}(?![0-9a-z])|${hexOf(secret)}`;
  if (/^(?:[0-9A-Z]{4}){2,6}$/.test(secret)) {
    const fours = secret.match(/.{4}/g) ?? [];
    const small = fours.map((four) => four.toLowerCase());
    return [fours.join("[- +]?"), ...[fours, small].map((each) => each.map(hexOf).join("(?:2d|20)?"))].join(
      "|",
    );
  }
  return [literal(secret), hexOf(secret), Buffer.from(secret, "base64").toString("hex")].join("|");
}

/** Answers which of `secrets` stand in a text. */
function finderOf(secrets: readonly string[]): (text: string) => string[] {
  const patterns = secrets.map((secret) => ({ secret, pattern: new RegExp(patternOf(secret), "i") }));
  const any = new RegExp(secrets.map(patternOf).join("|"), "i");
  return (text) =>
    any.test(text) ? patterns.filter(({ pattern }) => pattern.test(text)).map(({ secret }) => secret) : [];
}

test("no code or key that was shown, and no digits that were sent, stand in a log line, in a row of any table or in an answer but the one that showed them", async () => {
  const shown = [...new Set(readLines("shown-secrets"))];
  const sent = await listSent();
  if (process.env.E2E_WHOLE !== undefined) {
    expect(shown.length).toBeGreaterThan(20);
    expect(sent.length).toBeGreaterThan(4);
  }
  const find = finderOf([...shown, ...sent]);
  expect(readLines("server.log").filter((line) => find(line).length > 0)).toEqual([]);

  for (const { databaseUrl } of products) {
    const tables = await readRows(databaseUrl);
    expect([...tables.keys()]).toEqual(
      expect.arrayContaining(["public.access_code", "public.audit_event", "graphile_worker._private_jobs"]),
    );
    for (const [table, rows] of tables)
      expect([table, rows.filter((row) => find(row).length > 0)]).toEqual([table, []]);
  }
  expect(readLines("rows").filter((row) => find(row).length > 0)).toEqual([]);

  const askedFor = new Map(shown.map((secret): [string, string[]] => [secret, []]));
  for (const home of listHomes())
    for await (const { asked, said } of readAnswers(home))
      for (const secret of find(`${asked}\n${said}`))
        askedFor.set(secret, [...(askedFor.get(secret) ?? []), asked]);
  for (const [secret, asked] of askedFor)
    expect([secret, asked]).toEqual([secret, [expect.stringMatching(/^(POST|PUT) /)]]);
});

test("no log line holds a whole phone number", () => {
  const lines = readLines("server.log");
  expect(lines.length).toBeGreaterThan(50);
  expect(lines.filter((line) => /\+?1202555\d{4}|\+?442079460\d{3}/.test(line))).toEqual([]);
});

test("whatever an event tells has its words in the catalogue", async () => {
  const { audit, detail } = JSON.parse(readFileSync("components/messages/en.json", "utf8"));
  for (const { databaseUrl } of products) {
    const [named] = await runSql<{ details: string[]; targets: string[] }>(
      databaseUrl,
      "select array(select distinct jsonb_object_keys(details) from audit_event) as details, array(select distinct target_kind from audit_event where target_kind is not null) as targets",
    );
    expect(named?.details.length).toBeGreaterThan(0);
    expect(Object.keys(detail.name)).toEqual(expect.arrayContaining(named?.details ?? []));
    expect(Object.keys(audit.targetKind)).toEqual(expect.arrayContaining(named?.targets ?? []));
  }
});
