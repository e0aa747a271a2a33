import { expect, test } from "vitest";
import { openTestDatabase, staffContext } from "@/tools/testing/database";
import { changePolicy } from "./change";
import { listPolicyChanges } from "./history";
import { defaultPolicy } from "./model";

const db = openTestDatabase();

test("every version that was in force is listed with when and by whom, for those who may read the policy", async () => {
  const [member] =
    await db.sql`insert into staff (email, email_key, name, role) values ('o@x.test', 'o@x.test', 'Olu Adeyemi', 'owner') returning id`;
  const owner = staffContext("owner", { staffId: member?.id as string });
  await changePolicy(staffContext("owner"), {
    expectedVersion: 0,
    policy: { ...defaultPolicy, countries: [] },
  });
  await changePolicy(owner, { expectedVersion: 1, policy: defaultPolicy });
  expect(await listPolicyChanges(staffContext("auditor"))).toMatchObject([
    { version: 2, by: "Olu Adeyemi", before: { countries: [] }, after: defaultPolicy },
    { version: 1, by: null, before: defaultPolicy, after: { countries: [] } },
  ]);
  await expect(listPolicyChanges(staffContext("helpdesk"))).rejects.toMatchObject({ name: "Denied" });
});
