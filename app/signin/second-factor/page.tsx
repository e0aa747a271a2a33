import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { getTranslator } from "@/components/i18n/server";
import { EntryPage } from "@/components/staff/entry-page";
import { SecondFactor } from "@/components/staff/second-factor";
import { getConfig } from "@/lib/platform/config";
import { readEntering, secondFactorActions } from "../entering";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslator();
  return { title: t("signIn.factor.title") };
}

export default async function SecondFactorPage({
  searchParams,
}: {
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}) {
  const { session, factors, returnTo } = await readEntering(searchParams);
  if (session.secondFactorAt !== null) redirect(returnTo);
  if (!factors.any) redirect(`/signin/enrol?${new URLSearchParams({ return: returnTo })}`);
  const t = await getTranslator();
  return (
    <EntryPage title={t("signIn.factor.title")} hint={session.email}>
      <SecondFactor
        factors={factors}
        returnTo={returnTo}
        oidcName={getConfig().OIDC_NAME}
        actions={secondFactorActions}
      />
    </EntryPage>
  );
}
