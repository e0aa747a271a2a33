import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { getTranslator } from "@/components/i18n/server";
import { EntryPage } from "@/components/staff/entry-page";
import { SecondFactor } from "@/components/staff/second-factor";
import { getConfig, isDemo } from "@/lib/platform/config";
import { readEntering, secondFactorActions } from "../entering";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslator();
  return { title: t("signIn.factor.stepUpTitle") };
}

export default async function StepUpPage({
  searchParams,
}: {
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}) {
  const { session, factors, returnTo } = await readEntering(searchParams);
  if (isDemo()) redirect(returnTo);
  if (session.secondFactorAt === null)
    redirect(`/signin/second-factor?${new URLSearchParams({ return: returnTo })}`);
  const t = await getTranslator();
  return (
    <EntryPage title={t("signIn.factor.stepUpTitle")} hint={t("signIn.factor.stepUpHint")}>
      <SecondFactor
        factors={factors}
        returnTo={returnTo}
        oidcName={getConfig().OIDC_NAME}
        actions={secondFactorActions}
      />
    </EntryPage>
  );
}
