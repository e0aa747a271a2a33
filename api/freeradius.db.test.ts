import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { answerAsk } from "@/lib/authn/answer-ask";
import { createClient } from "@/lib/clients/create";
import { revokeGrant } from "@/lib/grants/revoke";
import { deliver } from "@/lib/otp/deliver";
import { systemContext } from "@/lib/platform/context";
import { openTestDatabase, staffContext } from "@/tools/testing/database";
import { openDoors } from "@/tools/testing/doors";
import { insertPerson, issueCode } from "@/tools/testing/issuing";
import {
  type Freeradius,
  hasEapolTest,
  hasFreeradius,
  quote,
  startFreeradius,
  startLossyNetwork,
} from "@/tools/testing/radius";
import { insertGrant } from "@/tools/testing/rows";
import { Listener } from "@/tools/testing/standin";
import { openTelephony } from "@/tools/testing/telephony";

const db = openTestDatabase();
const telephony = openTelephony();
const doors = openDoors();

const [accept, challenge, reject] = ["Access-Accept", "Access-Challenge", "Access-Reject"];
const wrongCode = "0000-0000-0000-0000";

async function makeUser() {
  const id = await insertPerson(db.sql);
  const [row] = await db.sql<
    { login: string; sms: string; voice: string }[]
  >`select login, max(e164) filter (where channel = 'sms') as sms, max(e164) filter (where channel = 'voice') as voice
    from users join user_phone on user_id = id where id = ${id} group by login`;
  return { id, ...row! };
}

describe.skipIf(!hasFreeradius)(
  "Debian's FreeRADIUS with the configuration that we ship (needs root, freeradius, freeradius-rest, freeradius-utils)",
  () => {
    let radius: Freeradius;
    let clientKey = "";

    beforeAll(async () => {
      const made = await createClient(staffContext("owner"), {
        kind: "client_key",
        name: "radius",
        callsPerSecond: 1000,
      });
      if (!made.ok || made.kind !== "client_key") throw new Error("no key");
      clientKey = made.clientKey;
      radius = await startFreeradius(doors.url, clientKey);
    });
    afterAll(() => radius?.close());

    const ask = (name: string, password: string, more: Record<string, string> = {}) =>
      radius.send({ "User-Name": quote(name), "User-Password": quote(password), ...more });
    const codeOf = async (...asked: Parameters<typeof ask>) => (await ask(...asked)).code;

    /** Does what the worker does with what was asked for in the attempt that a State is of, and reads what arrived. */
    async function readPhone(state: string, e164: string): Promise<string> {
      const ctx = systemContext("worker", randomUUID());
      const attemptId = state.slice(2, 34);
      const [row] = await db.sql<
        { id: string }[]
      >`select id from channel_ask where attempt_id = ${attemptId} and handled_at is null`;
      expect(await answerAsk(ctx, { askId: row!.id })).toBe("sent");
      const [delivery] = await db.sql<
        { id: string }[]
      >`select d.id from delivery d join challenge c on c.id = d.challenge_id where c.attempt_id = ${attemptId} order by d.created_at desc limit 1`;
      await deliver(ctx, { deliveryId: delivery!.id }, telephony.provider());
      const [entry] = await telephony.inbox(e164);
      return /(?:\d[\s,.]*){6}/.exec(entry?.text ?? "")?.[0].replace(/\D/g, "") ?? "";
    }

    test("an access code opens once, and the log says through which RADIUS client", async () => {
      const user = await makeUser();
      const { text, grantId } = await issueCode(user.id);
      const more = { "Calling-Station-Id": quote("203.0.113.77"), "NAS-Identifier": quote("somebody else") };
      expect(await codeOf(user.login, wrongCode, more)).toBe(reject);
      expect(await codeOf(user.login, `${text}9`, more)).toBe(reject);
      expect(await codeOf(user.login, text, more)).toBe(accept);
      expect(await codeOf(user.login, text, more)).toBe(reject);
      const events = await db.sql`
        select e.kind, p.actor_label, p.source_ip, p.user_agent from audit_event e join audit_personal p on p.event_id = e.id
        where e.grant_id = ${grantId} and e.kind in ('grant.redeemed', 'code.judged') order by e.id`;
      const common = {
        actor_label: "radius",
        source_ip: "203.0.113.77",
        user_agent: "RADIUS client vpn-gateway",
      };
      expect(events).toEqual([
        { kind: "code.judged", ...common },
        { kind: "grant.redeemed", ...common },
        { kind: "code.judged", ...common },
      ]);
    });

    test("a revoked code and a name that nobody has are rejected", async () => {
      const user = await makeUser();
      const { text, grantId } = await issueCode(user.id);
      await revokeGrant(staffContext("owner"), { grantId, reason: "mistake" });
      expect(await codeOf(user.login, text)).toBe(reject);
      expect(await codeOf(`nobody-${randomUUID()}`, text)).toBe(reject);
      expect(await codeOf(" ", text)).toBe(reject);
    });

    test.each([
      ["sms", "sms"],
      ["Text ", "sms"],
      ["voice", "voice"],
      ["Anruf", "voice"],
    ] as const)(
      "%s in the password field: what arrives opens, with the State, once",
      async (word, channel) => {
        const user = await makeUser();
        await insertGrant(db.sql, user.id, channel);
        const asked = await ask(user.login, word);
        expect(asked).toMatchObject({ code: challenge, message: expect.stringContaining("6 digits") });
        const digits = await readPhone(asked.state!, user[channel]);
        expect(digits).toMatch(/^\d{6}$/);
        expect(await codeOf(user.login, digits)).toBe(reject);
        const wrong = digits === "000000" ? "000001" : "000000";
        const again = await ask(user.login, wrong, { State: asked.state! });
        expect(again).toMatchObject({ code: challenge, message: expect.stringContaining("not right") });
        expect(await codeOf(user.login, digits, { State: asked.state! })).toBe(reject);
        const other = await makeUser();
        expect(await codeOf(other.login, digits, { State: again.state! })).toBe(reject);
        expect(await codeOf(user.login, digits, { State: again.state! })).toBe(accept);
        expect(await codeOf(user.login, digits, { State: again.state! })).toBe(reject);
      },
    );

    test("a stranger learns nothing: the same course for who has access, who hasn't, and who isn't there", async () => {
      const courses = [];
      const open = await makeUser();
      await issueCode(open.id);
      await insertGrant(db.sql, open.id);
      for (const name of [open.login, (await makeUser()).login, `nobody-${randomUUID()}`]) {
        const course = [await ask(name, wrongCode), await ask(name, "123456"), await ask(name, "sms")];
        for (let i = 0; i < 3; i += 1)
          course.push(await ask(name, "000000", { State: course.at(-1)!.state! }));
        courses.push(course.map(({ code, message }) => [code, message]));
      }
      expect(courses[0]?.map(([code]) => code)).toEqual([
        reject,
        reject,
        challenge,
        challenge,
        challenge,
        reject,
      ]);
      expect(courses[1]).toEqual(courses[0]);
      expect(courses[2]).toEqual(courses[0]);
    });

    test("sent-again: a request that comes over and over is judged once, sends once, and hears the same answer", async () => {
      const user = await makeUser();
      await insertGrant(db.sql, user.id);
      const { text, grantId } = await issueCode(user.id, { replaces: "any" });
      const network = await startLossyNetwork(radius.port, 3);
      try {
        const through = { port: network.port, timeout: 1, tries: 8 };
        const send = (password: string) =>
          radius.send({ "User-Name": quote(user.login), "User-Password": quote(password) }, through);
        expect((await send(text)).code).toBe(accept);
        expect(network.requests).toBeGreaterThan(1);
        expect(new Set(network.answers).size).toBe(1);
        const kinds =
          await db.sql`select kind, details->>'subject' as subject from audit_event where kind like 'code.%' or grant_id = ${grantId} order by id`;
        expect(kinds.filter(({ kind }) => kind === "grant.redeemed")).toHaveLength(1);
        network.answers.length = 0;
        const asked = await send("sms");
        expect(asked.code).toBe(challenge);
        expect(new Set(network.answers).size).toBe(1);
        const asks = await db.sql`
          select 1 from channel_ask k join authn_attempt a on a.id = k.attempt_id where a.subject_name = ${user.login}`;
        expect(asks).toHaveLength(1);
        const digits = await readPhone(asked.state!, user.sms);
        expect(await codeOf(user.login, digits, { State: asked.state! })).toBe(accept);
      } finally {
        network.close();
      }
    });

    const marker = `/tmp/sparekey-radius-${randomUUID()}`;

    test.each([
      "%{User-Name}",
      "%{exec:/usr/bin/touch MARKER}",
      "%{md5:x}%{Cleartext-Password}%s%n%x",
      "`/usr/bin/touch MARKER`",
      '"},"User-Name":{"type":"string","value":["VICTIM"]},"x":{"value":["',
      "a\\000VICTIM",
      "\\001\\r\\n\\\\\\377\\303\\274 ü",
      "' or 1=1; --",
      `ada${"x".repeat(240)}`,
    ])("what is typed is text: %s is nobody's name and no code, and expands to nothing", async (pattern) => {
      const user = await makeUser();
      const { text } = await issueCode(user.id);
      const hostile = pattern.replace("MARKER", marker).replace("VICTIM", user.login);
      const typed = `"${hostile.replaceAll('"', '\\"')}"`;
      const send = (name: string, password: string) =>
        radius.send({ "User-Name": name, "User-Password": password });
      const short = typed.length > 120 ? '"x"' : typed;
      expect((await send(typed, quote(text))).code).toBe(reject);
      expect((await send(quote(user.login), short)).code).toBe(reject);
      const asked = await send(typed, quote("sms"));
      expect(asked.code).toBe(challenge);
      const [row] =
        await db.sql`select subject_name from authn_attempt where id = ${asked.state!.slice(2, 34)}`;
      const plain: Record<string, string> = {
        "a\\000VICTIM": `a\ufffd${user.login}`,
        "\\001\\r\\n\\\\\\377\\303\\274 ü": "\x01\r\n\\\xff\xc3\xbc \xc3\xbc",
      };
      expect(row?.subject_name).toBe(plain[pattern] ?? hostile);
      expect(existsSync(marker)).toBe(false);
      expect((await send(quote(user.login), quote(text))).code).toBe(accept);
    });

    test("a name of any script is who it is", async () => {
      const user = await makeUser();
      const name = `jörg.мария-${randomUUID().slice(0, 8)}`;
      await db.sql`update users set login = ${name}, login_key = ${name} where id = ${user.id}`;
      expect(await codeOf(name, (await issueCode(user.id)).text)).toBe(accept);
    });

    test("PAP alone is judged, and what isn't signed is not answered", async () => {
      const user = await makeUser();
      const { text } = await issueCode(user.id);
      const chap = { "User-Name": quote(user.login), "CHAP-Password": quote(text) };
      expect((await radius.send(chap)).code).toBe(reject);
      const pap = { "User-Name": quote(user.login), "User-Password": quote(text) };
      expect((await radius.send(pap, { unsigned: true, timeout: 1 })).code).toBeUndefined();
      expect((await radius.send(pap)).code).toBe(accept);
    });

    test("without a clear yes of ours nobody is let in: door away, broken, another's, or a wrong key", async () => {
      const user = await makeUser();
      const { text } = await issueCode(user.id);
      const stranger = await Listener.start();
      const json = { "content-type": "application/json" };
      const answers = [
        { status: 200 },
        { status: 200, headers: { "content-type": "text/html" }, body: "<html>Sign in</html>" },
        { status: 200, headers: json, body: "{}" },
        { status: 200, headers: json, body: '{"control:Auth-Type":"Accept"}' },
        { status: 200, headers: json, body: "{" },
        { status: 202, headers: json, body: '{"reply:State":"0x00"}' },
        { status: 302, headers: { location: "/" } },
        { status: 403 },
        { status: 429 },
        { status: 500 },
        { status: 503 },
      ];
      const attributes = { "User-Name": quote(user.login), "User-Password": quote(text) };
      const lost = await startFreeradius(stranger.url, clientKey);
      try {
        for (const answer of answers) {
          stranger.answer = () => answer;
          expect((await lost.send(attributes)).code, JSON.stringify(answer)).toBe(reject);
        }
        await stranger.close();
        expect((await lost.send(attributes)).code).toBe(reject);
      } finally {
        await lost.close();
      }
      const keyless = await startFreeradius(doors.url, "not-a-key");
      try {
        expect((await keyless.send(attributes)).code).toBe(reject);
      } finally {
        await keyless.close();
      }
      expect((await radius.send(attributes)).code).toBe(accept);
    });

    test("what a device says within TLS of where it is isn't believed", async () => {
      const user = await makeUser();
      const { grantId } = await issueCode(user.id);
      const within = {
        "FreeRADIUS-Proxied-To": "127.0.0.1",
        "Calling-Station-Id": quote("203.0.113.78"),
      };
      expect(await codeOf(user.login, wrongCode, within)).toBe(reject);
      const [event] = await db.sql`
        select p.source_ip from audit_event e join audit_personal p on p.event_id = e.id
        where e.grant_id = ${grantId} and e.kind = 'code.judged'`;
      expect(event?.source_ip).not.toBe("203.0.113.78");
    });

    test.skipIf(!hasEapolTest).each([
      ["TTLS", "PAP"],
      ["PEAP", "GTC"],
    ])("Wi-Fi by %s with %s takes an access code, once (needs eapol_test)", async (eap, phase2) => {
      const user = await makeUser();
      await insertGrant(db.sql, user.id);
      const { text } = await issueCode(user.id);
      const join = (password: string) => radius.joinWifi({ eap, phase2, identity: user.login, password });
      expect(await join("sms")).toBeUndefined();
      expect(await join(wrongCode)).toBeUndefined();
      expect(await join(text)).toBe(user.login);
      expect(await join(text)).toBeUndefined();
      const asks = await db.sql`
        select 1 from channel_ask k join authn_attempt a on a.id = k.attempt_id where a.subject_name = ${user.login}`;
      expect(asks).toHaveLength(0);
      const [row] =
        await db.sql`select p.user_agent from audit_event e join audit_personal p on p.event_id = e.id where e.user_id = ${user.id} and e.kind = 'grant.redeemed'`;
      expect(row?.user_agent).toBe("RADIUS client vpn-gateway, station 02-00-00-00-00-01");
    });

    test.skipIf(!hasEapolTest).each([
      ["TTLS", "PAP"],
      ["PEAP", "GTC"],
    ])("Wi-Fi by %s with %s lets nobody in under another's outer name", async (eap, phase2) => {
      const [{ id, login }, other] = [await makeUser(), await makeUser()];
      const { text } = await issueCode(id);
      const join = (outer: string) =>
        radius.joinWifi({ eap, phase2, identity: login, password: text, outer });
      for (const outer of [
        other.login,
        `${other.login}@example.com`,
        `${login}@example.com`,
        `${login}2`,
        `anonymous.${other.login}`,
        `${other.login}.anonymous`,
      ])
        expect(await join(outer), outer).toBeUndefined();
      expect(await join("anonymous")).toBe(login);
    });

    test.skipIf(!hasEapolTest).each([
      ["TTLS", "PAP"],
      ["PEAP", "GTC"],
    ])("Wi-Fi by %s with %s tells the access point who was proven", async (eap, phase2) => {
      const { id, login } = await makeUser();
      const shouted = login.toUpperCase();
      for (const [outer, identity] of [
        ["Anonymous", login],
        ["anonymous@example.com", login],
        ["@example.com", login],
        [login, login],
        [shouted, login],
        [login, shouted],
      ] as const) {
        const { text } = await issueCode(id);
        expect(await radius.joinWifi({ eap, phase2, identity, password: text, outer }), outer).toBe(identity);
      }
    });

    test.skipIf(!hasEapolTest)(
      "Wi-Fi by MS-CHAP, which needs the password itself, is not let in",
      async () => {
        const user = await makeUser();
        const { text } = await issueCode(user.id);
        const network = { eap: "PEAP", phase2: "MSCHAPV2", identity: user.login, password: text };
        expect(await radius.joinWifi(network)).toBeUndefined();
      },
    );

    test.skipIf(!hasEapolTest)("Wi-Fi by GTC outside of TLS asks for no code and takes none", async () => {
      const { id, login } = await makeUser();
      const { text } = await issueCode(id);
      const network = await startLossyNetwork(radius.port, 0);
      try {
        const gtc = { eap: "GTC", phase2: "GTC", identity: login, outer: login, password: text };
        expect(await radius.joinWifi({ ...gtc, port: network.port })).toBeUndefined();
        expect(network.requests).toBeGreaterThan(1);
        expect(network.answers.join()).not.toContain(Buffer.from("Access code").toString("hex"));
      } finally {
        network.close();
      }
      const tunnelled = { eap: "PEAP", phase2: "GTC", identity: login, password: text };
      expect(await radius.joinWifi(tunnelled)).toBe(login);
    });

    test("neither the key, nor a code, nor a name stands in FreeRADIUS's log", () => {
      expect(radius.log()).not.toMatch(new RegExp(`${clientKey}|user-[0-9a-f]{8}|[0-9A-Z]{4}-[0-9A-Z]{4}-`));
    });
  },
);
