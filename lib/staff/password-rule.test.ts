import { expect, test } from "vitest";
import { isWeakPassword } from "./password-rule";

const known = ["robin.test@sparekey.test", "Robin Test", "Example Corp"];

test.each([
  "short",
  "aaaaaaaaaaaaaaaa",
  "121212121212",
  "RobinTest2026!",
  "sparekey-sparekey",
  "examplecorp123",
  "password123456",
  "x".repeat(300),
])("weak: %s", (password) => {
  expect(isWeakPassword(password, known)).toBe(true);
});

test.each([
  "correct horse battery",
  "Über-Brücke zum Café",
  "päöü漢字かな混じりの長い文",
  "a fresh and long one",
])("good, without rules of composition (63B-4, 3.1.1.2): %s", (password) => {
  expect(isWeakPassword(password, known)).toBe(false);
});
