import type { Metadata } from "next";
import { EventFilters } from "@/components/audit/event-filters";
import { EventList } from "@/components/audit/event-list";
import { ClientMessages } from "@/components/i18n/client-messages";
import { getTranslator } from "@/components/i18n/server";
import { PageHeader } from "@/components/page-header";
import { Notice } from "@/components/ui/state";
import { listEventsInput } from "@/lib/audit/list-input";
import { listEvents } from "@/lib/staff/list-events";
import { consolePage } from "../console-page";
import { nameOfUser } from "../name-of-user";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslator())("audit.title") };
}

/** What happened: every act, refusal and denial. */
export default consolePage("audit:read", async (ctx, { searchParams }) => {
  const t = await getTranslator();
  const input = listEventsInput.omit({ cursor: true, limit: true }).safeParse(await searchParams);
  const [first, user] = await Promise.all([
    input.success ? listEvents(ctx, { ...input.data, cursor: undefined, limit: undefined }) : null,
    nameOfUser(ctx, input.data?.user),
  ]);
  const some = first?.events[0];
  return (
    <ClientMessages namespaces={["audit", "detail", "user"]}>
      <PageHeader title={t("audit.title")}>
        <p className="text-ink-soft text-sm">{t("audit.note")}</p>
      </PageHeader>
      <EventFilters
        names={{
          actor: input.data?.actor === undefined ? null : (some?.actorLabel ?? null),
          user,
        }}
      />
      {first === null ? (
        <Notice tone="warn" title={t("audit.badFilters.title")}>
          {t("audit.badFilters.hint")}
        </Notice>
      ) : (
        <EventList first={first} />
      )}
    </ClientMessages>
  );
});
