import { expect, test } from "vitest";
import { toReturnPath } from "./return-path";

test.each([
  ["/users?q=lov%20ada", "/users?q=lov+ada"],
  ["/users/1?_rsc=abc", "/users/1"],
  ["/grants?_rsc=x&state=live", "/grants?state=live"],
])("a path of ours is kept: %s", (text, path) => {
  expect(toReturnPath(text)?.replaceAll("%20", "+")).toBe(path);
});

test.each([
  "//evil.example/users",
  "/\\evil.example",
  "https://evil.example/",
  "javascript:alert(1)",
  "/\t/evil.example",
  "/.//evil.example/users",
  "/users/..//evil.example",
  "/%2e//evil.example",
  "/signin?return=/users",
  "/setup",
  "/api/auth/callback/oidc",
  "/",
  "",
  null,
])("anything else is not: %j", (text) => {
  expect(toReturnPath(text)).toBeUndefined();
});
