import type { Metadata } from "next";
import { ClientMessages } from "@/components/i18n/client-messages";
import { getReader, getTranslator } from "@/components/i18n/server";
import { ByDay } from "@/components/overview/by-day";
import { Outcomes } from "@/components/overview/outcomes";
import { Thefts } from "@/components/overview/thefts";
import { PageHeader } from "@/components/page-header";
import { toPlain } from "@/components/users/call-view";
import { listThefts } from "@/lib/grants/thefts";
import { readTrends, trendDays } from "@/lib/grants/trends";
import { hasPermission } from "@/lib/staff/permission";
import { consolePage } from "../console-page";
import { seeTheftsAction } from "./actions";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslator())("overview.title") };
}

/** How emergency access goes: what was stolen, what is issued by day, what became of texts and calls. */
export default consolePage("grant:list", async (ctx) => {
  const [t, { timeZone }] = await Promise.all([getTranslator(), getReader()]);
  const seesThefts = hasPermission(ctx.actor, "theft:see");
  const [{ days, countries }, thefts] = await Promise.all([
    readTrends(ctx, { timeZone }),
    seesThefts ? listThefts(ctx) : [],
  ]);
  return (
    <ClientMessages namespaces={["overview"]}>
      <PageHeader title={t("overview.title")}>
        <p className="text-ink-soft text-sm">{t("overview.note", { days: trendDays })}</p>
      </PageHeader>
      <div className="grid gap-4 xl:grid-cols-2">
        {seesThefts && <Thefts thefts={toPlain(thefts)} see={seeTheftsAction} />}
        <ByDay days={days} />
        <Outcomes countries={countries} />
      </div>
    </ClientMessages>
  );
});
