import type { Metadata } from "next";
import { ClientMessages } from "@/components/i18n/client-messages";
import { getReader, getTranslator } from "@/components/i18n/server";
import { ImportFile } from "@/components/imports/import-file";
import { LdapCard } from "@/components/imports/ldap-card";
import { Overview } from "@/components/imports/overview";
import { PageHeader } from "@/components/page-header";
import { Notice } from "@/components/ui/state";
import { listImports } from "@/lib/imports/read";
import { readDirectory } from "@/lib/ldap/read-directory";
import { hasPermission } from "@/lib/staff/permission";
import { consolePage } from "../console-page";
import { askAction, endUploadAction, syncLdapAction } from "./actions";
import { listCountries } from "./countries";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslator())("directory.title") };
}

/** Where people come from, and how they are brought in from a file. */
export default consolePage("directory:read", async (ctx) => {
  const [t, { locale }, first, directory] = await Promise.all([
    getTranslator(),
    getReader(),
    listImports(ctx),
    readDirectory(ctx),
  ]);
  const manages = hasPermission(ctx.actor, "directory:manage");
  return (
    <ClientMessages namespaces={["directory", "staff"]}>
      <PageHeader title={t("directory.title")} />
      <p className="mb-4 max-w-prose text-ink-soft text-sm">{t("directory.intro")}</p>
      <Overview
        first={first}
        about={manages ? t("directory.noImportsHint") : null}
        directory={<LdapCard directory={directory ?? null} sync={manages ? syncLdapAction : null} />}
      >
        {manages ? (
          <ImportFile acts={{ ask: askAction, end: endUploadAction }} countries={listCountries(locale)} />
        ) : (
          <Notice title={t("directory.readOnly")} />
        )}
      </Overview>
    </ClientMessages>
  );
});
