import { describe, expect, test } from "vitest";
import de from "./de.json";
import en from "./en.json";
import fault from "./fault.json";
import notFound from "./not-found.json";
import otpAr from "./otp/ar.json";
import otpDe from "./otp/de.json";
import otpEn from "./otp/en.json";
import otpEs from "./otp/es.json";
import otpFr from "./otp/fr.json";
import otpJa from "./otp/ja.json";

function flatten(node: object, path = ""): Map<string, string> {
  return new Map(
    Object.entries(node).flatMap(([key, value]) =>
      typeof value === "string"
        ? [[`${path}${key}`, value] as const]
        : [...flatten(value as object, `${path}${key}.`)],
    ),
  );
}

const argumentsOf = (message: string) =>
  [...new Set([...message.matchAll(/\{\s*(\w+)\s*[,}]|<(\w+)>/g)].map((m) => m[1] ?? m[2]))].sort();

const catalogues: Record<string, [language: string, catalogue: object][]> = {
  "the console": [["de", de]],
  "the user's page": Object.entries({ de: otpDe, es: otpEs, fr: otpFr, ja: otpJa, ar: otpAr }),
};

describe.each([
  ["the console", en],
  ["the user's page", otpEn],
] as [string, object][])("of %s", (page, source) => {
  const english = flatten(source);

  test.each(catalogues[page] ?? [])("%s has every message that English has, and no other", (_, catalogue) => {
    expect([...flatten(catalogue).keys()].sort()).toEqual([...english.keys()].sort());
  });

  test.each([...english.keys()])(
    "%s asks for the same values in every language, and is empty in none",
    (key) => {
      expect(english.get(key)).not.toBe("");
      for (const [, catalogue] of catalogues[page] ?? []) {
        const words = flatten(catalogue).get(key) ?? "";
        expect(words).not.toBe("");
        expect(argumentsOf(words)).toEqual(argumentsOf(english.get(key) ?? ""));
      }
    },
  );
});

test.each([
  ["en", en],
  ["de", de],
])("no two facts of one event go by the same words: %s", (_, { audit, detail }) => {
  const words = [
    ...Object.values(audit.fact),
    ...new Set(Object.values(audit.targetKind)),
    ...Object.values(detail.name),
  ];
  expect(words.filter((word, at) => words.indexOf(word) !== at)).toEqual([]);
});

test.each([
  ["en", en],
  ["de", de],
])("no message sends its reader to a file that only who has the source can open: %s", (_, catalogue) => {
  const files = [...flatten(catalogue)].filter(([, words]) =>
    /\b[\w-]+\/[\w./-]+\.(md|ts|tsx)\b/.test(words),
  );
  expect(files).toEqual([]);
});

test("a state in a badge begins small, on every page", () => {
  const { audit, directory, machines, outgoing, staff, ui, user, users } = en;
  const states = flatten([
    audit.outcome,
    [directory.stateOf, directory.changes.isOf, directory.ldap.disabled],
    [machines.state, machines.key.state, machines.receipts.outcome, machines.preflight.disabled],
    [outgoing.state, outgoing.messages.is, outgoing.messages.held],
    [staff.stateOf, staff.session.current, staff.inDirectory.idUnknown],
    ui.grantState,
    [user.header.enabled, user.header.disabled, user.header.gone, user.header.privileged],
    [user.offline.nowhere, users.enabled, users.disabled],
  ]);
  expect([...states.values()].filter((words) => /^\p{Lu}/u.test(words))).toEqual([]);
});

test("in French no sign that a space belongs before falls to the next line", () => {
  const french = [otpFr, fault.fr, notFound.fr].flatMap((catalogue) => [...flatten(catalogue)]);
  expect(french.filter(([, words]) => /(^|[^\u00a0])[:»]|(^|[^\u202f])[;?!]/.test(words))).toEqual([]);
});
