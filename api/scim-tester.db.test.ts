import { execFile, spawnSync } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { openTestDatabase } from "@/tools/testing/database";
import { openDoors } from "@/tools/testing/doors";
import { makeScimToken } from "@/tools/testing/scim";

openTestDatabase();
const doors = openDoors();

const python = process.env.TEST_PYTHON ?? "python3";
const isThere = spawnSync(python, ["-c", "import scim2_tester, httpx2"], { timeout: 20_000 }).status === 0;

/**
 * Where we do other than the checker asks, on purpose: an address is always primary; somebody without a name for display is shown
 * by the others, and without `active` stays as they were; members and managers are told with their names.
 */
const known =
  /^ERROR check_(add|replace)_attribute .* for '(emails|members|urn:ietf:params:scim:schemas:extension:enterprise:2\.0:User(:manager)?)'|^ERROR check_remove_attribute .* '(displayName|active)'/;

test.skipIf(!isThere)(
  "scim2-tester, a checker by others, finds nothing wrong but what is on purpose (skipped where Python has no scim2-tester)",
  async () => {
    const { token } = await makeScimToken();
    const { stdout } = await promisify(execFile)(python, [
      "tools/testing/scim-tester.py",
      `${doors.url}/scim/v2`,
      token,
    ]);
    const lines = stdout.trim().split("\n");
    const counts = lines.pop();
    expect(lines.filter((line) => !known.test(line))).toEqual([]);
    expect(Number(/'SUCCESS': (\d+)/.exec(counts ?? "")?.[1])).toBeGreaterThan(70);
  },
  60_000,
);
