import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { getTranslator } from "@/components/i18n/server";
import { EntryPage } from "@/components/staff/entry-page";
import { SetupForm } from "@/components/staff/setup-form";
import { isSetupNeeded } from "@/lib/staff/setup";
import { setUpAction } from "../signin/actions";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslator();
  return { title: t("signIn.setup.title") };
}

export default async function SetupPage() {
  if (!(await isSetupNeeded())) redirect("/signin");
  const t = await getTranslator();
  return (
    <EntryPage title={t("signIn.setup.title")} hint={t("signIn.setup.hint")}>
      <SetupForm action={setUpAction} />
    </EntryPage>
  );
}
