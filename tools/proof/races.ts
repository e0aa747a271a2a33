import { relyingSystem, script, toCredentials } from "./callers";
import type { Violation } from "./ledger";
import { listPeople } from "./people";
import { type Product, until } from "./product";

const AT_ONCE = 50;

const atOnce = <T>(work: () => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: AT_ONCE }, work));

function expectOne(promise: string, passed: number, shownBy: string): Violation[] {
  return passed === 1 ? [] : [{ promise, shownBy: [`${passed} passed: ${shownBy}`] }];
}

/** 50 at once redeem one single-use code, each in an attempt of its own: exactly one passes, and the log has one use. */
export async function redeemAtOnce({ stack, sql, folder }: Product): Promise<Violation[]> {
  const rely = relyingSystem(stack.baseUrl, folder);
  const [person] = await listPeople(sql);
  if (person === undefined) throw new Error("there is nobody");
  const issued = await script(stack.baseUrl, folder).issue(person.id);
  if (issued.status !== 200) throw new Error(`no code: ${issued.status}`);
  const credentials = toCredentials("EMERGENCY_TOKENCODE", issued.body.emergencyTokencode);
  const answers = await atOnce(() => rely.initialize(person.login, credentials));
  const codes = answers.map(({ status, body }) => `${status} ${body.attemptResponseCode}`);
  const passed = codes.filter((code) => code === "200 SUCCESS").length;
  const [logged] = await sql<{ n: number }[]>`
    select count(*)::int as n from audit_event
    where kind = 'grant.redeemed' and outcome = 'ok' and grant_id = ${issued.body.emergencyTokencodeId}`;
  return [
    ...expectOne(
      "of 50 redemptions of a single-use code at once exactly one passes",
      passed,
      codes.join(", "),
    ),
    ...expectOne(
      "a single-use code is used once in the log",
      logged?.n ?? 0,
      issued.body.emergencyTokencodeId,
    ),
  ];
}

/** 50 at once have a code issued to one user: every one is answered, one is live, and the log says what replaced what. */
export async function issueAtOnce({ stack, sql, folder }: Product): Promise<Violation[]> {
  const scripted = script(stack.baseUrl, folder);
  const [, person] = await listPeople(sql);
  if (person === undefined) throw new Error("there is nobody");
  const answers = await atOnce(() => scripted.issue(person.id));
  const refused = answers.filter(({ status }) => status !== 200).map(({ status }) => String(status));
  const live = await sql<{ id: string }[]>`
    select id from grants where user_id = ${person.id} and method = 'access_code' and ended_at is null`;
  const [logged] = await sql<{ issued: number; replaced: number }[]>`
    select count(*) filter (where kind = 'grant.issued')::int as issued, count(*) filter (where kind = 'grant.replaced')::int as replaced
    from audit_event where user_id = ${person.id} and outcome = 'ok'`;
  const isTold = live.every(({ id }) => answers.some(({ body }) => body?.emergencyTokencodeId === id));
  const broken: Violation[] = expectOne("of 50 issues at once one code is live", live.length, "live");
  if (refused.length > 0) broken.push({ promise: "each of 50 issues at once is answered", shownBy: refused });
  if (!isTold)
    broken.push({ promise: "the live code was told to somebody", shownBy: live.map(({ id }) => id) });
  if (logged?.issued !== AT_ONCE || logged.replaced !== AT_ONCE - 1)
    broken.push({ promise: "50 issued and 49 replaced in the log", shownBy: [JSON.stringify(logged)] });
  return broken;
}

/** 50 at once prove one attempt by one OTP: exactly one passes. */
export async function proveAtOnce({ stack, sql, folder }: Product): Promise<Violation[]> {
  const rely = relyingSystem(stack.baseUrl, folder);
  const login = "sms.sofia";
  const begun = await rely.initialize(login);
  const asked = await rely.verify(begun.body, toCredentials("SMS"));
  let digits: string | undefined;
  await until(async () => {
    const texts = (await (await fetch(`${stack.standinUrl}/inbox?to=%2B12025550107`)).json()) as {
      text: string;
    }[];
    digits = texts[0]?.text.match(/#(\d{6})$/)?.[1];
    return digits !== undefined;
  }, 20_000);
  if (digits === undefined) return [{ promise: "a text that is asked for arrives", shownBy: [login] }];
  const credentials = toCredentials("SMS", digits);
  const answers = await atOnce(() => rely.verify(asked.body, credentials));
  const codes = answers.map(({ status, body }) => `${status} ${body.attemptResponseCode}`);
  const passed = codes.filter((code) => code === "200 SUCCESS").length;
  const [logged] = await sql<{ n: number }[]>`
    select count(*)::int as n from audit_event
    where kind = 'grant.redeemed' and outcome = 'ok' and target_id = ${asked.body.context?.authnAttemptId ?? ""}`;
  return [
    ...expectOne("of 50 proofs by one OTP at once exactly one passes", passed, codes.join(", ")),
    ...expectOne("an attempt succeeds once in the log", logged?.n ?? 0, login),
  ];
}
