"use client";

import { useRouter } from "next/navigation";
import { type FormEvent, useRef, useState } from "react";
import { useTranslations } from "use-intl/react";
import { RefusalNotice } from "@/components/staff/refusal-notice";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { CheckboxField, SelectField, TextAreaField, TextField } from "@/components/ui/field";
import type { DirectorySettingsGiven } from "@/lib/ldap/input";
import { defaultsOf, type Flavour, flavours, groupsBy, properties } from "@/lib/ldap/model";
import type { DirectoryView } from "@/lib/ldap/read-directory";
import type { ForgetDirectoryResult, SaveDirectoryResult } from "@/lib/ldap/save-directory";
import type { TestDirectoryResult } from "@/lib/ldap/test-directory";
import type { Action } from "@/lib/staff/action";
import { LdapTested } from "./ldap-tested";
import { type LdapRefusal, useLdapWords } from "./ldap-words";
import { noAnswer } from "./words";

/** What may be done with settings. */
export interface LdapActs {
  save: Action<DirectorySettingsGiven, SaveDirectoryResult>;
  test: Action<DirectorySettingsGiven, TestDirectoryResult>;
  forget: Action<Record<string, never>, ForgetDirectoryResult>;
}

const attributeName = (property: string) => `attribute.${property}`;

/** What the form says. An attribute that stands there as `-` isn't read. */
function toGiven(form: FormData): DirectorySettingsGiven {
  const text = (name: string) => String(form.get(name) ?? "").trim();
  const attributes = properties.flatMap((property) => {
    const name = text(attributeName(property));
    return name === "" ? [] : [[property, name === "-" ? "" : name] as const];
  });
  return {
    url: text("url"),
    startsTls: form.get("startsTls") === "on",
    caCertificate: text("caCertificate"),
    bindDn: text("bindDn"),
    password: String(form.get("password") ?? ""),
    flavour: text("flavour") as Flavour,
    baseDn: text("baseDn"),
    userFilter: text("userFilter"),
    groupBaseDn: text("groupBaseDn") || text("baseDn"),
    groupFilter: text("groupFilter"),
    groupsBy: text("groupsBy") as (typeof groupsBy)[number],
    attributes: Object.fromEntries(attributes),
    country: text("country"),
    pageSize: Number(text("pageSize")),
    everyMinutes: Number(text("everyMinutes")),
  };
}

/** The form that says how a directory is reached and what is read there, and tries it before anything is kept. */
export function LdapForm({
  kept,
  acts,
  countries,
}: {
  kept: DirectoryView | null;
  acts: LdapActs;
  countries: readonly (readonly [string, string])[];
}) {
  const t = useTranslations("directory.ldap");
  const words = useLdapWords();
  const router = useRouter();
  const form = useRef<HTMLFormElement>(null);
  const [flavour, setFlavour] = useState<Flavour>(kept?.flavour ?? "active-directory");
  const [busy, setBusy] = useState<keyof LdapActs | null>(null);
  const [refused, setRefused] = useState<LdapRefusal | null>(null);
  const [tested, setTested] = useState<TestDirectoryResult | null>(null);
  const defaults = defaultsOf[flavour];
  const of = kept?.flavour === flavour ? kept : null;
  const wrong = refused !== null && "fields" in refused ? (refused.fields as Record<string, unknown>) : {};
  const error = (name: string) => (name in wrong ? t(`wrong.${name as "url"}`) : undefined);

  async function act<R extends { ok: boolean }>(
    name: keyof LdapActs,
    answer: () => Promise<R>,
  ): Promise<R | null> {
    if (busy !== null) return null;
    setBusy(name);
    setRefused(null);
    setTested(null);
    const result = await answer().catch(noAnswer);
    setBusy(null);
    if (result.ok) return result as R;
    const refusal = result as LdapRefusal;
    if (name === "test" && "detail" in refusal) setTested(refusal);
    else {
      setRefused(refusal);
      const [first] = "fields" in refusal ? Object.keys(refusal.fields ?? {}) : [];
      if (first !== undefined) document.getElementById(`ldap-${first}`)?.focus();
    }
    return null;
  }
  const isFilledIn = () => form.current?.reportValidity() === true;
  const given = () => toGiven(new FormData(form.current ?? undefined));
  const test = async () => {
    if (!isFilledIn()) return;
    const found = await act("test", () => acts.test(given()) as Promise<TestDirectoryResult>);
    if (found !== null) setTested(found);
  };
  const save = async (event: FormEvent) => {
    event.preventDefault();
    if ((await act("save", () => acts.save(given()))) !== null) router.push("/directory");
  };
  const forget = async () => {
    if ((await act("forget", () => acts.forget({}))) !== null) router.push("/directory");
  };
  const field = (name: string) => ({
    id: `ldap-${name}`,
    name,
    error: error(name),
    autoComplete: "off" as const,
  });

  return (
    <form ref={form} onSubmit={save} className="grid items-start gap-4 xl:grid-cols-[minmax(0,1fr)_24rem]">
      <div className="flex min-w-0 flex-col gap-4">
        <Card titleId="ldap-reach" title={t("reach")}>
          <div className="grid gap-4 p-4 sm:grid-cols-2">
            <TextField
              {...field("url")}
              label={t("address")}
              hint={t("addressHint")}
              placeholder="ldaps://dc1.example.com"
              defaultValue={kept?.url}
              mono
              required
            />
            <CheckboxField
              id="ldap-startsTls"
              name="startsTls"
              label={t("startsTls")}
              hint={t("startsTlsHint")}
              error={error("startsTls")}
              defaultChecked={kept?.startsTls ?? false}
              className="sm:pt-7"
            />
            <TextField
              {...field("bindDn")}
              label={t("bindDn")}
              hint={t("bindDnHint")}
              defaultValue={kept?.bindDn}
              mono
              required
            />
            <TextField
              {...field("password")}
              type="password"
              autoComplete="new-password"
              label={t("password")}
              hint={t(kept === null ? "passwordHint" : "passwordKept")}
              required={kept === null}
            />
            <TextAreaField
              {...field("caCertificate")}
              label={t("ca")}
              optional={t("optional")}
              hint={t("caHint")}
              defaultValue={kept?.caCertificate ?? ""}
              placeholder="-----BEGIN CERTIFICATE-----"
              rows={3}
              spellCheck={false}
              mono
              className="sm:col-span-2"
            />
          </div>
        </Card>
        <Card titleId="ldap-read" title={t("read")}>
          <div className="grid gap-4 p-4 sm:grid-cols-2">
            <SelectField
              id="ldap-flavour"
              name="flavour"
              label={t("flavour")}
              value={flavour}
              onChange={(event) =>
                setFlavour(flavours.find((each) => each === event.target.value) ?? flavour)
              }
              options={flavours.map((each) => [each, t(`flavourOf.${each}`)])}
            />
            <SelectField
              id="ldap-country"
              name="country"
              label={t("country")}
              defaultValue={kept?.country ?? ""}
              options={[["", t("countryNone")], ...countries]}
            />
            <TextField
              {...field("baseDn")}
              label={t("base")}
              placeholder="DC=example,DC=com"
              defaultValue={kept?.baseDn}
              mono
              required
            />
            <TextField
              {...field("groupBaseDn")}
              label={t("groupBase")}
              hint={t("groupBaseHint")}
              defaultValue={kept?.groupBaseDn}
              mono
            />
            <TextField
              key={`userFilter-${flavour}`}
              {...field("userFilter")}
              label={t("userFilter")}
              defaultValue={of?.userFilter ?? defaults.userFilter}
              mono
              required
              className="sm:col-span-2"
            />
            <TextField
              key={`groupFilter-${flavour}`}
              {...field("groupFilter")}
              label={t("groupFilter")}
              defaultValue={of?.groupFilter ?? defaults.groupFilter}
              mono
              required
              className="sm:col-span-2"
            />
            <SelectField
              key={`groupsBy-${flavour}`}
              id="ldap-groupsBy"
              name="groupsBy"
              label={t("groupsBy")}
              defaultValue={of?.groupsBy ?? defaults.groupsBy}
              options={groupsBy.map((each) => [each, t(`groupsByOf.${each}`)])}
            />
            <div className="grid grid-cols-2 gap-4">
              <TextField
                {...field("everyMinutes")}
                type="number"
                label={t("everyMinutes")}
                min={5}
                max={1_440}
                defaultValue={kept?.everyMinutes ?? 15}
                required
              />
              <TextField
                {...field("pageSize")}
                type="number"
                label={t("pageSize")}
                min={10}
                max={1_000}
                defaultValue={kept?.pageSize ?? 250}
                required
              />
            </div>
            <details className="sm:col-span-2">
              <summary className="cursor-pointer font-medium text-xs">{t("attributes")}</summary>
              <p className="mt-1 text-ink-soft text-xs">{t("attributesHint")}</p>
              <div className="mt-3 grid gap-3 sm:grid-cols-2 lg:grid-cols-3">
                {properties.map((property) => (
                  <TextField
                    key={`${property}-${flavour}`}
                    id={`ldap-attribute-${property}`}
                    name={attributeName(property)}
                    label={t(`property.${property}`)}
                    placeholder={defaults.mapping[property]}
                    defaultValue={of?.attributes[property] === "" ? "-" : of?.attributes[property]}
                    autoComplete="off"
                    mono
                  />
                ))}
              </div>
            </details>
          </div>
        </Card>
      </div>
      <div className="flex min-w-0 flex-col gap-4 xl:sticky xl:top-4">
        <Card titleId="ldap-try" title={t("try")}>
          <div className="flex flex-col gap-4 p-4">
            <p className="text-ink-soft text-sm">{t("tryHint")}</p>
            {tested !== null && <LdapTested tested={tested} />}
            <RefusalNotice refusal={refused} words={words} />
            <div className="flex flex-wrap gap-2">
              <Button busy={busy === "test"} onClick={test}>
                {t("test")}
              </Button>
              <Button type="submit" variant="primary" busy={busy === "save"}>
                {t("save")}
              </Button>
            </div>
          </div>
        </Card>
        {kept !== null && (
          <Card titleId="ldap-forget" title={t("forgetTitle")}>
            <div className="flex flex-col items-start gap-3 p-4">
              <p className="text-ink-soft text-sm">{t("forgetHint")}</p>
              <Button variant="danger" busy={busy === "forget"} onClick={forget}>
                {t("forget")}
              </Button>
            </div>
          </Card>
        )}
      </div>
    </form>
  );
}
