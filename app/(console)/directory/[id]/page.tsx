import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { z } from "zod";
import { ClientMessages } from "@/components/i18n/client-messages";
import { getTranslator } from "@/components/i18n/server";
import { ImportPage } from "@/components/imports/import-page";
import { readImport } from "@/lib/imports/read";
import { hasPermission } from "@/lib/staff/permission";
import { consolePage } from "../../console-page";
import { confirmAction, discardAction, resumeAction, stopAction } from "../actions";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslator())("directory.one") };
}

/** One import: how far it is, what it comes to, and what may be said about it. */
export default consolePage("directory:read", async (ctx, { params }) => {
  const jobId = z.uuid().safeParse((await params).id);
  if (!jobId.success) notFound();
  const first = await readImport(ctx, { jobId: jobId.data });
  if (!first.ok) notFound();
  return (
    <ClientMessages namespaces={["directory", "staff"]}>
      <ImportPage
        first={first}
        acts={{ confirm: confirmAction, stop: stopAction, resume: resumeAction, discard: discardAction }}
        manages={hasPermission(ctx.actor, "directory:manage")}
      />
    </ClientMessages>
  );
});
