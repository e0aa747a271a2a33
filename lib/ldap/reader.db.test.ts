import { type AddressInfo, createServer } from "node:net";
import { FilterParser } from "ldapts";
import { afterAll, afterEach, beforeEach, describe, expect, test } from "vitest";
import { sayWhy } from "@/lib/directory/say-why";
import { inTransaction } from "@/lib/platform/transaction";
import { openTestDatabase, staffContext } from "@/tools/testing/database";
import {
  toActiveDirectoryPerson,
  toGroup,
  toOpenldapPerson,
  toPersonDn,
  toSettings,
} from "@/tools/testing/ldap";
import { BASE_DN, isSlapdThere, Slapd, skeleton } from "@/tools/testing/slapd";
import type { BadEntry, DirectoryPerson } from "./entry";
import { directorySettingsInput } from "./input";
import { type OpenDirectory, withDirectory } from "./ldap-adapter";
import type { Flavour } from "./model";
import { readDirectory } from "./read-directory";
import { DirectoryReader, LatestChange, type Roll } from "./reader";
import { forgetDirectory, saveDirectory } from "./save-directory";
import { toDirectory, toKeptDirectory } from "./settings";
import { findDirectory } from "./store";
import { testDirectory } from "./test-directory";

const db = openTestDatabase();
const owner = () => staffContext("owner");

const slapds: Slapd[] = [];
async function startSlapd(
  flavour: Flavour,
  ldif: string,
  root: Record<string, string | number> = {},
): Promise<Slapd> {
  const slapd = new Slapd(flavour);
  slapds.push(slapd);
  slapd.setRoot(root);
  slapd.fill(skeleton + ldif);
  await slapd.start();
  return slapd;
}
afterEach(() => Promise.all(slapds.splice(0).map((slapd) => slapd.remove())));
beforeEach(() => db.sql`delete from ldap_directory`);
afterAll(() => Promise.all(slapds.map((slapd) => slapd.remove())));

function read<T>(
  settings: ReturnType<typeof toSettings>,
  work: (reader: DirectoryReader, directory: OpenDirectory) => Promise<T>,
): Promise<T> {
  const { address, scope } = toDirectory({ ...settings, password: settings.password ?? "" });
  return withDirectory(address, (directory) => work(new DirectoryReader(directory, scope), directory));
}

async function readAll(settings: ReturnType<typeof toSettings>): Promise<(DirectoryPerson | BadEntry)[]> {
  return read(settings, async (reader) => {
    const people = [];
    for await (const page of reader.readPeople(await reader.readGroups(), null)) people.push(...page);
    return people;
  });
}

async function callRoll(reader: DirectoryReader): Promise<Roll> {
  const rolls = [];
  for await (const roll of reader.readRoll()) rolls.push(roll);
  return rolls.at(-1) as Roll;
}

const some = (count: number, flavour: Flavour) =>
  Array.from({ length: count }, (_, n) =>
    flavour === "openldap" ? toOpenldapPerson(`p${n}`) : toActiveDirectoryPerson(`p${n}`, n + 1),
  ).join("");

describe.skipIf(!isSlapdThere)(
  "of a real slapd (skipped where Debian's slapd and ldap-utils aren't there)",
  { timeout: 240_000 },
  () => {
    test.each(["openldap", "active-directory"] as const)(
      "more people than it gives at once are all read, by pages: %s",
      async (flavour) => {
        const slapd = await startSlapd(flavour, some(1_234, flavour));
        const settings = toSettings(slapd, flavour);
        expect(await readAll(settings)).toHaveLength(1_234);
        const roll = await read(settings, callRoll);
        expect(roll.ids.size).toBe(1_234);
        expect(roll.idByDn.get(toPersonDn("p7"))).toMatch(/^[0-9a-f-]{36}$/);
      },
    );

    test("a person of OpenLDAP is read with phones, manager, groups and groups of groups", async () => {
      const slapd = await startSlapd(
        "openldap",
        toOpenldapPerson("boss") +
          toOpenldapPerson("Ada", {
            entryUUID: "1b4E28BA-2fa1-11d2-883f-0016d3cca427",
            displayName: "Ada Lovelace",
            employeeNumber: "1001",
            title: "Analyst",
            departmentNumber: "R&D",
            l: "London",
            mobile: ["ext. 12", "0171 2345678"],
            telephoneNumber: "+44 20 7946 0142",
            manager: `CN=boss, OU=people,${BASE_DN}`,
            preferredLanguage: "en_gb, de;q=0.5",
          }) +
          toOpenldapPerson("locked", { pwdAccountLockedTime: "000001010000Z" }) +
          toOpenldapPerson("mistyped", { pwdAccountLockedTime: "20261128120000Z" }) +
          toGroup("openldap", "vpn", [toPersonDn("ada")]) +
          toGroup("openldap", "all", [`cn=vpn,ou=groups,${BASE_DN}`, `cn=loop,ou=groups,${BASE_DN}`]) +
          toGroup("openldap", "loop", [`cn=all,ou=groups,${BASE_DN}`]),
      );
      const people = await readAll(toSettings(slapd, "openldap"));
      const of = (login: string) => people.find((person) => person.login === login);
      expect(of("Ada")).toEqual({
        directoryId: "1b4e28ba-2fa1-11d2-883f-0016d3cca427",
        login: "Ada",
        key: "ada",
        managerDn: toPersonDn("boss"),
        phonesUnread: 0,
        fields: {
          displayName: "Ada Lovelace",
          firstName: "Ada",
          lastName: "Person",
          email: "Ada@example.com",
          employeeNumber: "1001",
          title: "Analyst",
          department: "R&D",
          site: "London",
          language: "en-GB",
          sms: "+491712345678",
          voice: "+442079460142",
          groups: ["all", "loop", "vpn"],
          isDisabled: false,
        },
      });
      expect(of("locked")).toMatchObject({ fields: { isDisabled: true } });
      expect(of("mistyped")).toMatchObject({ fields: { isDisabled: false } });
    });

    test("a person of Active Directory is read by its bytes, flags and dates", async () => {
      const windowsTime = (date: string) =>
        String((BigInt(Date.parse(date)) + 11_644_473_600_000n) * 10_000n);
      const slapd = await startSlapd(
        "active-directory",
        toActiveDirectoryPerson("ada", 5, {
          objectGUID: Buffer.from("efbbbf00a12fd211883f0016d3cca427", "hex"),
          mobile: "+1 202 555 0101",
          employeeID: "E1",
          department: "R&D",
        }) +
          toActiveDirectoryPerson("off", 6, { userAccountControl: 514 }) +
          toActiveDirectoryPerson("expired", 7, { accountExpires: windowsTime("2020-01-01") }) +
          toActiveDirectoryPerson("lasting", 8, { accountExpires: windowsTime("2120-01-01") }) +
          toActiveDirectoryPerson("never", 9, { accountExpires: "9223372036854775807" }) +
          toGroup("active-directory", "Domain Admins", [`cn=inner,ou=groups,${BASE_DN}`]) +
          toGroup("active-directory", "inner", [toPersonDn("off")]),
      );
      slapd.modify(
        `dn: cn=inner,ou=groups,${BASE_DN}\nchangetype: modify\nadd: member\nmember: ${toPersonDn("ada")}\n\n` +
          `dn: cn=Domain Admins,ou=groups,${BASE_DN}\nchangetype: modify\nreplace: member\nmember: cn=inner,ou=groups,${BASE_DN}\n`,
      );
      const people = await readAll(toSettings(slapd, "active-directory"));
      const disabled = people.filter((person) => ("why" in person ? person : person.fields).isDisabled);
      expect(disabled.map(({ login }) => login).sort()).toEqual(["expired", "off"]);
      expect(people.find(({ login }) => login === "ada")).toMatchObject({
        directoryId: "00bfbbef-2fa1-11d2-883f-0016d3cca427",
        fields: { sms: "+12025550101", employeeNumber: "E1", groups: ["Domain Admins", "inner"] },
      });
    });

    test("what changed since is read alone, of both: by the count of changes, or by the time", async () => {
      const ad = await startSlapd("active-directory", some(20, "active-directory"), {
        highestCommittedUSN: 17,
        dsServiceName: `cn=NTDS Settings,${BASE_DN}`,
      });
      const settings = toSettings(ad, "active-directory");
      expect(await read(settings, (reader) => reader.readCursor())).toBeNull();
      ad.modify(
        `dn: cn=NTDS Settings,${BASE_DN}\nchangetype: add\nobjectClass: nTDSDSA\ncn: NTDS Settings\ninvocationId:: ${Buffer.alloc(16, 1).toString("base64")}\n`,
      );
      const cursor = await read(settings, (reader) => reader.readCursor());
      expect(cursor).toEqual({ by: "usn", usn: "17", invocationId: "01010101-0101-0101-0101-010101010101" });
      const changed = await read(settings, async (reader) => {
        const found = [];
        for await (const page of reader.readPeople(await reader.readGroups(), cursor)) found.push(...page);
        return found;
      });
      expect(changed.map(({ login }) => login)).toEqual(["p17", "p18", "p19"]);

      const latest = new LatestChange();
      for (const at of ["", "20260101000000Z", "20261128190500Z", "x", "20261128190459Z"]) latest.note(at);
      expect(latest.toCursor()).toEqual({ by: "time", modifiedAt: "20261128185500Z" });
      const open = await startSlapd(
        "openldap",
        toOpenldapPerson("old", { modifyTimestamp: "20200101000000Z" }) +
          toOpenldapPerson("new", { modifyTimestamp: "20261128190000Z" }),
      );
      const later = await read(toSettings(open, "openldap"), async (reader) => {
        const found = [];
        for await (const page of reader.readPeople(await reader.readGroups(), latest.toCursor()))
          found.push(...page);
        return found;
      });
      expect(later.map(({ login }) => login)).toEqual(["new"]);
    });

    test("who is asked for by id is found while the filter has them, and nobody else is", async () => {
      const slapd = await startSlapd("active-directory", some(3, "active-directory"));
      await read(toSettings(slapd, "active-directory"), async (reader) => {
        const { ids } = await callRoll(reader);
        const groups = await reader.readGroups();
        expect(
          await reader.lookUp([...ids, "00000000-0000-0000-0000-000000000000", "*", ")(cn=*"], groups),
        ).toHaveLength(3);
      });
    });

    test.each([
      ["another authority", { ca: "other" }, "certificate_untrusted"],
      ["the authorities that Node knows", { ca: null }, "certificate_untrusted"],
      ["a name that is none", { url: "ldaps://directory.invalid" }, "name_not_found"],
      ["a port where nobody is", { url: "ldaps://localhost:9" }, "unreachable"],
      ["another password", { password: "wrong" }, "bind_refused"],
      ["a name that nobody has", { bindDn: "cn=nobody,dc=example,dc=com" }, "bind_refused"],
      ["a base that isn't there", { baseDn: "ou=nowhere,dc=example,dc=com" }, "base_not_found"],
      ["TLS where there is none", { url: "plain" }, "tls_failed"],
      ["what is no directory", { url: "other" }, "answered_oddly"],
    ] as const)(
      "a test of settings says precisely what is wrong: %s",
      async (_, { ca, ...other }: Record<string, unknown>, reason) => {
        const slapd = await startSlapd("openldap", some(1, "openldap"));
        const settings = toSettings(slapd, "openldap", other);
        if (ca === "other") settings.caCertificate = slapd.otherCa;
        if (ca === null) settings.caCertificate = null;
        if (settings.url === "plain") settings.url = `ldaps://localhost:${slapd.port}`;
        const stranger = createServer((socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n")).listen(0);
        if (settings.url === "other")
          settings.url = `ldap://localhost:${(stranger.address() as AddressInfo).port}`;
        const ctx = owner();
        expect(await testDirectory(ctx, settings)).toMatchObject({
          ok: false,
          reason,
          detail: expect.any(String),
        });
        const [event] =
          await db.sql`select kind, outcome, reason, details::text from audit_event where request_id = ${ctx.requestId}`;
        stranger.close();
        expect(event).toMatchObject({ kind: "directory.ldap-tested", outcome: "refused", reason });
        expect(event?.details).not.toContain("wrong");
      },
    );

    test("StartTLS comes before the password, and a certificate for another name is refused under it", async () => {
      const slapd = await startSlapd("openldap", some(2, "openldap"));
      const settings = toSettings(slapd, "openldap", {
        url: `ldap://localhost:${slapd.port}`,
        startsTls: true,
      });
      expect(await testDirectory(owner(), settings)).toMatchObject({ ok: true, people: 2 });
      const byAddress = { ...settings, url: `ldap://127.0.0.2:${slapd.port}` };
      expect(await testDirectory(owner(), byAddress)).toMatchObject({ ok: false });
      expect(await testDirectory(owner(), { ...settings, caCertificate: slapd.otherCa })).toMatchObject({
        reason: "certificate_untrusted",
      });
    });

    test("a test shows how many the filter finds, and three as they would look", async () => {
      const slapd = await startSlapd(
        "openldap",
        some(150, "openldap") + toOpenldapPerson("x", { uid: "a\0b" }),
      );
      expect(await testDirectory(owner(), toSettings(slapd, "openldap", { pageSize: 1000 }))).toMatchObject({
        ok: true,
        people: 151,
        isMore: false,
        sample: [{ login: "p0", email: "p0@example.com", sms: null, groups: [], isDisabled: false }, {}, {}],
        refused: [{ login: "a b", why: { reason: "control_characters", name: "uid" } }],
      });
    });

    test("a directory that is killed between two pages is told as gone, and no page follows", async () => {
      const slapd = await startSlapd("openldap", some(300, "openldap"));
      const pages = read(toSettings(slapd, "openldap"), async (_, directory) => {
        let count = 0;
        const filter = FilterParser.parseString("(objectClass=inetOrgPerson)");
        for await (const page of directory.pages({
          base: BASE_DN,
          filter,
          attributes: ["uid"],
          pageSize: 100,
        })) {
          count += page.length;
          await slapd.kill();
          expect(count).toBe(100);
        }
      });
      await expect(pages).rejects.toMatchObject({ reason: "went_away" });
    });

    test("a connection that was lost is not made again behind our back, where it would be nobody's and in the clear", async () => {
      const slapd = await startSlapd("openldap", some(1, "openldap"));
      const settings = toSettings(slapd, "openldap", {
        url: `ldap://localhost:${slapd.port}`,
        startsTls: true,
      });
      await read(settings, async (reader) => {
        await slapd.kill();
        await slapd.start();
        await expect(callRoll(reader)).rejects.toMatchObject({ reason: "went_away" });
      });
    });

    test("hostile values of entries are refused by name, and never stop the others", async () => {
      const slapd = await startSlapd(
        "openldap",
        toOpenldapPerson("nul", { displayName: "a\0b\u0007c" }) +
          toOpenldapPerson("huge", { displayName: "n".repeat(1_000_000) }) +
          toOpenldapPerson("binary", { audio: Buffer.from([0xff, 0xfe, 0x00]) }) +
          toOpenldapPerson("wide", { mail: "é".repeat(255) }) +
          toOpenldapPerson("*)(uid=*", { uid: "*)(uid=*))(|(uid=*" }) +
          toOpenldapPerson("numbers", { mobile: ["9".repeat(32), "0".repeat(32)], telephoneNumber: "110" }) +
          toOpenldapPerson("fine"),
      );
      const people = await readAll(toSettings(slapd, "openldap", { attributes: { title: "audio" } }));
      const whys = people.flatMap((person) => ("why" in person ? [sayWhy("en", person.why)] : []));
      expect(whys.sort()).toEqual([
        "audio is not text",
        "displayName is longer than 3000 characters",
        "mail is longer than 254 characters",
      ]);
      const taken = people.flatMap((person) => ("why" in person ? [] : [person]));
      expect(taken.map(({ login }) => login).sort()).toEqual([
        "*)(uid=*))(|(uid=*",
        "fine",
        "nul",
        "numbers",
      ]);
      expect(taken.find(({ login }) => login === "nul")?.fields.displayName).toBe("a b c");
      expect(taken.find(({ login }) => login === "numbers")).toMatchObject({
        phonesUnread: 2,
        fields: { sms: null, voice: null },
      });
    });

    test("settings are kept without the password, which goes with its address, name and authority alone", async () => {
      const slapd = await startSlapd("openldap", "");
      const settings = toSettings(slapd, "openldap");
      expect(await saveDirectory(owner(), { ...settings, password: null })).toMatchObject({
        reason: "password_needed",
      });
      expect(await saveDirectory(owner(), settings)).toEqual({ ok: true });
      const view = await readDirectory(owner());
      expect(view).toMatchObject({ url: settings.url, version: 1, nextAt: null });
      expect(JSON.stringify(view)).not.toMatch(/cipher|pässwörd/i);
      const row = await inTransaction(findDirectory);
      expect(toKeptDirectory(row as never).address.password).toBe(settings.password);
      expect(Buffer.from(row?.passwordCipher ?? []).includes("wörd")).toBe(false);

      const again = { ...settings, password: null, pageSize: 50 };
      expect(await saveDirectory(owner(), again)).toEqual({ ok: true });
      expect(await testDirectory(owner(), again)).toMatchObject({ ok: true });
      for (const other of [
        { url: "ldaps://elsewhere.example" },
        { bindDn: "cn=another" },
        { caCertificate: null },
      ]) {
        expect(await saveDirectory(owner(), { ...again, ...other })).toMatchObject({
          reason: "password_needed",
        });
        expect(await testDirectory(owner(), { ...again, ...other })).toMatchObject({
          reason: "password_needed",
        });
      }
      await db.sql`update ldap_directory set url = 'ldaps://attacker.example'`;
      expect(() =>
        toKeptDirectory({ ...(row as never as object), url: "ldaps://attacker.example" } as never),
      ).toThrow("do not open");
    });
  },
);

test("only an owner changes, tests or forgets settings, with a second factor that is fresh", async () => {
  const settings = { ...toSettings({ ca: null, tlsPort: 636 } as never, "openldap"), caCertificate: null };
  const stale = staffContext("owner", { isSteppedUp: false });
  for (const role of ["helpdesk", "lead", "security", "auditor"] as const)
    for (const act of [saveDirectory, testDirectory, forgetDirectory])
      await expect(act(staffContext(role), settings)).rejects.toMatchObject({ name: "Denied" });
  for (const act of [saveDirectory, testDirectory, forgetDirectory])
    expect(await act(stale, settings)).toMatchObject({ ok: false, reason: "step_up_needed" });
  await saveDirectory(owner(), settings);
  await expect(readDirectory(staffContext("helpdesk"))).rejects.toMatchObject({ name: "Denied" });
  expect(await readDirectory(staffContext("auditor"))).toMatchObject({ url: settings.url });
  expect(await forgetDirectory(owner())).toEqual({ ok: true });
  expect(await forgetDirectory(owner())).toMatchObject({ reason: "not_found" });
});

test.each([
  ["a password in the clear", { url: "ldap://directory.example" }],
  ["StartTLS under TLS", { url: "ldaps://directory.example", startsTls: true }],
  ["another scheme", { url: "http://directory.example" }],
  ["an address with a path", { url: "ldaps://directory.example/dc=x" }],
  ["an address with a name", { url: "ldaps://a:b@directory.example" }],
  ["a filter that doesn't end", { userFilter: "(&(objectClass=user)" }],
  ["two filters", { userFilter: "(uid=*)(cn=*)" }],
  ["a filter of 3,000 characters", { userFilter: `(cn=${"x".repeat(3_000)})` }],
  ["no name to sign in by, which is nobody's", { bindDn: " " }],
  ["an attribute with a filter in it", { attributes: { login: "uid)(cn" } }],
  ["no id", { attributes: { id: "" } }],
  [
    "a certificate that is none",
    { caCertificate: "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----" },
  ],
  ["pages of one", { pageSize: 1 }],
])("settings are refused: %s", (_, other) => {
  const settings = { ...toSettings({ ca: null, tlsPort: 636 } as never, "openldap"), caCertificate: null };
  expect(directorySettingsInput.safeParse(settings).success).toBe(true);
  expect(directorySettingsInput.safeParse({ ...settings, ...other }).success).toBe(false);
});
