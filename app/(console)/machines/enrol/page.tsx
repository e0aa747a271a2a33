import type { Metadata } from "next";
import { BackLink } from "@/components/back-link";
import { ClientMessages } from "@/components/i18n/client-messages";
import { getTranslator } from "@/components/i18n/server";
import { EnrolMachine } from "@/components/machines/enrol-machine";
import { Card } from "@/components/ui/card";
import { agentFilesPath, listAgentFiles } from "@/lib/machines/agent-files";
import { getConfig } from "@/lib/platform/config";
import { consolePage } from "../../console-page";
import { makeTokenAction } from "../actions";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslator())("machines.enrol.title") };
}

/** A machine's way into the house, in three steps that can be copied. */
export default consolePage("machine:manage", async () => {
  const [t, files] = await Promise.all([getTranslator(), listAgentFiles()]);
  const server = getConfig().BASE_URL;
  return (
    <ClientMessages namespaces={["machines", "staff"]}>
      <div className="mb-4">
        <BackLink href="/machines">{t("machines.title")}</BackLink>
        <h1 className="mt-1 font-bold text-xl tracking-tight">{t("machines.enrol.title")}</h1>
      </div>
      <div className="grid items-start gap-4 xl:grid-cols-[minmax(0,1fr)_20rem]">
        <EnrolMachine
          source={files === undefined ? null : { server, path: agentFilesPath, files }}
          makeToken={makeTokenAction}
        />
        <div className="flex min-w-0 flex-col gap-4">
          <Card titleId="how-title" title={t("machines.enrol.how")}>
            <p className="px-4 py-3.5 text-ink-soft text-xs">{t("machines.enrol.howText")}</p>
          </Card>
          <Card titleId="anew-title" title={t("machines.enrol.anew")}>
            <p className="px-4 py-3.5 text-ink-soft text-xs">{t("machines.enrol.anewText")}</p>
          </Card>
        </div>
      </div>
    </ClientMessages>
  );
});
