import { randomUUID } from "node:crypto";
import { beforeEach, expect, test, vi } from "vitest";
import { sayWhy } from "@/lib/directory/say-why";
import { systemContext } from "@/lib/platform/context";
import { openTestDatabase, staffContext } from "@/tools/testing/database";
import { insertGrant } from "@/tools/testing/rows";
import { confirmImport, discardImport, resumeImport, stopImport } from "./acts";
import { askImport, endUpload, storePiece } from "./ask";
import { csvImports } from "./csv";
import type { Batch, ImportKind, JobInHand } from "./kind";
import { chunkBytesMax } from "./model";
import { listImports, readImport, readRefusedLines } from "./read";
import { runImport } from "./run";
import { sweepImports } from "./sweep";

const db = openTestDatabase();
const owner = staffContext("owner");
beforeEach(async () => {
  await db.sql`delete from import_job`;
  await db.sql`delete from import_line`;
  await db.sql`delete from challenge`;
  await db.sql`delete from grants`;
  await db.sql`delete from users`;
});

/** Sends a file as a page of the console does. */
async function send(
  text: string,
  wish: { isReplacing?: boolean; country?: "DE" | null } = {},
): Promise<string> {
  const bytes = Buffer.from(text);
  const asked = await askImport(owner, {
    label: "people.csv",
    sizeBytes: bytes.length,
    country: null,
    isReplacing: false,
    ...wish,
  });
  if (!asked.ok) throw new Error(asked.reason);
  for (let number = 0; number * chunkBytesMax < bytes.length; number += 1) {
    const piece = bytes.subarray(number * chunkBytesMax, (number + 1) * chunkBytesMax);
    expect(await storePiece(owner, { jobId: asked.jobId, number, bytes: piece })).toEqual({ ok: true });
  }
  expect(await endUpload(owner, { jobId: asked.jobId })).toEqual({ ok: true });
  return asked.jobId;
}

const run = (jobId: string, kind: ImportKind = csvImports) =>
  runImport(systemContext("import", randomUUID()), { jobId }, { csv: kind });
const stateOf = async (jobId: string) =>
  (await db.sql`select state from import_job where id = ${jobId}`)[0]?.state;
const countUsers = async () => Number((await db.sql`select count(*) from users`)[0]?.count);
const sweep = () => sweepImports(systemContext("sweep", randomUUID()));

async function shown(jobId: string) {
  const read = await readImport(owner, { jobId });
  if (!read.ok) throw new Error(read.reason);
  return read.shown;
}

/** The same import, with something that happens before its batch of a number. */
function before(number: number, what: () => Promise<unknown>): ImportKind {
  const watch = (phase: "preview" | "write") =>
    async function* (job: JobInHand): AsyncGenerator<Batch> {
      let at = 0;
      for await (const batch of csvImports[phase](job)) {
        if (phase === "write" && at === number) await what();
        at += 1;
        yield batch;
      }
    };
  return { preview: watch("preview"), write: watch("write") };
}

const many = (count: number, more = "") =>
  `login,display_name\n${Array.from({ length: count }, (_, n) => `p${String(n).padStart(5, "0")},Person ${n}\n`).join("")}${more}`;

test("a file is previewed, waits for a word, and is brought in after it", async () => {
  const jobId = await send(many(10, "p00003,Again\n,Nobody\n"));
  expect(await run(jobId)).toBe(true);
  expect(await shown(jobId)).toMatchObject({
    state: "waiting",
    counts: { people: 12, added: 10, refused: 2, nameless: 1 },
    asksForNumber: false,
    refusals: [
      { line: 12, login: "p00003", why: { reason: "login_in_line", line: 5 } },
      { line: 13, login: "", why: { reason: "missing", name: "login" } },
    ],
  });
  expect((await shown(jobId)).sample[0]).toEqual({
    login: "p00000",
    is: "added",
    fields: [{ name: "display_name", from: "", to: "Person 0" }],
  });
  expect(await countUsers()).toBe(0);
  expect(await run(jobId)).toBe(false);
  expect(await confirmImport(owner, { jobId, disabled: null })).toEqual({ ok: true });
  expect(await run(jobId)).toBe(true);
  expect(await shown(jobId)).toMatchObject({ state: "done", progress: 1, counts: { added: 10 } });
  expect(await countUsers()).toBe(10);
  expect(await listImports(owner)).toMatchObject({
    sources: [{ source: "csv", people: 10, enabled: 10 }],
    imports: [{ id: jobId, state: "done" }],
  });
});

test("more than a tenth is disabled only by its number", async () => {
  await db.sql`insert into users (directory_id, login, login_key, first_name, last_name, display_name)
    select 'p' || n, 'p' || n, 'p' || n, '', '', 'P' from generate_series(1, 20) n`;
  const [left] = await db.sql`select id from users where login = 'p20'`;
  await insertGrant(db.sql, left?.id);
  const jobId = await send(`login\n${Array.from({ length: 15 }, (_, n) => `p${n + 1}\n`).join("")}`, {
    isReplacing: true,
  });
  await run(jobId);
  expect(await shown(jobId)).toMatchObject({
    asksForNumber: true,
    enabledBefore: 20,
    counts: { disabled: 5, absent: 5, unchanged: 15 },
  });
  for (const disabled of [null, 4])
    expect(await confirmImport(owner, { jobId, disabled })).toMatchObject({ reason: "disabled_not_named" });
  expect(await confirmImport(owner, { jobId, disabled: 5 })).toEqual({ ok: true });
  await run(jobId);
  expect(await shown(jobId)).toMatchObject({ state: "done", counts: { disabled: 5, grantsEnded: 1 } });
  expect(await db.sql`select end_reason from grants`).toEqual([{ end_reason: "disabled" }]);
});

test("who came in after the preview isn't disabled by a yes that was given before", async () => {
  const addPeople = (from: number, to: number) =>
    db.sql`insert into users (directory_id, login, login_key, first_name, last_name, display_name)
      select 'p' || n, 'p' || n, 'p' || n, '', '', 'P' from generate_series(${from}::int, ${to}::int) n`;
  await addPeople(1, 20);
  const everybody = `login\n${Array.from({ length: 20 }, (_, n) => `p${n + 1}\n`).join("")}zoe\n`;
  const jobId = await send(everybody, { isReplacing: true });
  await run(jobId);
  expect(await confirmImport(owner, { jobId, disabled: null })).toEqual({ ok: true });
  await addPeople(21, 30);
  await run(jobId);
  expect(await shown(jobId)).toMatchObject({
    state: "waiting",
    asksForNumber: true,
    enabledBefore: 30,
    counts: { added: 1, disabled: 10, absent: 10 },
  });
  expect(await db.sql`select 1 from users where disabled_at is not null or login = 'zoe'`).toHaveLength(0);
  expect(await confirmImport(owner, { jobId, disabled: 0 })).toMatchObject({ reason: "disabled_not_named" });
  expect(await confirmImport(owner, { jobId, disabled: 10 })).toEqual({ ok: true });
  await run(jobId);
  expect(await shown(jobId)).toMatchObject({ state: "done", counts: { added: 1, disabled: 10 } });
});

test("who came in while an import stood still isn't disabled by it when it goes on, before their number is typed", async () => {
  const jobId = await send(many(3_000), { isReplacing: true });
  await run(jobId);
  expect(await confirmImport(owner, { jobId, disabled: null })).toEqual({ ok: true });
  await run(
    jobId,
    before(2, () => stopImport(owner, { jobId })),
  );
  expect(await stateOf(jobId)).toBe("stopped");
  await db.sql`insert into users (directory_id, login, login_key, first_name, last_name, display_name)
    select 'q' || n, 'q' || n, 'q' || n, 'Q', '', 'Q' from generate_series(1, 500) n`;
  expect(await resumeImport(owner, { jobId })).toEqual({ ok: true });
  await run(jobId);
  expect(await shown(jobId)).toMatchObject({ state: "waiting", asksForNumber: true });
  expect(await db.sql`select 1 from users where disabled_at is not null`).toHaveLength(0);
  expect(await confirmImport(owner, { jobId, disabled: 0 })).toMatchObject({ reason: "disabled_not_named" });
  expect(await confirmImport(owner, { jobId, disabled: 500 })).toEqual({ ok: true });
  await run(jobId);
  expect(await shown(jobId)).toMatchObject({ state: "done", counts: { added: 3_000, disabled: 500 } });
});

test("who is disabled while an import takes them in stays disabled, where the file says nothing of it", async () => {
  const first = await send("login,title\neve,Engineer\n");
  await run(first);
  await confirmImport(owner, { jobId: first, disabled: null });
  await run(first);
  const jobId = await send("login,title\neve,Head of Things\n");
  await run(jobId);
  await confirmImport(owner, { jobId, disabled: null });
  let running = Promise.resolve(false);
  await db.sql.begin(async (tx) => {
    await tx`update users set disabled_at = now() where login = 'eve'`;
    running = run(jobId);
    await vi.waitFor(async () =>
      expect(
        await db.sql`select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
      ).toHaveLength(1),
    );
  });
  expect(await running).toBe(true);
  expect(await shown(jobId)).toMatchObject({ state: "done", counts: { changed: 1 } });
  expect(await db.sql`select title, disabled_at is not null as disabled from users`).toEqual([
    { title: "Head of Things", disabled: true },
  ]);
});

test("an import that is told to stop stops between two batches, and goes on from there without doing anything twice", async () => {
  const jobId = await send(many(3_000));
  await run(jobId);
  await confirmImport(owner, { jobId, disabled: null });
  await run(
    jobId,
    before(2, () => stopImport(owner, { jobId })),
  );
  expect(await stateOf(jobId)).toBe("stopped");
  const there = await countUsers();
  expect(there).toBeGreaterThan(0);
  expect(there).toBeLessThan(3_000);
  expect(await shown(jobId)).toMatchObject({ counts: { added: there }, can: { resume: true, stop: false } });
  expect(await resumeImport(owner, { jobId })).toEqual({ ok: true });
  await run(jobId);
  expect(await shown(jobId)).toMatchObject({ state: "done", counts: { added: 3_000, unchanged: 0 } });
  expect(await countUsers()).toBe(3_000);
});

test("an import that is told to stop when its preview has just ended changes nobody, and goes on when it is told to", async () => {
  const jobId = await send("login\nada\n");
  await db.sql`update import_job set confirm = 'never' where id = ${jobId}`;
  await run(jobId, {
    ...csvImports,
    async *preview(job) {
      yield* csvImports.preview(job);
      expect(await stopImport(owner, { jobId })).toEqual({ ok: true });
    },
  });
  expect(await stateOf(jobId)).toBe("stopped");
  expect(await countUsers()).toBe(0);
  expect(await resumeImport(owner, { jobId })).toEqual({ ok: true });
  await run(jobId);
  expect(await shown(jobId)).toMatchObject({ state: "done", counts: { added: 1 } });
});

test("who was thought dead commits nothing more, and the next goes on", async () => {
  const jobId = await send(many(3_000));
  await run(jobId);
  await confirmImport(owner, { jobId, disabled: null });
  const overtaken = before(2, async () => {
    await db.sql`update import_job set beat_at = now() - interval '1 minute' where id = ${jobId}`;
    await sweep();
    expect(await stateOf(jobId)).toBe("queued");
    await run(jobId);
    expect(await stateOf(jobId)).toBe("done");
  });
  expect(await run(jobId, overtaken)).toBe(true);
  expect(await shown(jobId)).toMatchObject({ state: "done", counts: { added: 3_000, unchanged: 0 } });
});

test("an import over which three processes died at the same place is given to no fourth, and goes on when it is told to", async () => {
  const jobId = await send(many(3_000));
  await run(jobId);
  await confirmImport(owner, { jobId, disabled: null });
  const die = async () => {
    await db.sql`update import_job set state = 'running', runner = gen_random_uuid(), beat_at = now() - interval '1 minute'
      where id = ${jobId} and state = 'queued'`;
    await sweep();
    return stateOf(jobId);
  };
  expect([await die(), await die()]).toEqual(["queued", "queued"]);
  await run(
    jobId,
    before(2, () => stopImport(owner, { jobId })),
  );
  expect(await resumeImport(owner, { jobId })).toEqual({ ok: true });
  expect([await die(), await die(), await die()]).toEqual(["queued", "queued", "failed"]);
  expect(await shown(jobId)).toMatchObject({ failure: "crashed", can: { resume: true } });
  expect(
    await db.sql`select outcome, reason from audit_event where kind = 'directory.imported' and target_id = ${jobId}`,
  ).toEqual([{ outcome: "fault", reason: "crashed" }]);
  expect(await resumeImport(owner, { jobId })).toEqual({ ok: true });
  await run(jobId);
  expect(await shown(jobId)).toMatchObject({ state: "done", counts: { added: 3_000, unchanged: 0 } });
});

test("a database that goes away in the middle disables nobody, and the import goes on when it is back", async () => {
  const old = await send(many(1_500));
  await run(old);
  await confirmImport(owner, { jobId: old, disabled: null });
  await run(old);
  const jobId = await send(many(1_500, "newcomer,New\n"), { isReplacing: true });
  const lost: ImportKind = {
    preview: csvImports.preview,
    async *write(job: JobInHand) {
      for await (const batch of csvImports.write(job))
        yield async (tx, ctx) => {
          const moved = await batch(tx, ctx);
          await db.sql`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'sparekey' and datname = current_database()`;
          return moved;
        };
    },
  };
  await run(jobId);
  await confirmImport(owner, { jobId, disabled: null });
  await expect(run(jobId, lost)).rejects.toThrow();
  expect(await stateOf(jobId)).toBe("running");
  await db.sql`update import_job set beat_at = now() - interval '1 minute' where id = ${jobId}`;
  await sweep();
  await run(jobId);
  expect(await shown(jobId)).toMatchObject({
    state: "done",
    counts: { added: 1, unchanged: 1_500, disabled: 0 },
  });
  expect(await db.sql`select 1 from users where disabled_at is not null`).toHaveLength(0);
});

test("one import runs at a time, and the one that waited is next", async () => {
  const first = await send(many(1_000));
  const second = await send("login\nzoe\n");
  await run(first);
  await confirmImport(owner, { jobId: first, disabled: null });
  await run(
    first,
    before(1, async () => expect(await run(second)).toBe(false)),
  );
  expect([await stateOf(first), await stateOf(second)]).toEqual(["done", "queued"]);
  expect(await run(second)).toBe(true);
  expect(await stateOf(second)).toBe("waiting");
});

test("only who began an upload sends its pieces, each as large as it must be, and all of them", async () => {
  const asked = await askImport(owner, { label: "x", sizeBytes: 10, country: null, isReplacing: false });
  if (!asked.ok) throw new Error(asked.reason);
  const { jobId } = asked;
  const piece = { jobId, number: 0, bytes: Buffer.from("login\nada\n") };
  expect(await storePiece(staffContext("owner"), piece)).toMatchObject({ reason: "not_found" });
  expect(await storePiece(owner, { ...piece, bytes: Buffer.from("login") })).toMatchObject({
    reason: "misfit",
  });
  expect(await storePiece(owner, { ...piece, number: 1 })).toMatchObject({ reason: "misfit" });
  expect(await endUpload(owner, { jobId })).toMatchObject({ reason: "incomplete" });
  expect(await storePiece(owner, piece)).toEqual({ ok: true });
  expect(await endUpload(owner, { jobId })).toEqual({ ok: true });
  expect(await storePiece(owner, piece)).toMatchObject({ reason: "not_found" });
});

test("auditors see imports and change none; helpdesk sees none", async () => {
  const jobId = await send("login\nada\n");
  const auditor = staffContext("auditor");
  expect(await readImport(auditor, { jobId })).toMatchObject({ ok: true });
  for (const act of [stopImport, resumeImport, discardImport, endUpload])
    await expect(act(auditor, { jobId })).rejects.toMatchObject({ name: "Denied" });
  await expect(readRefusedLines(auditor, { jobId }, "en")).rejects.toMatchObject({ name: "Denied" });
  await expect(confirmImport(auditor, { jobId, disabled: null })).rejects.toMatchObject({ name: "Denied" });
  await expect(readImport(staffContext("helpdesk"), { jobId })).rejects.toMatchObject({ name: "Denied" });
});

test("asking, confirming and going on need a second factor that was shown lately", async () => {
  const late = staffContext("owner", { isSteppedUp: false });
  const wish = { label: "x", sizeBytes: 1, country: null, isReplacing: false };
  expect(await askImport(late, wish)).toMatchObject({ reason: "step_up_needed" });
  const jobId = await send("login\nada\n");
  await run(jobId);
  expect(await confirmImport(late, { jobId, disabled: null })).toMatchObject({ reason: "step_up_needed" });
  expect(await resumeImport(late, { jobId })).toMatchObject({ reason: "step_up_needed" });
});

test("a file that can't be read fails with the reason, and changes nobody", async () => {
  for (const [text, why] of [
    ['login\nada,"a\n', "a quote is never closed"],
    [`login,title\nada,${"x".repeat(10_000_000)}\n`, "a line is longer than 200,000 characters"],
    [`login,title\nada,${",".repeat(1_000_000)}\n`, "a line has more than 1,000 cells"],
    [`login,title\nada,"\n"${',"\n"'.repeat(2_000)}\n`, "a line has more than 1,000 cells"],
    ["shoe size\n1\n", "there is no column"],
  ] as const) {
    const jobId = await send(text);
    await run(jobId);
    const { failureWhy, ...failed } = await shown(jobId);
    expect(failed).toMatchObject({ state: "failed", failure: "unreadable", can: { resume: false } });
    expect(failureWhy && sayWhy("en", failureWhy)).toContain(why);
  }
  expect(await countUsers()).toBe(0);
});

test("refused lines come back as a file that no spreadsheet runs, and are taken when they were mended", async () => {
  const jobId = await send(
    "login,title,phone_sms\nada,=cmd|' /C calc'!A0,+12125550141x9999999999999\n@eve,-1+1,\n,x,\n",
  );
  await run(jobId);
  const refused = await readRefusedLines(owner, { jobId }, "en");
  if (!refused.ok) throw new Error(refused.reason);
  let text = "";
  for await (const piece of refused.pieces) text += piece;
  expect(text).toBe(
    "login,title,phone_sms,reason\r\nada,'=cmd|' /C calc'!A0,'+12125550141x9999999999999,phone_sms is not a number that the numbering plan allows\r\n,x,,login is missing\r\n",
  );
  const again = await send(text.replace("x9999999999999", ""));
  await run(again);
  expect(await shown(again)).toMatchObject({ counts: { added: 1, refused: 1 } });
  expect((await shown(again)).sample).toMatchObject([{ login: "ada" }]);
});

test("what an import held is forgotten: lines at its end, the rest a week later; its counts stay", async () => {
  const jobId = await send("login\nada\n,\nbad,\n");
  await run(jobId);
  await confirmImport(owner, { jobId, disabled: null });
  await run(jobId);
  await sweep();
  expect(await db.sql`select 1 from import_line`).toHaveLength(0);
  expect(await db.sql`select 1 from import_chunk`).toHaveLength(0);
  expect((await shown(jobId)).can.readRefused).toBe(true);
  await db.sql`update import_job set ended_at = now() - interval '8 days'`;
  await sweep();
  expect(await db.sql`select 1 from import_refusal`).toHaveLength(0);
  expect(await shown(jobId)).toMatchObject({
    label: "",
    sample: [],
    counts: { added: 1 },
    can: { readRefused: false },
  });
});

test("a value that is cut for the preview is never cut through a letter", async () => {
  const jobId = await send(`login,site\nada,${"x".repeat(58)}🦊${"y".repeat(10)}\n`);
  await run(jobId);
  expect(await shown(jobId)).toMatchObject({ state: "waiting", previewCounts: { added: 1 } });
  await confirmImport(owner, { jobId, disabled: null });
  await run(jobId);
  const again = await send("login,site\nada,short\n");
  await run(again);
  const { sample } = await shown(again);
  expect(sample[0]?.fields.find(({ name }) => name === "site")?.from).toBe(`${"x".repeat(58)}…`);
});

test("pieces are taken in the session that began the upload alone, and of one person's uploads three at most are kept", async () => {
  const begin = async (ctx = owner) => {
    const asked = await askImport(ctx, { label: "x", sizeBytes: 1, country: null, isReplacing: false });
    return asked.ok ? asked.jobId : "";
  };
  const jobId = await begin();
  const piece = { jobId, number: 0, bytes: Buffer.from("x") };
  const elsewhere = { ...owner, actor: { ...owner.actor, sessionId: randomUUID() } };
  expect(await storePiece(elsewhere, piece)).toMatchObject({ reason: "not_found" });
  expect(await endUpload(elsewhere, { jobId })).toMatchObject({ reason: "not_found" });
  expect(await storePiece(owner, piece)).toEqual({ ok: true });
  await begin();
  await begin();
  expect(await stateOf(jobId)).toBe("receiving");
  await begin(elsewhere);
  expect(await stateOf(jobId)).toBe("discarded");
  expect(await db.sql`select 1 from import_chunk where job_id = ${jobId}`).toHaveLength(0);
});

test("an upload, a preview and a stopped import that nobody goes on with are discarded", async () => {
  const stale = await askImport(owner, { label: "x", sizeBytes: 1, country: null, isReplacing: false });
  const waiting = await send("login\nada\n");
  await run(waiting);
  await sweep();
  expect(await stateOf(waiting)).toBe("waiting");
  await db.sql`update import_job set created_at = now() - interval '8 days', previewed_at = now() - interval '2 days'`;
  await sweep();
  expect(await stateOf(waiting)).toBe("discarded");
  expect(stale.ok && (await stateOf(stale.jobId))).toBe("discarded");
  expect(await confirmImport(owner, { jobId: waiting, disabled: null })).toMatchObject({
    reason: "changed_meanwhile",
  });
});
