import { expect, test } from "vitest";
import { systemContext } from "@/lib/platform/context";
import { Denied } from "@/lib/platform/outcome";
import { openTestDatabase, publicContext } from "@/tools/testing/database";
import { answerAsk } from "./answer-ask";
import { beginAttempt } from "./begin";
import { sweepAsks } from "./enqueue-ask";
import { beginAttemptInput } from "./input";
import { selectChannel } from "./select-channel";

const db = openTestDatabase();

async function ask(): Promise<{ askId: string; key: string }> {
  const input = beginAttemptInput.parse({ door: "otp_page", subjectName: "nobody" });
  const { attemptId, secret } = await beginAttempt(publicContext(), input);
  const holder = { kind: "browser", secret: secret as string } as const;
  await selectChannel(publicContext(), { attemptId, holder, channel: "sms" });
  const [row] = await db.sql`select id from channel_ask where attempt_id = ${attemptId}`;
  return { askId: row?.id, key: `answer-ask/${row?.id}` };
}

const sweep = () => sweepAsks(systemContext("sweep", "test"));

test("an ask that a dead worker holds locked, or whose job was lost, gets a new job and is answered once", async () => {
  const held = await ask();
  const lost = await ask();
  expect(await sweep()).toBe(0);
  await db.sql`update channel_ask set asked_at = asked_at - interval '61 seconds'`;
  await db.sql`update graphile_worker._private_jobs set locked_at = now() - interval '61 seconds', locked_by = 'dead', attempts = 1
    where key = ${held.key}`;
  await db.sql`delete from graphile_worker._private_jobs where key = ${lost.key}`;
  expect(await sweep()).toBe(2);
  const jobs =
    await db.sql`select locked_at from graphile_worker.jobs where key in (${held.key}, ${lost.key})`;
  expect(jobs).toEqual([{ locked_at: null }, { locked_at: null }]);
  expect(await sweep()).toBe(0);
  expect(await answerAsk(systemContext("worker", "test"), held)).toBe("not_eligible");
  expect(await answerAsk(systemContext("worker", "test"), held)).toBeUndefined();
});

test("nobody but the system answers an ask", async () => {
  const { askId } = await ask();
  await expect(answerAsk(publicContext(), { askId })).rejects.toThrow(Denied);
  expect(await db.sql`select 1 from channel_ask where id = ${askId} and handled_at is null`).toHaveLength(1);
});
