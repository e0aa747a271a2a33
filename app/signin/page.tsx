import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { getTranslator } from "@/components/i18n/server";
import { ActForm } from "@/components/staff/act-form";
import { EntryPage } from "@/components/staff/entry-page";
import { PasskeyButton } from "@/components/staff/passkey-button";
import { SignInForm } from "@/components/staff/sign-in-form";
import { Notice } from "@/components/ui/state";
import { getConfig } from "@/lib/platform/config";
import { toReturnPath } from "@/lib/staff/return-path";
import { findSession, hasEndedSession } from "@/lib/staff/session";
import { isSetupNeeded } from "@/lib/staff/setup";
import {
  beginOidcAction,
  beginPasskeySignInAction,
  finishPasskeySignInAction,
  signInAction,
} from "./actions";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslator();
  return { title: t("signIn.title") };
}

export default async function SignInPage({
  searchParams,
}: {
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}) {
  if (await isSetupNeeded()) redirect("/setup");
  const query = await searchParams;
  const returnTo = toReturnPath(String(query.return ?? "")) ?? "/users";
  const session = await findSession();
  if (session !== undefined && session.secondFactorAt !== null) redirect(returnTo);
  // The cookie goes with a session that grew too old: where that was noticed in the middle of something, the address says so.
  const hasEnded = query.ended !== undefined || (await hasEndedSession());
  const t = await getTranslator();
  const { OIDC_ISSUER, OIDC_NAME } = getConfig();
  return (
    <EntryPage title={t("signIn.title")}>
      {hasEnded && <Notice title={t("signIn.ended")} />}
      {query.refused !== undefined && (
        <Notice tone="warn" title={t("signIn.refusedOidc", { name: OIDC_NAME })} />
      )}
      {query.error !== undefined && (
        <Notice tone="danger" title={t("signIn.failedOidc", { name: OIDC_NAME })} />
      )}
      <SignInForm action={signInAction} returnTo={returnTo} />
      <p className="flex items-center gap-3 text-ink-soft text-xs before:h-px before:flex-1 before:bg-line after:h-px after:flex-1 after:bg-line">
        {t("signIn.or")}
      </p>
      <PasskeyButton begin={beginPasskeySignInAction} finish={finishPasskeySignInAction} returnTo={returnTo}>
        {t("signIn.passkey")}
      </PasskeyButton>
      {OIDC_ISSUER !== undefined && (
        <ActForm action={beginOidcAction} returnTo={returnTo}>
          {t("signIn.oidc", { name: OIDC_NAME })}
        </ActForm>
      )}
      <p className="text-ink-soft text-xs">{t("signIn.help")}</p>
    </EntryPage>
  );
}
