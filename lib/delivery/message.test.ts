import { describe, expect, test } from "vitest";
import { deliveryLanguages, toDeliveryLanguage } from "./language";
import { noticeKinds, noticeText, otpCall, otpText } from "./message";
import ar from "./messages/ar.json";
import de from "./messages/de.json";
import en from "./messages/en.json";
import es from "./messages/es.json";
import fr from "./messages/fr.json";
import ja from "./messages/ja.json";
import { countSegments } from "./segments";

const otp = { company: "Example Corp", code: "083920", minutes: 5 };

describe.each(deliveryLanguages)("in %s", (language) => {
  test("a text begins with its code and ends with the line that binds it to the page", () => {
    const text = otpText({ ...otp, language, host: "access.example.com" });
    expect(text).toMatch(/083920/);
    expect(text.split("\n").at(-1)).toBe("@access.example.com #083920");
    expect(text).toContain("Example Corp");
    expect(text.match(/\d{4,}/g)).toEqual(["083920", "083920"]);
  });

  test("a text stays within two segments, one where its alphabet allows", () => {
    const { encoding, segments } = countSegments(otpText({ ...otp, language, host: "access.example.com" }));
    expect(segments).toBeLessThanOrEqual(encoding === "gsm7" ? 1 : 2);
  });

  test("a call says the code digit by digit with pauses, twice", () => {
    const call = otpCall({ ...otp, language });
    expect(call).toMatchObject({ language, times: 2 });
    const parts = call.parts.map((part) => ("say" in part ? part.say : "…")).join("");
    expect(parts).toContain("…0…8…3…9…2…0…");
    expect(parts.replace(/\D/g, "")).toBe("083920");
  });

  test.each(noticeKinds)("the notice %s names the company and how to object, and holds no link", (kind) => {
    const notice = { language, company: "Example Corp", kind };
    const text = noticeText({ ...notice, helpdeskPhone: "+1 202 555 0100" });
    expect(text).toContain("Example Corp");
    expect(text).toContain("+1 202 555 0100");
    expect(text).not.toMatch(/https?:|www\./);
    expect(countSegments(text).segments).toBeLessThanOrEqual(3);
    expect(noticeText(notice)).not.toMatch(/undefined|\{/);
  });
});

test("a code is valid for one minute in every language's own number", () => {
  expect(otpText({ ...otp, minutes: 1, language: "en", host: "x.test" })).toContain("1 minute.");
  expect(otpText({ ...otp, minutes: 2, language: "ar", host: "x.test" })).toContain("دقيقتين");
});

test("every catalogue holds the same keys", () => {
  const keysOf = (value: object, prefix = ""): string[] =>
    Object.entries(value).flatMap(([key, inner]) =>
      typeof inner === "string" ? `${prefix}${key}` : keysOf(inner, `${prefix}${key}.`),
    );
  for (const catalogue of [ar, de, es, fr, ja]) expect(keysOf(catalogue)).toEqual(keysOf(en));
});

test.each([
  ["de-AT", "de"],
  ["ar_EG", "ar"],
  ["JA", "ja"],
  ["pt-BR", "en"],
  ["", "en"],
  [null, "en"],
  [undefined, "en"],
])("who is addressed by %j is spoken to in %s", (tag, language) => {
  expect(toDeliveryLanguage(tag)).toBe(language);
});

test.each([
  ["a".repeat(160), "gsm7", 1],
  ["a".repeat(161), "gsm7", 2],
  ["€".repeat(80), "gsm7", 1],
  ["€".repeat(81), "gsm7", 2],
  ["あ".repeat(70), "ucs2", 1],
  ["あ".repeat(71), "ucs2", 2],
  ["😀".repeat(36), "ucs2", 2],
  ["a".repeat(70).concat("ó"), "ucs2", 2],
])("segments are counted as they are paid for (%#)", (text, encoding, segments) => {
  expect(countSegments(text)).toEqual({ encoding, segments });
});
