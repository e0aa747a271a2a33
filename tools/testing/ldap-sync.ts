import { randomBytes, randomUUID } from "node:crypto";
import { afterEach, beforeEach, expect } from "vitest";
import { confirmImport } from "@/lib/imports/acts";
import type { ImportKind } from "@/lib/imports/kind";
import { runImport } from "@/lib/imports/run";
import { askSync } from "@/lib/ldap/ask-sync";
import type { DirectorySettingsInput } from "@/lib/ldap/input";
import type { Flavour } from "@/lib/ldap/model";
import { saveDirectory } from "@/lib/ldap/save-directory";
import { ldapImports } from "@/lib/ldap/sync";
import { systemContext } from "@/lib/platform/context";
import { staffContext, type TestDatabase } from "./database";
import { toSettings } from "./ldap";
import { BASE_DN, Slapd, skeleton } from "./slapd";

const owner = () => staffContext("owner");

/** A directory of a test's own, and the syncs that bring its people in: an empty house before each test, the server gone after it. */
export function openTestDirectory(db: TestDatabase) {
  let slapd: Slapd | undefined;
  afterEach(() => slapd?.remove());
  beforeEach(async () => {
    for (const table of ["import_job", "ldap_directory", "challenge", "grants", "users"])
      await db.sql`delete from ${db.sql(table)}`;
  });

  async function connect(
    flavour: Flavour,
    ldif: string,
    other: Partial<DirectorySettingsInput> = {},
    root: Record<string, string | number> = {},
  ): Promise<Slapd> {
    slapd = new Slapd(flavour);
    slapd.setRoot(root);
    slapd.fill(skeleton + ldif);
    await slapd.start();
    expect(await saveDirectory(owner(), toSettings(slapd, flavour, other))).toEqual({ ok: true });
    return slapd;
  }

  /** Connects an Active Directory whose count of changes stands at `usn`. */
  async function connectCounting(ldif: string, usn: number): Promise<Slapd> {
    const service = `cn=NTDS Settings,${BASE_DN}`;
    const server = await connect(
      "active-directory",
      ldif,
      { attributes: { employeeNumber: "" } },
      { highestCommittedUSN: usn, dsServiceName: service },
    );
    server.modify(
      `dn: ${service}\nchangetype: add\nobjectClass: nTDSDSA\ncn: NTDS Settings\ninvocationId:: ${randomBytes(16).toString("base64")}\n`,
    );
    return server;
  }

  const run = (jobId: string, kind: ImportKind = ldapImports) =>
    runImport(systemContext("import", randomUUID()), { jobId }, { ldap: kind });

  async function readJob(jobId: string) {
    const [job] = await db.sql`select * from import_job where id = ${jobId}`;
    return job as Record<string, never> & {
      state: string;
      counts: Record<string, number>;
      preview_counts: Record<string, number>;
      failure: string | null;
    };
  }

  /** Asks for a sync and runs it, and says yes where it asks. */
  async function sync({ isFull = false, isConfirmed = true, kind = ldapImports } = {}) {
    const asked = await askSync(owner(), { isFull });
    if (!asked.ok) throw new Error(asked.reason);
    const { jobId } = asked;
    await run(jobId, kind);
    const job = await readJob(jobId);
    if (job.state !== "waiting" || !isConfirmed) return { jobId, job };
    expect(await confirmImport(owner(), { jobId, disabled: job.preview_counts.disabled ?? 0 })).toEqual({
      ok: true,
    });
    await run(jobId, kind);
    return { jobId, job: await readJob(jobId) };
  }

  async function findUser(login: string) {
    const [user] = await db.sql`
      select u.*, m.login as manager, array(select group_name from user_group g where g.user_id = u.id order by 1) as groups,
        (select jsonb_object_agg(channel, e164) from user_phone p where p.user_id = u.id) as phones
      from users u left join users m on m.id = u.manager_id where u.login = ${login} and u.deleted_at is null`;
    return user as (Record<string, unknown> & { id: string }) | undefined;
  }

  /** Everything that a sync may touch. */
  const snapshot = async () => [
    ...(await db.sql`select * from users order by id`),
    ...(await db.sql`select * from user_phone order by user_id, channel`),
    ...(await db.sql`select * from user_group order by user_id, group_name`),
    ...(await db.sql`select * from user_search_key order by user_id, rank, head, word, rest`),
  ];

  return { connect, connectCounting, run, readJob, sync, findUser, snapshot };
}
