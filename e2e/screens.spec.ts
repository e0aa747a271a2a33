import { expectAccessible, signIn } from "./desk";
import { expect, test } from "./product";

const screens = [
  "/users",
  "/users?q=ada",
  "/grants",
  "/overview",
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

/** Lists whose columns all fit, on a phone those that it has room for. */
const fitting = ["/users", "/users?q=ada", "/grants", "/audit", "/staff", "/clients", "/outgoing"];

test("every page says that this is the demo, and that no second factor guards it", async ({ page }) => {
  const said = page.getByText(/no second factor/);
  for (const path of ["/signin", "/otp", "/payroll"]) {
    await page.goto(path);
    await expect(said, path).toBeVisible();
  }
  await signIn(page, "owner@sparekey.test");
  for (const path of screens) {
    await page.goto(path);
    await expect(said, path).toBeVisible();
  }
});

for (const [where, width, colorScheme] of [
  ["on a phone, in the dark", 390, "dark"],
  ["on a desk, in light", 1280, "light"],
] as const)
  test(`no page of the console scrolls sideways, and axe finds nothing, ${where}`, async ({ page }) => {
    test.slow();
    await signIn(page, "owner@sparekey.test");
    await page.setViewportSize({ width, height: 844 });
    for (const path of screens) {
      await page.goto(path);
      await page.waitForLoadState("networkidle");
      const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      expect([path, width, Math.max(0, over)]).toEqual([path, width, 0]);
      if (fitting.includes(path)) {
        const cutOff = await page
          .getByRole("group")
          .evaluateAll((frames) => Math.max(0, ...frames.map((each) => each.scrollWidth - each.clientWidth)));
        expect([path, width, cutOff]).toEqual([path, width, 0]);
      }
      await page.emulateMedia({ colorScheme });
      await expectAccessible(page);
    }
  });
