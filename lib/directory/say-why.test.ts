import { expect, test } from "vitest";
import de from "./messages/de.json";
import en from "./messages/en.json";
import { sayWhy } from "./say-why";
import type { Why } from "./why";

const argumentsOf = (message: string) =>
  [...new Set([...message.matchAll(/\{\s*(\w+)\s*[,}]/g)].map((match) => match[1]))].sort();

test("German has a sentence for every reason that English has, with the same values", () => {
  expect(Object.keys(de)).toEqual(Object.keys(en));
  for (const [reason, sentence] of Object.entries(en))
    expect([reason, argumentsOf(de[reason as keyof typeof de])]).toEqual([reason, argumentsOf(sentence)]);
});

test.each<[Why, string, string]>([
  [{ reason: "empty" }, "it is empty", "sie ist leer"],
  [
    { reason: "torn", line: 7, because: "open_quote" },
    "from line 7 on it can't be told apart: a quote is never closed",
    "ab Zeile 7 lässt sie sich nicht lesen: ein Anführungszeichen wird nie geschlossen",
  ],
  [
    { reason: "many_cells", max: 1_000 },
    "a line has more than 1,000 cells",
    "eine Zeile hat mehr als 1.000 Zellen",
  ],
  [
    { reason: "bad_phone", name: "phone_sms", needsCountry: "yes" },
    "phone_sms is not a number that the numbering plan allows (without + it needs the country of the numbers)",
    "phone_sms ist keine Nummer, die der Rufnummernplan kennt (ohne + braucht sie das Land der Nummern)",
  ],
  [
    { reason: "bad_phone", name: "phone_sms", needsCountry: "no" },
    "phone_sms is not a number that the numbering plan allows",
    "phone_sms ist keine Nummer, die der Rufnummernplan kennt",
  ],
  [
    { reason: "email_leads", keeper: "scim" },
    "the e-mail leads to somebody whom SCIM keeps",
    "die E-Mail-Adresse führt zu jemandem, den SCIM führt",
  ],
  [
    { reason: "unreachable", detail: "connect ECONNREFUSED" },
    "the directory can't be read: nobody answers at its address (connect ECONNREFUSED)",
    "das Verzeichnis lässt sich nicht lesen: an seiner Adresse antwortet niemand (connect ECONNREFUSED)",
  ],
  [
    { reason: "unknown_column", name: '"shoe {size}"', known: "login" },
    'there is no column "shoe {size}". There are: login',
    'eine Spalte "shoe {size}" gibt es nicht. Es gibt: login',
  ],
  [{ reason: "said", text: "{oops" }, "{oops", "{oops"],
])("%o is said in both languages", (why, english, german) => {
  expect(sayWhy("en", why)).toBe(english);
  expect(sayWhy("de", why)).toBe(german);
});
