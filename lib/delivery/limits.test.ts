import { expect, test } from "vitest";
import { decideOtpSend, decideSend, type EarlierSend } from "./limits";

const rules = { perTenMinutesMax: 3, perDayMax: 10, resendSeconds: 30 };
const both = (...ages: number[]): EarlierSend[] =>
  ages.map((ageSeconds) => ({ ageSeconds, sameUser: true, sameNumber: true }));

test("three may be sent in ten minutes, the fourth waits until the first is ten minutes old (limits, OTP sends)", () => {
  expect(decideSend(rules, both(40, 400), null)).toEqual({ ok: true });
  expect(decideSend(rules, both(40, 400, 500), null)).toEqual({
    ok: false,
    reason: "send_limit",
    retryAfterSeconds: 100,
  });
  expect(decideSend(rules, both(40, 400, 601), null)).toEqual({ ok: true });
});

test("ten may be sent in a day, the eleventh waits until the first is a day old (limits, OTP sends)", () => {
  const ages = Array.from({ length: 10 }, (_, n) => 1000 + n * 1000);
  expect(decideSend(rules, both(...ages.slice(0, 9)), null)).toEqual({ ok: true });
  expect(decideSend(rules, both(...ages), null)).toMatchObject({ retryAfterSeconds: 86_400 - 10_000 });
});

test("a user's and a number's sends are counted apart: two that share a number don't add up with the rest", () => {
  const mixed = [
    { ageSeconds: 10, sameUser: true, sameNumber: false },
    { ageSeconds: 20, sameUser: true, sameNumber: false },
    { ageSeconds: 30, sameUser: false, sameNumber: true },
    { ageSeconds: 40, sameUser: false, sameNumber: true },
  ];
  expect(decideSend(rules, mixed, null)).toEqual({ ok: true });
  const another = { ageSeconds: 50, sameUser: false, sameNumber: true };
  expect(decideSend(rules, [...mixed, another], null)).toMatchObject({ reason: "send_limit" });
});

test("a resend waits 30 seconds from the same attempt's last ask (limits, OTP sends)", () => {
  expect(decideSend(rules, both(12.4), 12.4)).toEqual({
    ok: false,
    reason: "too_soon",
    retryAfterSeconds: 18,
  });
  expect(decideSend(rules, both(30), 30)).toEqual({ ok: true });
});

test("never told to wait for nothing, whatever the clock did", () => {
  expect(decideSend(rules, both(-1, -1, 599.9999), null)).toMatchObject({ retryAfterSeconds: 1 });
});

test("what attempts ask for never stops the desk, nor the desk them; each has its bound, and both together twice", () => {
  const ages = Array.from({ length: 10 }, (_, n) => 1000 + n * 1000);
  const asked = both(...ages).map((send) => ({ ...send, byDesk: false }));
  const desk = asked.map((send) => ({ ...send, byDesk: true }));
  expect(decideOtpSend(rules, asked, true, null)).toEqual({ ok: true });
  expect(decideOtpSend(rules, asked, false, null)).toMatchObject({ reason: "send_limit" });
  expect(decideOtpSend(rules, desk, false, null)).toEqual({ ok: true });
  expect(decideOtpSend(rules, desk, true, null)).toMatchObject({ reason: "send_limit" });
  const [nine, last] = [desk.slice(0, 9), asked.slice(0, 1)];
  expect(decideOtpSend(rules, [...nine, ...asked], true, null)).toEqual({ ok: true });
  expect(decideOtpSend(rules, [...nine, ...asked, ...last], true, null)).toMatchObject({
    reason: "send_limit",
  });
});
