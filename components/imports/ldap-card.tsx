"use client";

import Link from "next/link";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { useTranslations } from "use-intl/react";
import { Moment } from "@/components/i18n/time";
import { Button, buttonClass } from "@/components/ui/button";
import { Card, Fact, Facts } from "@/components/ui/card";
import { Notice } from "@/components/ui/state";
import type { AskSyncResult } from "@/lib/ldap/ask-sync";
import type { AskSyncGiven } from "@/lib/ldap/input";
import type { DirectoryView } from "@/lib/ldap/read-directory";
import type { Action } from "@/lib/staff/action";
import { type LdapRefusal, useLdapWords } from "./ldap-words";
import { noAnswer } from "./words";

/** Which directory is read by LDAP, and when; for who may, the way to a sync and to its settings. `sync`: null for who may not. */
export function LdapCard({
  directory,
  sync,
}: {
  directory: DirectoryView | null;
  sync: Action<AskSyncGiven, AskSyncResult> | null;
}) {
  const t = useTranslations("directory.ldap");
  const words = useLdapWords();
  const router = useRouter();
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState<LdapRefusal | null>(null);
  const ask = async () => {
    if (sync === null) return;
    setBusy(true);
    setRefused(null);
    const result = await sync({ isFull: false }).catch(noAnswer);
    setBusy(false);
    if (result.ok) router.push(`/directory/${result.jobId}`);
    else setRefused(result);
  };
  const settings = (
    <Link href="/directory/ldap" className={buttonClass()}>
      {t(directory === null ? "connect" : "settings")}
    </Link>
  );
  return (
    <Card titleId="ldap-card" title={t("title")}>
      {directory === null ? (
        <p className="px-4 pt-3.5 text-ink-soft text-sm">{t("none")}</p>
      ) : (
        <Facts>
          <Fact name={t("address")}>{directory.url}</Fact>
          <Fact name={t("base")}>{directory.baseDn}</Fact>
          <Fact name={t("every")}>{t("minutes", { minutes: directory.everyMinutes })}</Fact>
          <Fact name={t("next")}>
            {directory.nextAt === null ? t("afterFirst") : <Moment at={directory.nextAt.toISOString()} />}
          </Fact>
        </Facts>
      )}
      {refused !== null && (
        <div className="px-4 pb-3">
          <Notice tone="danger" alert title={words(refused)} />
        </div>
      )}
      {sync !== null && (
        <div className="flex flex-wrap gap-2 p-4 pt-3.5">
          {directory !== null && (
            <Button variant="primary" busy={busy} data-command={t("sync")} onClick={ask}>
              {t(directory.nextAt === null ? "firstSync" : "sync")}
            </Button>
          )}
          {settings}
        </div>
      )}
    </Card>
  );
}
