import type { Metadata } from "next";
import { ClientTable } from "@/components/clients/client-table";
import { CreateClient } from "@/components/clients/create-client";
import { ClientMessages } from "@/components/i18n/client-messages";
import { getTranslator } from "@/components/i18n/server";
import { PageHeader } from "@/components/page-header";
import { Card } from "@/components/ui/card";
import { EmptyState } from "@/components/ui/state";
import { listClients } from "@/lib/clients/list";
import { getConfig } from "@/lib/platform/config";
import { hasPermission } from "@/lib/staff/permission";
import { consolePage } from "../console-page";
import { createAction, endAction, rotateAction } from "./actions";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslator())("clients.title") };
}

/** The systems and scripts that call the doors for programs, and the keys that they call with. */
export default consolePage("client:read", async (ctx) => {
  const [clients, t] = await Promise.all([listClients(ctx), getTranslator()]);
  const manages = hasPermission(ctx.actor, "client:manage");
  const baseUrl = getConfig().BASE_URL;
  const live = clients.filter(({ endedAt }) => endedAt === null);
  const ended = clients.filter(({ endedAt }) => endedAt !== null);
  return (
    <ClientMessages namespaces={["clients"]}>
      <PageHeader title={t("clients.title")}>
        <CreateClient baseUrl={baseUrl} create={createAction} why={manages ? null : t("clients.readOnly")} />
      </PageHeader>
      <p className="mb-4 max-w-prose text-ink-soft text-sm">{t("clients.about")}</p>
      <div className="flex flex-col gap-6">
        <Card>
          {live.length === 0 ? (
            <EmptyState title={t("clients.none")}>{manages && t("clients.noneHint")}</EmptyState>
          ) : (
            <ClientTable
              label={t("clients.title")}
              clients={live}
              acts={manages ? { baseUrl, end: endAction, rotate: rotateAction } : null}
            />
          )}
        </Card>
        {ended.length > 0 && (
          <Card titleId="ended-title" title={t("clients.ended")}>
            <ClientTable label={t("clients.ended")} clients={ended} acts={null} />
          </Card>
        )}
      </div>
    </ClientMessages>
  );
});
