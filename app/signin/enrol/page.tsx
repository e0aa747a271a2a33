import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { getTranslator } from "@/components/i18n/server";
import { EnrolFirst } from "@/components/staff/enrol-factor";
import { EntryPage } from "@/components/staff/entry-page";
import {
  beginPasskeyRegistrationAction,
  beginTotpAction,
  confirmTotpAction,
  finishPasskeyRegistrationAction,
} from "../actions";
import { readEntering } from "../entering";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslator();
  return { title: t("signIn.enrol.title") };
}

export default async function EnrolPage({
  searchParams,
}: {
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}) {
  const { session, factors, returnTo } = await readEntering(searchParams);
  if (session.secondFactorAt !== null) redirect(returnTo);
  if (factors.any) redirect(`/signin/second-factor?${new URLSearchParams({ return: returnTo })}`);
  const t = await getTranslator();
  return (
    <EntryPage title={t("signIn.enrol.title")} hint={t("signIn.enrol.hint")}>
      <EnrolFirst
        next={returnTo}
        actions={{
          beginPasskey: beginPasskeyRegistrationAction,
          finishPasskey: finishPasskeyRegistrationAction,
          beginTotp: beginTotpAction,
          confirmTotp: confirmTotpAction,
        }}
      />
    </EntryPage>
  );
}
