import { describe, expect, test } from "vitest";
import { importUsers } from "@/lib/directory/import";
import { inTransaction } from "@/lib/platform/transaction";
import { openTestDatabase } from "@/tools/testing/database";
import {
  toActiveDirectoryPeople,
  toActiveDirectoryPerson,
  toOpenldapPeople,
  toOpenldapPerson,
  toPersonDn,
  toRemoval,
} from "@/tools/testing/ldap";
import { openTestDirectory } from "@/tools/testing/ldap-sync";
import { insertGrant } from "@/tools/testing/rows";
import { BASE_DN, isSlapdThere } from "@/tools/testing/slapd";

const db = openTestDatabase();
const { connect, connectCounting, sync, findUser, snapshot } = openTestDirectory(db);

const rename = (name: string, login: string, usn: number) =>
  `dn: ${toPersonDn(name)}\nchangetype: modify\nreplace: sAMAccountName\nsAMAccountName: ${login}\n-\nreplace: uSNChanged\nuSNChanged: ${usn}\n\n`;

describe.skipIf(!isSlapdThere)(
  "with a real slapd (skipped where Debian's slapd and ldap-utils aren't there)",
  { timeout: 240_000 },
  () => {
    test("another login, name or OU is the same person, and a login that is given to another is another's", async () => {
      const server = await connect(
        "openldap",
        toOpenldapPeople(30) + toOpenldapPerson("ada") + toOpenldapPerson("bob"),
        {
          baseDn: BASE_DN,
        },
      );
      await sync();
      const [ada, bob] = [await findUser("ada"), await findUser("bob")];
      const { id: grantId } = await insertGrant(db.sql, bob?.id as string);
      server.modify(
        `dn: ${toPersonDn("ada")}\nchangetype: modify\nreplace: uid\nuid: ada.king\n-\nreplace: displayName\ndisplayName: Ada King\n\n` +
          `dn: ${toPersonDn("ada")}\nchangetype: modrdn\nnewrdn: cn=Ada King\ndeleteoldrdn: 1\nnewsuperior: ou=former,${BASE_DN}\n\n` +
          toRemoval("bob") +
          `dn: cn=Other Bob,ou=people,${BASE_DN}\nchangetype: add\nobjectClass: inetOrgPerson\ncn: Other Bob\nsn: Bob\nuid: bob\n\n` +
          `dn: cn=Third,ou=people,${BASE_DN}\nchangetype: add\nobjectClass: inetOrgPerson\ncn: Third\nsn: Third\nuid: ada\n\n`,
      );
      expect((await sync()).job).toMatchObject({
        state: "done",
        counts: { added: 2, disabled: 1, refused: 0 },
      });
      expect(await findUser("ada.king")).toMatchObject({
        id: ada?.id,
        display_name: "Ada King",
        disabled_at: null,
      });
      expect((await findUser("ada"))?.id).not.toBe(ada?.id);
      expect(await findUser("bob")).toMatchObject({ last_name: "Bob", disabled_at: null });
      const [former] =
        await db.sql`select deleted_by, disabled_at is not null as disabled from users where id = ${bob?.id as string}`;
      expect(former).toEqual({ deleted_by: "LDAP", disabled: true });
      const [grant] = await db.sql`select end_reason from grants where id = ${grantId}`;
      expect(grant).toEqual({ end_reason: "disabled" });
    });

    test("logins that move on are followed in one sync, to a new person too, and so are those that are passed round", async () => {
      const server = await connectCounting(toActiveDirectoryPeople(40), 40);
      await sync();
      const logins = ["p1", "p2", "p5", "p6", "p7", "p8", "p9"];
      const before = await Promise.all(logins.map(findUser));
      server.modify(
        rename("p1", "p2", 41) +
          rename("p2", "q", 42) +
          toActiveDirectoryPerson("new", 43, { sAMAccountName: "p1" }).replace(
            /^dn::.*$/m,
            "$&\nchangetype: add",
          ) +
          rename("p5", "p6", 44) +
          rename("p6", "p5", 45) +
          rename("p7", "p8", 46) +
          rename("p8", "p9", 47) +
          rename("p9", "p7", 48),
      );
      expect((await sync()).job).toMatchObject({
        state: "done",
        preview_counts: { people: 8, added: 1, changed: 7, refused: 0, disabled: 0 },
        counts: { people: 8, added: 1, changed: 7, refused: 0, disabled: 0 },
      });
      const after = await Promise.all(["p2", "q", "p6", "p5", "p8", "p9", "p7"].map(findUser));
      expect(after.map((user) => user?.id)).toEqual(before.map((user) => user?.id));
      expect(await findUser("p1")).toMatchObject({ first_name: "new" });
      const unchanged = await snapshot();
      expect((await sync({ isFull: true })).job).toMatchObject({ counts: { unchanged: 41, refused: 0 } });
      expect(await snapshot()).toEqual(unchanged);
    });

    test("a login that everybody hands on to the next is followed through all batches", async () => {
      const server = await connect("openldap", toOpenldapPeople(600));
      await sync();
      const before = await db.sql`select id, login from users order by id`;
      server.modify(
        Array.from(
          { length: 600 },
          (_, n) => `dn: ${toPersonDn(`p${n}`)}\nchangetype: modify\nreplace: uid\nuid: p${n + 1}\n\n`,
        ).join(""),
      );
      expect((await sync()).job).toMatchObject({
        state: "done",
        preview_counts: { changed: 600, refused: 0 },
        counts: { changed: 600, refused: 0 },
      });
      expect(await db.sql`select id, login from users order by id`).toEqual(
        before.map(({ id, login }) => ({ id, login: `p${Number(login.slice(1)) + 1}` })),
      );
    });

    test("logins that can't be passed on stay where they are, and who keeps theirs isn't refused for whoever wants it", async () => {
      await inTransaction((tx) =>
        importUsers(tx, [
          {
            directoryId: "boss",
            login: "boss",
            email: "boss@example.com",
            firstName: "B",
            lastName: "S",
            displayName: "Boss",
          },
        ]),
      );
      const server = await connectCounting(toActiveDirectoryPeople(40), 40);
      await sync();
      server.modify(
        `dn: ${toPersonDn("p1")}\nchangetype: modify\nreplace: mail\nmail: boss@example.com\n\n` +
          rename("p1", "p2", 41) +
          rename("p2", "p1", 42) +
          rename("p3", "p4", 43) +
          rename("p5", "p3", 44) +
          rename("p6", "p7", 45) +
          rename("p7", "p7", 46),
      );
      const { jobId, job } = await sync();
      expect(job).toMatchObject({
        state: "done",
        preview_counts: { people: 6, unchanged: 1, refused: 5 },
        counts: { people: 6, unchanged: 1, refused: 5 },
      });
      expect(
        await db.sql`select cells[1] as login, why->>'reason' as why from import_refusal where job_id = ${jobId} order by 1`,
      ).toEqual([
        { login: "p1", why: "login_of_another" },
        { login: "p2", why: "email_leads" },
        { login: "p3", why: "login_of_another" },
        { login: "p4", why: "login_of_another" },
        { login: "p7", why: "login_doubled" },
      ]);
    });

    test("whom their entry disables is disabled even where its login is another's, a file's or asked for twice", async () => {
      const server = await connect("openldap", toOpenldapPeople(40));
      await sync();
      await inTransaction((tx) =>
        importUsers(tx, [
          { directoryId: "filed", login: "filed", firstName: "F", lastName: "D", displayName: "Filed" },
        ]),
      );
      const leavers = await Promise.all(["p21", "p22", "p23"].map(findUser));
      for (const leaver of leavers) await insertGrant(db.sql, leaver?.id as string);
      const lock = (login: string, to: string) =>
        `dn: ${toPersonDn(login)}\nchangetype: modify\nreplace: uid\nuid: ${to}\n-\nadd: pwdAccountLockedTime\npwdAccountLockedTime: 000001010000Z\n\n`;
      server.modify(lock("p21", "p9") + lock("p22", "p9") + lock("p23", "filed"));
      const { jobId, job } = await sync({ isFull: true });
      expect(job).toMatchObject({
        state: "done",
        preview_counts: { refused: 3, disabled: 3 },
        counts: { people: 40, refused: 3, unchanged: 37, disabled: 3, absent: 0, grantsEnded: 3 },
      });
      const whys = await db.sql`select why from import_refusal where job_id = ${jobId} order by line`;
      expect(whys.map(({ why }) => why.reason)).toEqual(["login_kept", "login_of_another", "login_doubled"]);
      expect(await db.sql`select login from users where disabled_at is not null order by 1`).toEqual([
        { login: "p21" },
        { login: "p22" },
        { login: "p23" },
      ]);
      expect((await sync({ isFull: true })).job).toMatchObject({
        counts: { refused: 3, disabled: 0, grantsEnded: 0 },
      });
    });

    test("nobody takes a name by which somebody is known whom another source keeps", async () => {
      await inTransaction((tx) =>
        importUsers(tx, [
          {
            directoryId: "ceo",
            login: "ceo@corp.example",
            email: "boss@example.com",
            firstName: "C",
            lastName: "O",
            displayName: "CEO",
          },
        ]),
      );
      await connect(
        "openldap",
        toOpenldapPerson("a", { uid: "boss@example.com" }) +
          toOpenldapPerson("b", { mail: "Boss@example.com" }) +
          toOpenldapPerson("c", { mail: "CEO@corp.example" }) +
          toOpenldapPerson("d"),
      );
      const { jobId, job } = await sync();
      expect(job).toMatchObject({ state: "done", counts: { added: 1, refused: 3 } });
      expect(await db.sql`select why from import_refusal where job_id = ${jobId} order by why`).toEqual([
        { why: { reason: "email_leads", keeper: "file" } },
        { why: { reason: "email_leads", keeper: "file" } },
        { why: { reason: "login_is_email", keeper: "file" } },
      ]);
    });
  },
);
