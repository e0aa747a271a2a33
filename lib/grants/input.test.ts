import { expect, test } from "vitest";
import { issueGrantInput, listGrantsInput, revokeGrantInput } from "./input";

const form = {
  userId: "6f7a1f0e-3c1e-4d5b-9a57-0d3f3d1a2b3c",
  method: "access_code",
  reason: "lost",
  formId: "0123456789",
  replaces: null,
};

test("a form as the desk sends it is taken, its words trimmed and composed, nothing for what was left empty", () => {
  const parsed = issueGrantInput.parse({ ...form, ticket: "  ", reasonNote: " Jose\u0301 🔑\nشكراً " });
  expect(parsed.ticket).toBeUndefined();
  expect(parsed.reasonNote).toBe("José 🔑\nشكراً");
});

test.each([
  ["a NUL byte in a note", { reasonNote: "a\0b" }],
  ["an escape sequence in a ticket", { ticket: "INC\u001b[2J" }],
  ["a mark that turns the line around", { reasonNote: "safe \u202eevil" }],
  ["a note of 10,000 characters", { reasonNote: "x".repeat(10_000) }],
  ["a ticket of 300 characters", { ticket: "x".repeat(300) }],
  ["a user id that is none", { userId: "1 or 1=1" }],
  ["an unknown method", { method: "pigeon" }],
  ["an unknown reason", { reason: "because" }],
  ["a window that is no whole number", { windowSeconds: 60.5 }],
  ["a window beyond any number", { windowSeconds: 1e300 }],
  ["a form id of a kilobyte", { formId: "x".repeat(1024) }],
  ["no form id", { formId: "" }],
  ["a form id with a NUL byte", { formId: "12345678\0" }],
  ["a guess at what is replaced", { replaces: "all" }],
  ["a form of code for a text", { method: "sms", form: "short" }],
  ["an access code to be sent", { sendNow: true }],
  ["who did it", { actor: "owner" }],
])("a form with %s is not taken", (_, change) => {
  expect(issueGrantInput.safeParse({ ...form, ...change }).success).toBe(false);
});

test("a revocation needs a known reason, and a list known filters", () => {
  expect(revokeGrantInput.safeParse({ grantId: form.userId, reason: "\0" }).success).toBe(false);
  expect(listGrantsInput.safeParse({ state: "dead" }).success).toBe(false);
  expect(listGrantsInput.safeParse({ limit: 101 }).success).toBe(false);
  expect(listGrantsInput.safeParse({}).success).toBe(true);
});

test("an issuer's id with a NUL is refused before the database breaks on it", () => {
  expect(listGrantsInput.safeParse({ issuerId: "\0" }).success).toBe(false);
});
