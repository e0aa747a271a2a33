import type postgres from "postgres";

/** The events that a call wrote, by the request id that its answer carries: kind, outcome and reason of each. */
export async function eventLinesOf(sql: postgres.Sql, headers: Headers): Promise<string[]> {
  const rows =
    await sql`select kind, outcome, reason from audit_event where request_id = ${headers.get("x-request-id")} order by id`;
  return rows.map(({ kind, outcome, reason }) => [kind, outcome, reason].filter(Boolean).join(" "));
}
