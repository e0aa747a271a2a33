import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { z } from "zod";
import { ClientMessages } from "@/components/i18n/client-messages";
import { getTranslator } from "@/components/i18n/server";
import { Machine } from "@/components/machines/machine";
import { hasPermission } from "@/lib/staff/permission";
import { consolePage } from "../../console-page";
import { assignAction, releaseAction, revokeAction, seeAlarmAction, unassignAction } from "../actions";
import { readMachinePage } from "./read-machine-page";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslator())("machines.one") };
}

/** One machine: whether a code would work on it now, for whom, and everything that it holds, said and raised. */
export default consolePage("machine:read", async (ctx, { params }) => {
  const machineId = z.uuid().safeParse((await params).id);
  if (!machineId.success) notFound();
  const first = await readMachinePage(ctx, machineId.data);
  if (!first.ok) notFound();
  return (
    <ClientMessages namespaces={["machines", "staff", "detail"]}>
      <Machine
        first={first}
        acts={{
          assign: assignAction,
          unassign: unassignAction,
          release: releaseAction,
          revoke: revokeAction,
          see: seeAlarmAction,
        }}
        rights={{
          manages: hasPermission(ctx.actor, "machine:manage"),
          owns: hasPermission(ctx.actor, "server:manage"),
          readsLog: hasPermission(ctx.actor, "audit:read"),
        }}
      />
    </ClientMessages>
  );
});
