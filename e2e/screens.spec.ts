import { expectAccessible, signIn } from "./desk";
import { expect, test } from "./product";

const screens = [
  "/users",
  "/users?q=ada",
  "/grants",
  "/audit",
  "/policy",
  "/staff",
  "/clients",
  "/outgoing",
  "/account",
  "/machines",
  "/machines/enrol",
  "/directory",
  "/directory/ldap",
  "/docs/api",
  "/docs/api/cloud-administration-api",
];

test("no page of the console scrolls sideways on a phone, and axe finds nothing, in light and dark", async ({
  page,
}) => {
  await signIn(page, "owner@sparekey.test");
  for (const width of [390, 1280]) {
    await page.setViewportSize({ width, height: 844 });
    for (const path of screens) {
      await page.goto(path);
      await page.waitForLoadState("networkidle");
      const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      expect([path, width, Math.max(0, over)]).toEqual([path, width, 0]);
      await page.emulateMedia({ colorScheme: width === 390 ? "dark" : "light" });
      await expectAccessible(page);
    }
  }
});
