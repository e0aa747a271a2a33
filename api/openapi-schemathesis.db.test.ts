import { execFile, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openTestDatabase } from "@/tools/testing/database";
import { openDoors } from "@/tools/testing/doors";
import { type Credentials, makeCredentials } from "@/tools/testing/reference";

openTestDatabase();
const doors = openDoors();
const python = process.env.TEST_PYTHON ?? "python3";
const isThere = spawnSync(python, ["-c", "import schemathesis"], { timeout: 60_000 }).status === 0;
const folder = mkdtempSync(path.join(tmpdir(), "sparekey-schemathesis-"));
let credentials: Credentials;

beforeAll(async () => {
  credentials = await makeCredentials(doors);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const checks = [
  "not_a_server_error",
  "status_code_conformance",
  "content_type_conformance",
  "response_schema_conformance",
];

/** Each door of the reference, and as whom it is called; nobody signs as a machine does. */
const tested = [
  ["OAuth", undefined],
  ["Cloud Administration API", "oauth"],
  ["Authentication API", "clientKey"],
  ["RADIUS", "clientKey"],
  ["SCIM 2.0", "scimToken"],
  ["Machines", "legacyKey"],
] as const;

test.skipIf(!isThere).each(tested)(
  "Schemathesis, a fuzzer by others, finds no fault and nothing undocumented at %s (skipped where Python has no schemathesis)",
  async (tag, scheme) => {
    const shown = scheme === undefined ? {} : (credentials.headers[scheme] ?? {});
    const { stdout } = await promisify(execFile)(
      python,
      [
        ...["-m", "schemathesis.cli", "run", `${doors.url}/docs/api/openapi.json`, "--url", doors.url],
        ...["--include-tag", tag, "--checks", checks.join(","), "--phases", "examples,coverage,fuzzing"],
        ...["--max-examples", "8", "--generation-deterministic", "--no-shrink"],
        ...["--suppress-health-check", "all", "--warnings", "off", "--no-color"],
        ...Object.entries(shown).flatMap(([name, value]) => ["-H", `${name}: ${value}`]),
      ],
      { cwd: folder, maxBuffer: 64 * 1024 * 1024, timeout: 170_000 },
    ).catch((error: { stdout?: string; stderr?: string }) => ({
      stdout: `FAILED ${error.stdout}${error.stderr}`,
    }));
    expect(stdout).not.toMatch(/^FAILED/);
    expect(stdout).toContain("No issues found");
  },
  180_000,
);
