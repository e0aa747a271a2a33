import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { agentFilesPath, listAgentFiles } from "@/lib/machines/agent-files";
import { buildAgent } from "@/tools/build-agent";
import { openTestDatabase } from "@/tools/testing/database";
import { openDoors } from "@/tools/testing/doors";

openTestDatabase();
const doors = openDoors();

test("a machine fetches each file as the console's digest says, and nothing else by that door", async () => {
  await buildAgent();
  const files = await listAgentFiles();
  expect(files?.map(({ name }) => name)).toEqual([
    "sparekey-agent.mjs",
    "verify-code",
    "sparekey-agent.service",
    "sparekey-second-factor",
  ]);
  for (const { name, sha256 } of files ?? []) {
    const answer = await doors.call("GET", `${agentFilesPath}${name}`);
    expect([answer.status, createHash("sha256").update(answer.text).digest("hex")]).toEqual([200, sha256]);
  }
  expect((await doors.call("GET", `${agentFilesPath}verify-code`)).text).toBe(
    readFileSync("agent/linux/verify-code", "utf8"),
  );
  for (const name of ["package.json", "..%2f..%2fpackage.json", "constructor", "%2e%2e", "dist"])
    expect((await doors.call("GET", `${agentFilesPath}${name}`)).status).toBe(404);
});
