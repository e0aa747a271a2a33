import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import path from "node:path";
import { issueGrantInput } from "@/lib/grants/input";
import { issueGrant } from "@/lib/grants/issue";
import type { Context } from "@/lib/platform/context";

/** What the desk is told to issue. */
export interface DeskWish {
  id: number;
  userId: string;
  method: "sms" | "voice" | "access_code";
}

/** What became of it. */
export interface DeskResult {
  id: number;
  grantId?: string;
  refused?: string;
}

/**
 * The desk in a process of its own, which a proof can kill: issues by the console's verb what its parent asks for. The first
 * argument is the product's folder.
 */
Object.assign(
  process.env,
  JSON.parse(readFileSync(path.join(process.argv[2] as string, "environment.json"), "utf8")),
);

const staffId = randomUUID();

function context(): Context {
  return {
    actor: {
      kind: "staff",
      staffId,
      sessionId: randomUUID(),
      name: "Petra Proof",
      email: "petra@sparekey.test",
      role: "helpdesk",
      userDirectoryId: null,
      isSteppedUp: true,
    },
    requestId: `proof-${randomUUID()}`,
    sourceIp: "127.0.0.1",
    userAgent: "proof",
  };
}

async function issue({ id, userId, method }: DeskWish): Promise<DeskResult> {
  const input = issueGrantInput.parse({
    userId,
    method,
    reason: "lost",
    formId: randomUUID(),
    replaces: "any",
    ...(method === "access_code" ? {} : { sendNow: true }),
  });
  const result = await issueGrant(context(), input);
  return result.ok ? { id, grantId: result.grant.id } : { id, refused: result.reason };
}

process.on("message", (wish: DeskWish) => {
  issue(wish).then(
    (result) => process.send?.(result),
    (error: unknown) => process.send?.({ id: wish.id, refused: String(error) }),
  );
});
process.on("disconnect", () => process.exit(0));
process.send?.("ready");
