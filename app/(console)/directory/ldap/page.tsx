import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { BackLink } from "@/components/back-link";
import { ClientMessages } from "@/components/i18n/client-messages";
import { getReader, getTranslator } from "@/components/i18n/server";
import { LdapForm } from "@/components/imports/ldap-form";
import { PageHeader } from "@/components/page-header";
import { readDirectory } from "@/lib/ldap/read-directory";
import { needsStepUp } from "@/lib/staff/model";
import { toStepUpPath } from "@/lib/staff/return-path";
import { consolePage } from "../../console-page";
import { forgetLdapAction, saveLdapAction, testLdapAction } from "../actions";
import { listCountries } from "../countries";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslator())("directory.ldap.title") };
}

/** How the LDAP directory is reached and what is read there, for who showed their second factor a moment ago. */
export default consolePage("directory:manage", async (ctx) => {
  if (needsStepUp(ctx.actor)) redirect(toStepUpPath("/directory/ldap"));
  const [t, { locale }, kept] = await Promise.all([getTranslator(), getReader(), readDirectory(ctx)]);
  return (
    <ClientMessages namespaces={["directory", "staff"]}>
      <BackLink href="/directory">{t("directory.title")}</BackLink>
      <PageHeader title={t("directory.ldap.title")} />
      <p className="mb-4 max-w-prose text-ink-soft text-sm">{t("directory.ldap.intro")}</p>
      <LdapForm
        kept={kept ?? null}
        acts={{ save: saveLdapAction, test: testLdapAction, forget: forgetLdapAction }}
        countries={listCountries(locale)}
      />
    </ClientMessages>
  );
});
