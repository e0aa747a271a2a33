import type { Metadata } from "next";
import Link from "next/link";
import { getTranslator } from "@/components/i18n/server";
import { EntryPage } from "@/components/staff/entry-page";
import { NewPasswordForm } from "@/components/staff/new-password-form";
import { readLink } from "@/lib/staff/link";
import { acceptLinkAction } from "../actions";

export const metadata: Metadata = { referrer: "no-referrer" };

export default async function LinkPage({
  searchParams,
}: {
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}) {
  const t = await getTranslator();
  const token = String((await searchParams).token ?? "");
  const link = await readLink(token);
  if (link === undefined)
    return (
      <EntryPage title={t("signIn.link.gone")} hint={t("signIn.link.goneHint")}>
        <Link href="/signin" className="text-accent underline">
          {t("signIn.back")}
        </Link>
      </EntryPage>
    );
  return (
    <EntryPage
      title={t(link.purpose === "invite" ? "signIn.link.invite" : "signIn.link.reset", { name: link.name })}
      hint={t("signIn.link.hint", { email: link.email })}
    >
      <NewPasswordForm action={acceptLinkAction} token={token} email={link.email} />
    </EntryPage>
  );
}
