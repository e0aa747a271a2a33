import { randomUUID } from "node:crypto";
import { describe, expect, test } from "vitest";
import { handOver } from "@/lib/directory/hand-over";
import { importUsers } from "@/lib/directory/import";
import { setPhone } from "@/lib/directory/set-phone";
import { confirmImport, resumeImport, stopImport } from "@/lib/imports/acts";
import type { Batch, ImportKind, JobInHand } from "@/lib/imports/kind";
import { systemContext } from "@/lib/platform/context";
import { inTransaction } from "@/lib/platform/transaction";
import { openTestDatabase, staffContext } from "@/tools/testing/database";
import {
  toActiveDirectoryPeople,
  toGroup,
  toOpenldapPeople,
  toOpenldapPerson,
  toPersonDn,
  toRemoval,
} from "@/tools/testing/ldap";
import { openTestDirectory } from "@/tools/testing/ldap-sync";
import { insertGrant } from "@/tools/testing/rows";
import { BASE_DN, isSlapdThere } from "@/tools/testing/slapd";
import { addStaff } from "@/tools/testing/staff";
import { askSync, sweepSyncs } from "./ask-sync";
import { toWindowsTime } from "./entry";
import { OpenDirectory } from "./ldap-adapter";
import { DirectoryReader, type Roll } from "./reader";
import { forgetDirectory } from "./save-directory";
import { toKeptDirectory } from "./settings";
import { type DirectoryRow, findDirectory } from "./store";
import { ldapImports } from "./sync";
import { SyncPass } from "./sync-pass";

const db = openTestDatabase();
const owner = () => staffContext("owner");
const { connect, connectCounting, run, readJob, sync, findUser, snapshot } = openTestDirectory(db);

describe.skipIf(!isSlapdThere)(
  "with a real slapd (skipped where Debian's slapd and ldap-utils aren't there)",
  { timeout: 240_000 },
  () => {
    test("the first sync of 1,200 people waits for a word, and the next changes nothing, not a row", async () => {
      await connect(
        "openldap",
        toOpenldapPerson("ada", {
          displayName: "Ada Lovelace",
          manager: toPersonDn("zoe"),
          mobile: "0171 2345678",
          telephoneNumber: "+44 20 7946 0142",
        }) +
          toOpenldapPeople(1_200) +
          toOpenldapPerson("zoe") +
          toOpenldapPerson("long", { displayName: "n".repeat(4_000) }) +
          toGroup("openldap", "admins", [toPersonDn("ada")]),
      );
      const first = await sync({ isConfirmed: false });
      expect(first.job).toMatchObject({
        state: "waiting",
        enabled_before: 0,
        preview_counts: { people: 1_203, added: 1_202, refused: 1, disabled: 0, managersUnknown: 0 },
      });
      expect(await db.sql`select 1 from users`).toHaveLength(0);
      const [refusal] = await db.sql`select cells, why from import_refusal where job_id = ${first.jobId}`;
      expect(refusal).toEqual({
        cells: ["long", expect.any(String)],
        why: { reason: "too_long", name: "displayName", max: 3000 },
      });

      await confirmImport(owner(), { jobId: first.jobId, disabled: null });
      await run(first.jobId);
      expect(await readJob(first.jobId)).toMatchObject({
        state: "done",
        counts: { added: 1_202, refused: 1 },
      });
      expect(await findUser("ada")).toMatchObject({
        source: "ldap",
        directory_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        display_name: "Ada Lovelace",
        manager: "zoe",
        groups: ["admins"],
        phones: { sms: "+491712345678", voice: "+442079460142" },
      });

      const before = await snapshot();
      const second = await sync({ isFull: true });
      expect(second.job).toMatchObject({
        state: "done",
        counts: { added: 0, changed: 0, unchanged: 1_202, disabled: 0 },
      });
      expect(await snapshot()).toEqual(before);
    });

    test("who leaves the directory loses every live grant in the same transaction", async () => {
      const server = await connect("openldap", toOpenldapPeople(30));
      await sync();
      const leaver = await findUser("p7");
      const { id: grantId } = await insertGrant(db.sql, leaver?.id as string);
      server.modify(toRemoval("p7"));
      const { job } = await sync();
      expect(job).toMatchObject({
        state: "done",
        counts: { disabled: 1, absent: 1, grantsEnded: 1, people: expect.any(Number) },
      });
      const [row] = await db.sql`
      select g.xmin::text = u.xmin::text as together, g.end_reason from grants g join users u on u.id = g.user_id where g.id = ${grantId}`;
      expect(row).toEqual({ together: true, end_reason: "disabled" });
      const events =
        await db.sql`select kind, details from audit_event where user_id = ${leaver?.id as string} order by id`;
      expect(events.map(({ kind }) => kind)).toEqual(["grant.revoked", "user.disabled"]);
      expect(events[1]).toMatchObject({ details: { because: "absent", grantsEnded: 1 } });
    });

    test("a phone that changed there is changed here, with its date, and one that staff set stays", async () => {
      const server = await connect(
        "openldap",
        toOpenldapPeople(3) +
          toOpenldapPerson("ada", { mobile: "+12025550101" }) +
          toOpenldapPerson("bob", { mobile: "+12025550102" }),
      );
      await sync();
      const [ada, bob] = [await findUser("ada"), await findUser("bob")];
      await db.sql`update user_phone set changed_at = '2020-01-01'`;
      await inTransaction((tx) =>
        setPhone(tx, {
          userId: bob?.id as string,
          channel: "sms",
          e164: "+12025550199",
          by: "staff",
          holdSeconds: 7 * 86_400,
        }),
      );
      for (const [login, number] of [
        ["ada", "+12025550103"],
        ["bob", "+12025550104"],
      ] as const)
        server.modify(`dn: ${toPersonDn(login)}\nchangetype: modify\nreplace: mobile\nmobile: ${number}\n`);
      expect((await sync()).job).toMatchObject({ state: "done", counts: { changed: 1, phonesKept: 1 } });
      expect(await findUser("ada")).toMatchObject({ id: ada?.id, phones: { sms: "+12025550103" } });
      expect(await findUser("bob")).toMatchObject({ phones: { sms: "+12025550199" } });
      const [phone] =
        await db.sql`select changed_at > '2026-01-01' as marked, changed_by, held_until from user_phone where user_id = ${ada?.id as string}`;
      expect(phone).toEqual({ marked: true, changed_by: null, held_until: null });
      const [event] =
        await db.sql`select details from audit_event where kind = 'phone.changed' and user_id = ${ada?.id as string}`;
      expect(event?.details).toEqual({ channel: "sms", before: "01", after: "03", by: "directory" });
    });

    test("a directory that goes away in the middle ends the sync, nobody is disabled, and it goes on later", async () => {
      const server = await connect("openldap", toOpenldapPeople(400));
      await sync();
      server.modify(
        [3, 5, 8].map((n) => toRemoval(`p${n}`)).join("") +
          toOpenldapPeople(250, 1_000)
            .replace(/^dn::.*$/gm, (dn) => `${dn}\nchangetype: add`)
            .replace(/^entryUUID::.*\n/gm, ""),
      );
      const killing: ImportKind = {
        preview: ldapImports.preview,
        async *write(job) {
          let count = 0;
          for await (const batch of ldapImports.write(job)) {
            yield batch;
            count += 1;
            if (count === 10) await server.kill();
          }
        },
      };
      const { jobId, job } = await sync({ isFull: true, kind: killing });
      expect(job).toMatchObject({ state: "failed", failure: "source_away", counts: { disabled: 0 } });
      expect(job.failure_why).toMatchObject({ reason: "went_away" });
      expect(await db.sql`select 1 from users where disabled_at is not null`).toHaveLength(0);

      await server.start();
      expect(await resumeImport(owner(), { jobId })).toEqual({ ok: true });
      await run(jobId);
      expect(await readJob(jobId)).toMatchObject({
        state: "done",
        counts: { people: 647, added: 250, disabled: 3, absent: 3, refused: 0 },
      });
      const [count] = await db.sql`select count(*)::int as n, count(disabled_at)::int as disabled from users`;
      expect(count).toEqual({ n: 650, disabled: 3 });
    });

    test("a list that is short disables nobody: who is missing is asked for by id", async () => {
      const server = await connect("openldap", toOpenldapPeople(60));
      await sync();
      server.modify(toRemoval("p1"));
      class ShortReader extends DirectoryReader {
        override async *readRoll(): AsyncGenerator<Roll> {
          for await (const roll of super.readRoll())
            yield { ...roll, ids: new Set([...roll.ids].slice(0, 40)) };
        }
      }
      async function* readShort(job: JobInHand, isWriting: boolean): AsyncGenerator<Batch> {
        const row = (await inTransaction(findDirectory)) as DirectoryRow;
        const { address, scope } = toKeptDirectory(row);
        const directory = new OpenDirectory(address);
        await directory.open();
        yield* new SyncPass(job, row, new ShortReader(directory, scope), isWriting).batches();
        await directory.close();
      }
      const kind: ImportKind = {
        preview: (job) => readShort(job, false),
        write: (job) => readShort(job, true),
      };
      expect((await sync({ isFull: true, kind })).job).toMatchObject({
        state: "done",
        counts: { disabled: 1, absent: 1, unchanged: 59 },
      });
      expect(await db.sql`select login from users where disabled_at is not null`).toEqual([{ login: "p1" }]);
    });

    test("more than a tenth to be disabled waits for their number, and grants live until it is said", async () => {
      const server = await connect("openldap", toOpenldapPeople(40));
      await sync();
      const leaver = await findUser("p1");
      const { id: grantId } = await insertGrant(db.sql, leaver?.id as string);
      server.modify([1, 2, 3, 4, 5].map((n) => toRemoval(`p${n}`)).join(""));
      const { jobId, job } = await sync({ isConfirmed: false });
      expect(job).toMatchObject({
        state: "waiting",
        enabled_before: 40,
        preview_counts: { disabled: 5, absent: 5 },
      });
      expect(await db.sql`select 1 from grants where id = ${grantId} and ended_at is null`).toHaveLength(1);
      expect(await askSync(owner(), { isFull: false })).toMatchObject({ reason: "syncs_already" });
      await sweepSyncs(systemContext("sweep", randomUUID()));
      expect(await db.sql`select 1 from import_job where state = 'queued'`).toHaveLength(0);
      expect(await confirmImport(owner(), { jobId, disabled: 4 })).toMatchObject({
        reason: "disabled_not_named",
      });
      expect(await confirmImport(owner(), { jobId, disabled: 5 })).toEqual({ ok: true });
      server.modify([6, 7].map((n) => toRemoval(`p${n}`)).join(""));
      await run(jobId);
      expect(await readJob(jobId)).toMatchObject({ state: "failed", failure: "too_many_disabled" });
      expect(await db.sql`select 1 from users where disabled_at is not null`).toHaveLength(0);

      expect((await sync()).job).toMatchObject({ state: "done", counts: { disabled: 7, grantsEnded: 1 } });
    });

    test("of Active Directory only what changed since is read, all ids are, and a changed group makes it read everything", async () => {
      const server = await connectCounting(
        toActiveDirectoryPeople(60) +
          toGroup("active-directory", "vpn", [toPersonDn("p1")], { uSNChanged: 60 }),
        60,
      );
      expect((await sync()).job).toMatchObject({ state: "done", counts: { added: 60, people: 60 } });
      const [off, gone] = [await findUser("p3"), await findUser("p4")];
      await insertGrant(db.sql, off?.id as string);
      server.modify(
        `dn: ${toPersonDn("p3")}\nchangetype: modify\nreplace: userAccountControl\nuserAccountControl: 514\n-\nreplace: uSNChanged\nuSNChanged: 61\n-\nreplace: mail\nmail: ${"x".repeat(300)}\n\n` +
          `dn: ${toPersonDn("p5")}\nchangetype: modify\nreplace: title\ntitle: Analyst\n\n` +
          toRemoval("p4"),
      );
      const next = await sync();
      expect(next.job).toMatchObject({
        state: "done",
        counts: { people: 1, refused: 1, changed: 0, disabled: 2, absent: 1, grantsEnded: 1 },
      });
      for (const user of [off, gone])
        expect(
          await db.sql`select 1 from users where id = ${user?.id as string} and disabled_at is not null`,
        ).toHaveLength(1);

      server.modify(
        `dn: cn=vpn,ou=groups,${BASE_DN}\nchangetype: modify\nadd: member\nmember: ${toPersonDn("p2")}\n-\nreplace: uSNChanged\nuSNChanged: 62\n`,
      );
      expect((await sync()).job).toMatchObject({ state: "done", counts: { people: 59, changed: 2 } });
      expect(await findUser("p2")).toMatchObject({ groups: ["vpn"] });
      expect(await findUser("p5")).toMatchObject({ title: "Analyst" });
    });

    test("an account of Active Directory that expires is disabled at the next sync, although nothing changed it", async () => {
      const server = await connectCounting(toActiveDirectoryPeople(40), 40);
      const expire = (login: string, at: number) =>
        server.modify(
          `dn: ${toPersonDn(login)}\nchangetype: modify\nreplace: accountExpires\naccountExpires: ${toWindowsTime(at)}\n`,
        );
      expire("p1", Date.now() + 3600_000);
      expire("p2", Date.now() + 3600_000);
      await sync();
      await insertGrant(db.sql, (await findUser("p1"))?.id as string);
      expire("p1", Date.now() - 60_000);
      expect((await sync()).job).toMatchObject({
        state: "done",
        counts: { people: 1, changed: 0, disabled: 1, grantsEnded: 1 },
      });
      expect(await db.sql`select login from users where disabled_at is not null`).toEqual([{ login: "p1" }]);
      expect((await sync()).job).toMatchObject({ counts: { people: 1, unchanged: 1, disabled: 0 } });
    });

    test("whom another source keeps is left alone, until an operator hands them over", async () => {
      await connect(
        "openldap",
        toOpenldapPerson("ada", { displayName: "From LDAP" }) + toOpenldapPerson("bob"),
      );
      await inTransaction((tx) =>
        importUsers(tx, [
          { directoryId: "ada", login: "ada", firstName: "A", lastName: "L", displayName: "From a file" },
          { directoryId: "old", login: "carl", firstName: "C", lastName: "C", displayName: "Carl" },
        ]),
      );
      const { staffId } = await addStaff("helpdesk");
      await db.sql`update staff set user_directory_id = 'ada' where id = ${staffId}`;
      const ada = await findUser("ada");
      expect((await sync()).job).toMatchObject({
        state: "done",
        counts: { added: 1, refused: 1, disabled: 0 },
      });
      expect(await findUser("ada")).toMatchObject({ display_name: "From a file", source: "csv" });
      expect(
        await handOver({ ...owner(), actor: { kind: "operator", name: "hand-over-to-ldap" } }, "ldap"),
      ).toEqual({ people: 2 });
      expect((await sync({ isFull: true })).job).toMatchObject({
        state: "done",
        counts: { changed: 1, refused: 0, disabled: 1 },
      });
      const now = await findUser("ada");
      expect(now).toMatchObject({
        id: ada?.id,
        display_name: "From LDAP",
        directory_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      });
      const [staff] = await db.sql`select user_directory_id from staff where id = ${staffId}`;
      expect(staff?.user_directory_id).toBe(now?.directory_id);
      expect((await findUser("carl"))?.disabled_at).not.toBeNull();
    });

    test("the clock asks for the next sync when it is due, and not before the first was confirmed", async () => {
      await connect("openldap", toOpenldapPeople(12));
      const tick = () => sweepSyncs(systemContext("sweep", randomUUID()));
      await tick();
      expect(await db.sql`select 1 from import_job`).toHaveLength(0);
      await sync();
      await tick();
      expect(await db.sql`select 1 from import_job where asked_by_kind = 'system'`).toHaveLength(0);
      await db.sql`update ldap_directory set next_at = now() - interval '1 second'`;
      await Promise.all([tick(), tick()]);
      const jobs = await db.sql`select id, state, confirm from import_job where asked_by_kind = 'system'`;
      expect(jobs).toMatchObject([{ state: "queued", confirm: "beyond_tenth" }]);
      await run(jobs[0]?.id);
      const [row] =
        await db.sql`select next_at - now() as wait, extract(epoch from next_at - now())::int as seconds from ldap_directory`;
      expect(row?.seconds).toBeGreaterThan(13 * 60);
      expect(row?.seconds).toBeLessThan(17 * 60);
      expect(await forgetDirectory(owner())).toEqual({ ok: true });
      expect(await askSync(owner(), { isFull: false })).toMatchObject({ reason: "not_found" });
    });

    test("a batch that clashed with another door and is run again brings the same people in, and counts them once", async () => {
      await connect("openldap", toOpenldapPeople(30));
      const clashing: ImportKind = {
        preview: ldapImports.preview,
        async *write(job) {
          for await (const batch of ldapImports.write(job)) {
            let isFirst = true;
            yield async (tx, ctx) => {
              const moved = await batch(tx, ctx);
              if (isFirst) {
                isFirst = false;
                throw Object.assign(new Error("clash"), { code: "23505" });
              }
              return moved;
            };
          }
        },
      };
      expect((await sync({ kind: clashing })).job).toMatchObject({
        state: "done",
        counts: { people: 30, added: 30, unchanged: 0 },
      });
    });

    test("a sync is stopped between two batches, and goes on without doing or counting anything twice", async () => {
      await connect("openldap", toOpenldapPeople(300), { pageSize: 50 });
      const asked = await askSync(owner(), { isFull: false });
      const jobId = asked.ok ? asked.jobId : "";
      await run(jobId);
      await confirmImport(owner(), { jobId, disabled: null });
      const stopping: ImportKind = {
        preview: ldapImports.preview,
        async *write(job) {
          for await (const batch of ldapImports.write(job)) {
            yield batch;
            const [now] = await db.sql`select counts from import_job where id = ${jobId}`;
            if (now?.counts.added === 100) expect(await stopImport(owner(), { jobId })).toEqual({ ok: true });
          }
        },
      };
      await run(jobId, stopping);
      expect(await readJob(jobId)).toMatchObject({ state: "stopped", counts: { added: 100 } });
      await resumeImport(owner(), { jobId });
      await run(jobId);
      expect(await readJob(jobId)).toMatchObject({
        state: "done",
        counts: { people: 300, added: 300, changed: 0, unchanged: 100 },
      });
    });
  },
);

test("only owners ask for syncs", async () => {
  for (const role of ["helpdesk", "lead", "security", "auditor"] as const)
    await expect(askSync(staffContext(role), { isFull: false })).rejects.toMatchObject({ name: "Denied" });
  await expect(handOver(staffContext("security"), "ldap")).rejects.toMatchObject({ name: "Denied" });
});
