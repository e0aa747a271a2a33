"use client";

import { useTranslations } from "use-intl/react";
import { CheckboxField, SelectField, TextAreaField, TextField } from "@/components/ui/field";
import { oauthScopes } from "@/lib/staff/scopes";
import type { KindField } from "./kinds";
import type { MarkableField } from "./words";

/** The part of the form that is a kind's own. `wrong`: what to say about the public key. `marked`: what else is wrong. */
export function KeyField({
  field,
  wrong,
  marked,
}: {
  field: KindField;
  wrong: string | null;
  marked: readonly MarkableField[];
}) {
  const t = useTranslations("clients");
  const error = (name: MarkableField) => (marked.includes(name) ? t(`wrong.${name}`) : undefined);
  switch (field) {
    case "role":
      return (
        <SelectField
          id="client-role"
          name="role"
          label={t("role")}
          hint={t("roleHint")}
          options={(["helpdesk", "integration"] as const).map((role) => [role, t(`roleOf.${role}`)])}
        />
      );
    case "scopes":
      return (
        <fieldset className="flex flex-col gap-1.5">
          <legend className="mb-1 font-medium text-xs">{t("scopesLegend")}</legend>
          {oauthScopes.map((scope) => (
            <CheckboxField
              key={scope}
              id={`client-scope-${scope}`}
              name="scopes"
              value={scope}
              label={<span className="break-all font-mono text-xs">{scope}</span>}
              hint={t(`scopeHint.${scope.replaceAll(".", "_") as "rsa_user_read"}`)}
            />
          ))}
        </fieldset>
      );
    case "publicKey":
      return <PublicKeyField wrong={wrong} />;
    case "redirectUris":
      return (
        <TextAreaField
          id="client-redirect-uris"
          name="redirectUris"
          label={t("redirectUris")}
          hint={t("redirectUrisHint")}
          error={error("redirectUris")}
          rows={3}
          maxLength={10_000}
          autoComplete="off"
          spellCheck={false}
          required
          mono
        />
      );
    case "entra":
      return (["tenantId", "appId", "discoveryUrl"] as const).map((name) => (
        <TextField
          key={name}
          id={`client-${name}`}
          name={name}
          label={t(name)}
          hint={t(`${name}Hint`)}
          error={error(name)}
          maxLength={300}
          autoComplete="off"
          spellCheck={false}
          required={name !== "discoveryUrl"}
        />
      ));
  }
}

/** Where the owner of an OAuth client brings a public key, or nothing. */
export function PublicKeyField({ wrong }: { wrong: string | null }) {
  const t = useTranslations("clients");
  const ui = useTranslations("ui");
  return (
    <TextAreaField
      id="client-public-key"
      name="publicKey"
      label={t("publicKey")}
      optional={ui("optional")}
      hint={t("publicKeyHint")}
      error={wrong}
      rows={3}
      maxLength={20_000}
      autoComplete="off"
      spellCheck={false}
      mono
    />
  );
}
