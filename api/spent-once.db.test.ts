import { randomUUID } from "node:crypto";
import * as rp from "openid-client";
import { afterAll, beforeAll, expect, test } from "vitest";
import { beginAttempt } from "@/lib/authn/begin";
import { beginAttemptInput } from "@/lib/authn/input";
import { proveAttempt } from "@/lib/authn/prove";
import { takeReceipts } from "@/lib/offline/take-receipts";
import { credential, openAuthnApi } from "@/tools/testing/authn-api";
import { openTestDatabase, publicContext } from "@/tools/testing/database";
import { openDoors } from "@/tools/testing/doors";
import { insertPerson, issueCode } from "@/tools/testing/issuing";
import { holdSlots, insertMachine, insertSlots, keepReceipts, proveUse } from "@/tools/testing/offline";
import {
  discover,
  makeApplication,
  openIssuer,
  proveAtOtp,
  signInBy,
  type TestApplication,
} from "@/tools/testing/openid";
import { type Freeradius, hasFreeradius, quote, startFreeradius } from "@/tools/testing/radius";
import { insertReachable, loginOf } from "@/tools/testing/rows";

const db = openTestDatabase();
const doors = openDoors();
const issuer = openIssuer();

const api = openAuthnApi(doors);

let application: TestApplication;
let freeradius: Freeradius | undefined;

beforeAll(async () => {
  application = await makeApplication();
  if (hasFreeradius) freeradius = await startFreeradius(doors.url, api.key);
});
afterAll(() => freeradius?.close());

/** Every door that a code opens something at while there is a network: whether it let in. FreeRADIUS where there is one. */
const online: Record<string, (login: string, code: string) => Promise<boolean>> = {
  async otpPage(login, code) {
    const ctx = publicContext();
    const begun = await beginAttempt(ctx, beginAttemptInput.parse({ door: "otp_page", subjectName: login }));
    const holder = { kind: "browser", secret: begun.secret! } as const;
    const { attemptId } = begun;
    return (await proveAttempt(ctx, { attemptId, holder, method: "access_code", value: code })).ok;
  },
  async authenticationApi(login, code) {
    const { body } = await api.initialize(login, {
      subjectCredentials: credential("EMERGENCY_TOKENCODE", code),
    });
    return body.attemptResponseCode === "SUCCESS";
  },
  async openid(login, code) {
    const config = await discover(issuer.url, application);
    const signedIn = signInBy(config, application, (browser, otpUrl) =>
      proveAtOtp(browser, otpUrl, login, code),
    );
    try {
      const { callback, checks } = await signedIn;
      return (await rp.authorizationCodeGrant(config, callback, checks)).claims() !== undefined;
    } catch (error) {
      if (error instanceof Error && error.message.startsWith("not proven")) return false;
      throw error;
    }
  },
  async radiusDoor(login, code) {
    const body = { "User-Name": { value: [login] }, "User-Password": { value: [code] } };
    return (
      (await doors.call("POST", "/radius/v1/authenticate", { headers: { "client-key": api.key }, body }))
        .status === 204
    );
  },
  ...(hasFreeradius && {
    async radius(login, code) {
      const attributes = { "User-Name": quote(login), "User-Password": quote(code) };
      return (await freeradius?.send(attributes))?.code === "Access-Accept";
    },
  }),
};

/** Somebody on a laptop without a network, with a code that opens once, and what the laptop says when the code was used there. */
async function begin() {
  const id = await insertPerson(db.sql);
  const login = await loginOf(db.sql, id);
  const syncedAt = new Date(Date.now() - 3_600_000);
  const laptop = await insertMachine(db.sql, { users: [id], syncedAt });
  const slots = await insertSlots(db.sql, id);
  await holdSlots(db.sql, laptop, slots);
  const { text, grantId } = await issueCode(id);
  const receipt = await keepReceipts(laptop, { serial: syncedAt.getTime() }).write({
    outcome: "yes",
    userId: id,
    slotId: slots[0]!.id,
    proof: proveUse(text, slots[0]!),
  });
  const handIn = () =>
    takeReceipts(
      {
        actor: { kind: "machine", machineId: laptop.id, name: laptop.name },
        requestId: `test-${randomUUID()}`,
        sourceIp: null,
        userAgent: null,
      },
      [receipt],
    );
  const present = (copies: number) =>
    Promise.all(
      Array.from({ length: copies }, () => Object.values(online))
        .flat()
        .map((door) => door(login, text)),
    );
  return { grantId, present, handIn };
}

const yeses = (answers: readonly boolean[]) => answers.filter(Boolean).length;
const usesOf = async (grantId: string) => {
  const [row] = await db.sql`
    select ended_as, (select count(*)::int from audit_event where grant_id = g.id and kind = 'grant.redeemed') as redeemed
    from grants g where id = ${grantId}`;
  return row;
};

test("the same code, presented at every door at the same time, is spent once in all", async () => {
  const { grantId, present } = await begin();
  expect(yeses(await present(3))).toBe(1);
  expect(await usesOf(grantId)).toEqual({ ended_as: "spent", redeemed: 1 });
  expect(yeses(await present(1))).toBe(0);
});

test("a code that a machine opened by without a network opens no door from when its receipt is here", async () => {
  const { grantId, present, handIn } = await begin();
  await handIn();
  expect(yeses(await present(1))).toBe(0);
  expect(await usesOf(grantId)).toEqual({ ended_as: "spent", redeemed: 1 });
});

test("a receipt that arrives among them is one of those who spend it, or is told as a late use", async () => {
  const { grantId, present, handIn } = await begin();
  const [answers] = await Promise.all([present(2), handIn()]);
  const late =
    await db.sql`select 1 from audit_event where grant_id = ${grantId} and kind = 'grant.used-late'`;
  expect(yeses(answers)).toBe(late.length);
  expect(await usesOf(grantId)).toEqual({ ended_as: "spent", redeemed: 1 });
});

test("50 parallel redemptions of one single-use code: exactly one passes", async () => {
  const user = await insertReachable(db.sql);
  const { text } = await issueCode(user.id);
  const answers = await Promise.all(
    Array.from({ length: 50 }, () =>
      api.initialize(user.login, { subjectCredentials: credential("EMERGENCY_TOKENCODE", text) }),
    ),
  );
  expect(answers.filter(({ body }) => body.attemptResponseCode === "SUCCESS")).toHaveLength(1);
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(50);
});
