"use client";

import { useTranslations } from "use-intl/react";
import { useReader } from "@/components/i18n/reader-provider";
import { Badge } from "@/components/ui/badge";
import { Notice } from "@/components/ui/state";
import { sayWhy } from "@/lib/directory/say-why";
import type { TestDirectoryResult } from "@/lib/ldap/test-directory";
import { useLdapWords } from "./ldap-words";

/** What a test of settings found: whom, and three of them as they would look, or precisely what is wrong. */
export function LdapTested({ tested }: { tested: TestDirectoryResult }) {
  const t = useTranslations("directory.ldap");
  const { locale } = useReader();
  const words = useLdapWords();
  if (!tested.ok)
    return (
      <Notice tone="danger" alert title={words(tested)}>
        {"detail" in tested && tested.detail !== "" && (
          <p className="break-words font-mono text-xs">{tested.detail}</p>
        )}
      </Notice>
    );
  const { people, isMore, groups, sample, refused } = tested;
  return (
    <div role="status" className="flex flex-col gap-3">
      <Notice tone={people === 0 ? "warn" : "ok"} title={t(isMore ? "foundMore" : "found", { people })}>
        {t("foundGroups", { groups })}
      </Notice>
      <ul className="divide-y rounded-lg border">
        {sample.map((person) => (
          <li key={person.directoryId} className="min-w-0 px-3 py-2 text-sm">
            <div className="flex items-center justify-between gap-2">
              <span className="truncate font-medium">{person.displayName}</span>
              {person.isDisabled && <Badge tone="warn">{t("disabled")}</Badge>}
            </div>
            <div className="truncate text-ink-soft text-xs">
              {[person.login, person.email ?? t("noEmail")].join(" · ")}
            </div>
            <div className="text-ink-soft text-xs tabular-nums">
              {t("numbers", { sms: person.sms ?? "–", voice: person.voice ?? "–" })}
            </div>
            {person.groups.length > 0 && (
              <div className="truncate text-ink-soft text-xs">{person.groups.join(", ")}</div>
            )}
          </li>
        ))}
      </ul>
      {refused.length > 0 && (
        <Notice tone="warn" title={t("notTaken")}>
          <ul className="break-words text-xs">
            {refused.map(({ login, why }, at) => (
              <li key={at}>
                {login ?? t("noLogin")}: {sayWhy(locale, why)}
              </li>
            ))}
          </ul>
        </Notice>
      )}
    </div>
  );
}
