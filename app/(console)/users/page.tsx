import type { Metadata } from "next";
import { ClientMessages } from "@/components/i18n/client-messages";
import { getTranslator } from "@/components/i18n/server";
import { PageHeader } from "@/components/page-header";
import { LookUpTable } from "@/components/users/look-up-table";
import { lookUpUsers } from "@/lib/directory/look-up";
import { listRecentUsers } from "@/lib/grants/recent-users";
import { consolePage } from "../console-page";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslator())("users.title") };
}

/** The home of helpdesk: type three letters, see the right person. */
export default consolePage("user:search", async (ctx, { searchParams }) => {
  const { q } = await searchParams;
  const query = (typeof q === "string" ? q : "").trim();
  const [t, recent, found] = await Promise.all([
    getTranslator(),
    listRecentUsers(ctx),
    query === "" ? null : lookUpUsers(ctx, { query }),
  ]);
  return (
    <ClientMessages namespaces={["users"]}>
      <PageHeader title={t("users.title")} />
      <LookUpTable first={found === null ? null : { query, found }} recent={recent} />
    </ClientMessages>
  );
});
