import type { ComponentProps } from "react";
import { getTranslator } from "@/components/i18n/server";
import { Notice } from "@/components/ui/state";
import type { Factors } from "@/lib/staff/second-factor";
import { ActForm } from "./act-form";
import { PasskeyButton } from "./passkey-button";
import { TotpForm } from "./totp-form";

/** Everything by which the reader can show a second factor, the strongest first. */
export async function SecondFactor({
  factors,
  returnTo,
  oidcName,
  actions,
}: {
  factors: Factors;
  returnTo: string;
  oidcName: string;
  actions: {
    beginPasskey: ComponentProps<typeof PasskeyButton>["begin"];
    finishPasskey: ComponentProps<typeof PasskeyButton>["finish"];
    showTotp: ComponentProps<typeof TotpForm>["action"];
    beginOidc: ComponentProps<typeof ActForm>["action"];
    signOut: ComponentProps<typeof ActForm>["action"];
  };
}) {
  const t = await getTranslator();
  return (
    <>
      {factors.passkeys > 0 && (
        <PasskeyButton
          begin={actions.beginPasskey}
          finish={actions.finishPasskey}
          returnTo={returnTo}
          variant="primary"
        >
          {t("signIn.factor.passkey")}
        </PasskeyButton>
      )}
      {factors.totp && <TotpForm action={actions.showTotp} returnTo={returnTo} />}
      {factors.oidc && (
        <ActForm action={actions.beginOidc} returnTo={returnTo}>
          {t("signIn.factor.oidc", { name: oidcName })}
        </ActForm>
      )}
      {factors.passkeys === 0 && !factors.totp && !factors.oidc && (
        <Notice tone="warn" title={t("signIn.factor.none")}>
          {t("signIn.factor.noneHint")}
        </Notice>
      )}
      <ActForm action={actions.signOut} variant="quiet">
        {t("signIn.factor.signOut")}
      </ActForm>
    </>
  );
}
