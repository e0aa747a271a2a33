import { expect, test } from "vitest";
import {
  changeStaffInput,
  inviteInput,
  passkeyInput,
  settingsInput,
  setupInput,
  signInInput,
  totpInput,
} from "./input";

const invite = { email: "new@sparekey.test", name: "New One", role: "helpdesk" };

test.each([{ name: "Zoë 李 Müller-O’Brien" }, { email: "  spaces@sparekey.test " }, { userDirectoryId: "" }])(
  "taken: %j",
  (change) => {
    expect(inviteInput.safeParse({ ...invite, ...change }).success).toBe(true);
  },
);

test.each([
  { name: "nul\u0000byte" },
  { name: "right-to-left \u202e mark" },
  { name: "x".repeat(300) },
  { name: "   " },
  { email: "nobody" },
  { email: "nul\u0000@sparekey.test" },
  { role: "admin" },
  { userDirectoryId: "a\u0000b" },
])("refused at the door: %j", (change) => {
  expect(inviteInput.safeParse({ ...invite, ...change }).success).toBe(false);
});

test.each([
  [signInInput, { email: "a\u0000b", password: "x" }],
  [signInInput, { email: "a@b.test", password: "x".repeat(257) }],
  [signInInput, { email: ["a@b.test"], password: "x" }],
  [totpInput, { code: "12345" }],
  [totpInput, { code: "12345６" }],
  [changeStaffInput, { staffId: "1; drop table staff" }],
  [settingsInput, { language: "xx", timeZone: "" }],
  [settingsInput, { language: "en", timeZone: "Mars/Olympus" }],
  [
    passkeyInput,
    { response: { id: "\u0000", rawId: "a", type: "public-key", response: {}, clientExtensionResults: {} } },
  ],
  [
    passkeyInput,
    { response: { id: "a", rawId: "a", type: "public-key", response: { x: "y".repeat(30_000) } } },
  ],
])("nothing of another form gets to a verb (%#)", (schema, input) => {
  expect(schema.safeParse(input).success).toBe(false);
});

test("codes are read as people write them", () => {
  expect(totpInput.parse({ code: " 123 456 " }).code).toBe("123456");
  const setup = { ...invite, password: "a fresh and long one", code: "abcd-efgh ijkl" };
  expect(setupInput.parse(setup).code).toBe("ABCDEFGHIJKL");
});
