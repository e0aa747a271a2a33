import type { Metadata } from "next";
import { GrantFilters } from "@/components/grants/grant-filters";
import { GrantList } from "@/components/grants/grant-list";
import { ClientMessages } from "@/components/i18n/client-messages";
import { getTranslator } from "@/components/i18n/server";
import { PageHeader } from "@/components/page-header";
import { Notice } from "@/components/ui/state";
import { toPlain } from "@/components/users/call-view";
import { listGrants } from "@/lib/grants/list";
import { hasPermission } from "@/lib/staff/permission";
import { consolePage } from "../console-page";
import { nameOfUser } from "../name-of-user";
import { grantsQuery } from "./query";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslator())("grants.title") };
}

/** Every code that was issued: by whom, to whom, why, and whether it still lives. */
export default consolePage("grant:list", async (ctx, { searchParams }) => {
  const t = await getTranslator();
  const query = grantsQuery.omit({ cursor: true }).safeParse(await searchParams);
  const [listed, user] = await Promise.all([
    query.success ? listGrants(ctx, query.data) : null,
    nameOfUser(ctx, query.data?.userId),
  ]);
  const some = listed?.ok ? listed.grants[0] : undefined;
  return (
    <ClientMessages namespaces={["grants", "user"]}>
      <PageHeader title={t("grants.title")} />
      <GrantFilters
        names={{
          user,
          issuer: query.data?.issuerId === undefined ? null : (some?.issuer.label ?? null),
        }}
        mayExport={hasPermission(ctx.actor, "audit:export-users")}
      />
      {listed?.ok ? (
        <GrantList
          first={toPlain({ grants: listed.grants, nextCursor: listed.nextCursor })}
          hasLog={hasPermission(ctx.actor, "audit:read")}
        />
      ) : (
        <Notice tone="warn" title={t("grants.badFilters.title")}>
          {t("grants.badFilters.hint")}
        </Notice>
      )}
    </ClientMessages>
  );
});
