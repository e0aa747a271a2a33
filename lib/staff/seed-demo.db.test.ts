import { expect, test } from "vitest";
import { openTestDatabase, publicContext } from "@/tools/testing/database";
import { enteringContext } from "@/tools/testing/staff";
import { toStaffContext } from "./live-session";
import { roles } from "./model";
import { openSession } from "./open-session";
import { seedDemoStaff } from "./seed-demo";
import { signIn } from "./sign-in";

const db = openTestDatabase({ SPAREKEY_DEMO: "1" });

test("the demo has five staff, however often it is seeded, and a password lets each of them in", async () => {
  await seedDemoStaff();
  await seedDemoStaff();
  expect(await db.sql`select 1 from staff`).toHaveLength(5);
  for (const role of roles) {
    const result = await signIn(publicContext(), {
      email: `${role}@sparekey.test`,
      password: "sparekey-demo",
    });
    if (!result.ok) throw new Error(result.reason);
    const opened = await openSession(publicContext(), { token: result.token });
    if (opened === undefined) throw new Error("no session");
    const ctx = await enteringContext(opened.token);
    expect(toStaffContext(ctx.session, ctx)?.actor).toMatchObject({ role });
  }
});
