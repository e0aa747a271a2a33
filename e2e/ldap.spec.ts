import {
  BASE_DN,
  BIND_DN,
  BIND_PASSWORD,
  isSlapdThere,
  Slapd,
  skeleton,
  toLdif,
} from "@/tools/testing/slapd";
import { look, signIn } from "./desk";
import { expect, test } from "./product";

test.skip(!isSlapdThere, "Debian's slapd and ldap-utils aren't there");
test.describe.configure({ mode: "serial" });
test.use({ actionTimeout: 15_000 });

const toPerson = (login: string, displayName: string, more: Record<string, string> = {}) =>
  toLdif(`uid=${login},ou=people,${BASE_DN}`, {
    objectClass: "inetOrgPerson",
    cn: login,
    sn: "Person",
    uid: login,
    displayName,
    mail: `${login}@example.com`,
    ...more,
  });

let slapd: Slapd;
test.beforeAll(async () => {
  slapd = new Slapd("openldap");
  slapd.fill(
    skeleton +
      toPerson("mary.somerville", "Mary Somerville", {
        mobile: "0171 2345678",
        telephoneNumber: "030 123456",
      }) +
      toPerson("noor.ldap", "نور الشريف") +
      toPerson("too.long", "n".repeat(4_000)) +
      Array.from({ length: 40 }, (_, n) => toPerson(`ldap.${n}`, `Directory Person ${n}`)).join("") +
      toLdif(`cn=astronomers,ou=groups,${BASE_DN}`, {
        objectClass: "groupOfNames",
        cn: "astronomers",
        member: `uid=mary.somerville,ou=people,${BASE_DN}`,
      }),
  );
  await slapd.start();
});
test.afterAll(() => slapd.remove());

test("an owner connects a directory, is told what is wrong, sees three of its people, and lets them in", async ({
  page,
}) => {
  await signIn(page, "owner@sparekey.test");
  await page.goto("/directory");
  await look(page, "ldap-none");
  await page.getByRole("link", { name: "Connect a directory" }).click();
  await look(page, "ldap-empty");
  await page.getByLabel("Address").fill(`ldaps://localhost:${slapd.tlsPort}`);
  await page.getByLabel("Account").fill(BIND_DN);
  await page.getByLabel("Password").fill("wrong");
  await page.getByLabel("Kind").selectOption("openldap");
  await page.getByLabel("Base", { exact: true }).fill(`ou=people,${BASE_DN}`);
  await page.getByLabel("Base of groups").fill(`ou=groups,${BASE_DN}`);
  await page.getByLabel("Country of the phone numbers").selectOption("DE");
  const test = () => page.getByRole("button", { name: "Test" }).click();
  await test();
  await expect(page.getByText("The certificate is by no authority that we trust.")).toBeVisible();
  await page.getByLabel("Certificate authority").fill(slapd.ca);
  await test();
  await expect(page.getByText("The directory refuses the account or the password.")).toBeVisible();
  await look(page, "ldap-refused");
  await page.getByLabel("Password").fill(BIND_PASSWORD);
  await test();
  await expect(page.getByText("The filter finds 43 people.")).toBeVisible();
  await expect(page.getByText("text +49 ••• ••• 5678, call +49 ••• ••• 3456")).toBeVisible();
  await look(page, "ldap-tested");
  await page.getByLabel("Filter for people").fill("(uid=*");
  await page.getByRole("button", { name: "Keep" }).click();
  await expect(page.getByText("This isn’t a filter that ends.")).toBeVisible();
  await page.getByLabel("Filter for people").fill("(objectClass=inetOrgPerson)");
  await page.getByRole("button", { name: "Keep" }).click();
  await expect(page.getByRole("button", { name: "See the first sync" })).toBeVisible();
  await look(page, "ldap-connected");

  await page.getByRole("button", { name: "See the first sync" }).click();
  await expect(page).toHaveURL(/\/directory\/[0-9a-f-]{36}$/);
  await expect(page.getByText("42 people are added and nobody is changed.")).toBeVisible({ timeout: 60_000 });
  await look(page, "ldap-preview");
  await page.getByRole("button", { name: "Import", exact: true }).click();
  await expect(page.getByText("done", { exact: true })).toBeVisible({ timeout: 60_000 });
  await page.goto("/users?q=mary+somerville");
  await expect(page.getByRole("link", { name: "Mary Somerville" })).toBeVisible();

  await page.goto("/directory/ldap");
  await expect(page.getByLabel("Password")).toHaveValue("");
  await expect(page.getByLabel("Account")).toHaveValue(BIND_DN);
  await look(page, "ldap-kept");
});

test("who may only look sees the directory, and no way to its settings", async ({ page }) => {
  await signIn(page, "auditor@sparekey.test");
  await page.goto("/directory");
  await expect(
    page.getByRole("region", { name: "LDAP directory" }).getByText("ldaps://localhost"),
  ).toBeVisible();
  await expect(page.getByRole("link", { name: "Settings" })).toHaveCount(0);
  await look(page, "ldap-reader");
  expect((await page.request.get("/directory/ldap")).status()).toBe(403);
});
