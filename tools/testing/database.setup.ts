import { mkdtempSync, rmSync } from "node:fs";
import path from "node:path";
import type { TestProject } from "vitest/node";
import { connect } from "@/db/client";
import { migrate } from "@/db/migrate";
import { startEmbeddedPostgres } from "@/tools/postgres/embedded";

declare module "vitest" {
  interface ProvidedContext {
    databaseServer: string;
    databaseTemplate: string;
  }
}

/**
 * Brings up the server that all database tests share, with a migrated template that each test file clones.
 * `TEST_DATABASE_URL` names a server to use instead of an embedded one (its login must be allowed to create databases).
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const given = process.env.TEST_DATABASE_URL;
  const folder = given === undefined ? mkdtempSync("/tmp/sparekey-test-") : undefined;
  const embedded =
    folder === undefined
      ? undefined
      : await startEmbeddedPostgres(path.join(folder, "pg"), { durable: false });
  const server = given ?? (embedded?.url() as string);
  const template = `sparekey_template_${process.pid}`;
  const admin = connect(server, { max: 1 });
  await admin.unsafe(`create database ${template}`);
  const address = new URL(server);
  address.pathname = `/${template}`;
  await migrate(address.href);
  project.provide("databaseServer", server);
  project.provide("databaseTemplate", template);
  return async () => {
    await admin.unsafe(`drop database if exists ${template} with (force)`);
    await admin.end();
    await embedded?.stop();
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  };
}
