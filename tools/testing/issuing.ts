import { randomUUID } from "node:crypto";
import type postgres from "postgres";
import { type IssueGrantInput, issueGrantInput } from "@/lib/grants/input";
import { type IssueResult, issueGrant } from "@/lib/grants/issue";
import { staffContext } from "./database";
import { insertUser } from "./rows";

const digits = (n: number, count: number) => String(n % 10 ** count).padStart(count, "0");
let people = Math.floor(Math.random() * 1e6);

/** Puts somebody into the directory who can be reached on both channels, at numbers of their own. */
export async function insertPerson(
  sql: postgres.Sql,
  overrides: object = {},
  groups: readonly string[] = [],
): Promise<string> {
  people += 1;
  const phones = { sms: `+12022${digits(people, 6)}`, voice: `+44207${digits(people, 7)}` };
  const { id } = await insertUser(sql, phones);
  if (Object.keys(overrides).length > 0)
    await sql`update users set ${sql({ ...overrides })} where id = ${id}`;
  for (const group of groups) await sql`insert into user_group values (${id}, ${group})`;
  return id;
}

/** A wish for an access code of this user, as a door parses it. */
export function wish(userId: string, overrides: object = {}): IssueGrantInput {
  return issueGrantInput.parse({
    userId,
    method: "access_code",
    reason: "lost",
    formId: randomUUID(),
    replaces: null,
    ...overrides,
  });
}

/** What was issued; throws the reason where it was refused. */
export function expectIssued(result: IssueResult): Extract<IssueResult, { ok: true }> {
  if (!result.ok) throw new Error(`refused: ${result.reason}`);
  return result;
}

/** Issues an access code in place of whichever is live; answers it as it is read aloud. */
export async function issueCode(
  userId: string,
  overrides: object = {},
): Promise<{ grantId: string; text: string }> {
  const wanted = wish(userId, { replaces: "any", ...overrides });
  const { grant, code } = expectIssued(await issueGrant(staffContext("owner"), wanted));
  if (code === null) throw new Error("not a code");
  return { grantId: grant.id, text: code.text };
}
