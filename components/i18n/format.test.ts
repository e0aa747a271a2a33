import { expect, test } from "vitest";
import { createFormats } from "./format";
import { isTimeZone, parseAcceptLanguage, pickFormatLocale, pickLocale } from "./locale";

const berlin = createFormats("en-GB", "Europe/Berlin");
const now = new Date("2026-11-23T13:07:00Z");

test("times are said on the reader's clock, 24 hours, by day where it isn't today", () => {
  expect(berlin.clock(new Date("2026-11-23T13:05:00Z"))).toBe("14:05");
  expect(berlin.clock(new Date("2026-11-23T13:05:00Z"), "America/New_York")).toBe("08:05");
  expect(berlin.moment(new Date("2026-11-23T07:14:00Z"), now)).toBe("today 08:14");
  expect(berlin.moment(new Date("2026-11-22T23:30:00Z"), now)).toBe("today 00:30");
  expect(berlin.moment(new Date("2026-11-22T22:30:00Z"), now)).toBe("yesterday 23:30");
  expect(berlin.moment(new Date("2026-11-12T08:02:00Z"), now)).toBe("12 Nov, 09:02");
  expect(berlin.moment(new Date("2025-10-30T16:40:00Z"), now)).toBe("30 Oct 2025, 17:40");
  expect(createFormats("de", "Europe/Berlin").moment(new Date("2026-11-23T07:14:00Z"), now)).toBe(
    "heute 08:14",
  );
});

test("a span never promises more than is left, and never goes below nothing", () => {
  expect(berlin.span(23 * 60 + 59)).toBe("23 min");
  expect(berlin.span(3 * 3600 + 58 * 60 + 10)).toBe("3 h 58 min");
  expect(berlin.span(59.9)).toBe("59 s");
  expect(berlin.span(-5)).toBe("0 s");
});

test("the most wanted language that is spoken is picked, whatever the header holds", () => {
  const pick = (header: string | null) => pickLocale(["en", "de"], parseAcceptLanguage(header));
  expect(pick("fr;q=0.9, de-AT;q=0.8, en;q=0.7")).toBe("de");
  expect(pick("de;q=0, en")).toBe("en");
  expect(pick(null)).toBe("en");
  expect(pick("\u0000;;;,,q=1,*;q=x")).toBe("en");
  expect(pickFormatLocale("en", ["de", "en-US"])).toBe("en-US");
  expect(pickFormatLocale("en", ["en"])).toBe("en-GB");
});

test("only a zone that can be calculated with is taken from a cookie", () => {
  expect(isTimeZone("Europe/Berlin")).toBe(true);
  for (const bad of ["", "Mars/Olympus", "x".repeat(500), undefined]) expect(isTimeZone(bad)).toBe(false);
});
