import type { Metadata } from "next";
import { ClientMessages } from "@/components/i18n/client-messages";
import { getReader, getTranslator } from "@/components/i18n/server";
import { AccountFactors } from "@/components/staff/account-factors";
import { ChangePasswordForm } from "@/components/staff/change-password-form";
import { EndOthersButton } from "@/components/staff/end-others-button";
import { SessionsTable } from "@/components/staff/sessions-table";
import { SettingsForm } from "@/components/staff/settings-form";
import { Card } from "@/components/ui/card";
import { readAccount } from "@/lib/staff/account";
import {
  beginPasskeyRegistrationAction,
  beginTotpAction,
  confirmTotpAction,
  finishPasskeyRegistrationAction,
} from "../../signin/actions";
import { consolePage } from "../console-page";
import {
  changePasswordAction,
  changeSettingsAction,
  endOtherSessionsAction,
  endOwnSessionAction,
  removePasskeyAction,
  removeTotpAction,
} from "./actions";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslator();
  return { title: t("account.title") };
}

export default consolePage(null, async (ctx) => {
  const [account, t, { locale }] = await Promise.all([readAccount(ctx), getTranslator(), getReader()]);
  return (
    <div className="flex max-w-3xl flex-col gap-4">
      <div>
        <h1 className="font-bold text-xl tracking-tight">{t("account.title")}</h1>
        <p className="text-ink-soft">
          {account.name} · {account.email} · {t(`ui.role.${ctx.actor.role}`)}
        </p>
      </div>
      <ClientMessages namespaces={["account", "signIn", "staff"]}>
        <Card title={t("signIn.factor.title")} titleId="factors">
          <AccountFactors
            passkeys={account.passkeys.map(({ id, name, createdAt, lastUsedAt }) => ({
              id,
              name,
              createdAt: createdAt.toISOString(),
              lastUsedAt: lastUsedAt?.toISOString() ?? null,
            }))}
            totp={account.totp}
            enrol={{
              beginPasskey: beginPasskeyRegistrationAction,
              finishPasskey: finishPasskeyRegistrationAction,
              beginTotp: beginTotpAction,
              confirmTotp: confirmTotpAction,
            }}
            removePasskey={removePasskeyAction}
            removeTotp={removeTotpAction}
          />
        </Card>
        <Card title={t("account.password")} titleId="password">
          <ChangePasswordForm
            change={changePasswordAction}
            hasPassword={account.hasPassword}
            email={account.email}
          />
        </Card>
        <Card title={t("account.settings")} titleId="settings">
          <SettingsForm
            change={changeSettingsAction}
            language={locale}
            timeZone={account.timeZone}
            zones={Intl.supportedValuesOf("timeZone")}
          />
        </Card>
        <Card
          title={t("staff.session.title")}
          titleId="sessions"
          aside={account.sessions.length > 1 && <EndOthersButton end={endOtherSessionsAction} />}
        >
          <SessionsTable
            sessions={account.sessions.map((session) => ({
              id: session.id,
              createdAt: session.createdAt.toISOString(),
              lastSeenAt: session.lastSeenAt.toISOString(),
              secondFactorMethod: session.secondFactorMethod,
              sourceIp: session.sourceIp,
              userAgent: session.userAgent,
              current: session.current,
            }))}
            staffId={ctx.actor.staffId}
            end={endOwnSessionAction}
          />
        </Card>
      </ClientMessages>
    </div>
  );
});
