"use client";

import Link from "next/link";
import { useTranslations } from "use-intl/react";
import { Moment } from "@/components/i18n/time";
import { Card, Fact, Facts } from "@/components/ui/card";
import type { MachineDetails } from "@/lib/machines/read-store";
import { Fingerprint } from "./fingerprint";

/** What is known of a machine: its keys' fingerprints, its package, its agent. */
export function MachineFacts({ machine, hasLog }: { machine: MachineDetails; hasLog: boolean }) {
  const t = useTranslations("machines.fact");
  const list = useTranslations("machines");
  return (
    <Card titleId="facts-title" title={list("one")}>
      <Facts>
        <Fact name={t("enrolled")}>
          <Moment at={machine.enrolledAt} />
          {machine.enrolledBy !== null && (
            <span className="block text-ink-soft text-xs">
              {t("enrolledBy", { name: machine.enrolledBy })}
            </span>
          )}
        </Fact>
        <Fact name={t("contact")}>
          {machine.lastContactAt === null ? list("never") : <Moment at={machine.lastContactAt} />}
          {machine.lastSourceIp !== null && (
            <span className="block text-ink-soft text-xs">{t("from", { ip: machine.lastSourceIp })}</span>
          )}
        </Fact>
        <Fact name={t("version")}>
          <span className="font-mono text-xs">{machine.agentVersion ?? "–"}</span>
        </Fact>
        <Fact name={t("stored")}>
          {machine.storedAt === null ? list("package.none") : <Moment at={machine.storedAt} />}
        </Fact>
        {machine.storedNotAfter !== null && (
          <Fact name={t("good")}>
            <Moment at={machine.storedNotAfter} />
          </Fact>
        )}
        {machine.storedAt !== null && (
          <Fact name={t("number")}>
            <span className="font-mono text-xs">
              {machine.storedGeneration}, {machine.storedSerial}
            </span>
          </Fact>
        )}
      </Facts>
      <dl className="flex flex-col gap-3 border-t px-4 py-3.5 text-sm">
        <div>
          <dt className="mb-1 text-ink-soft text-xs">{t("key")}</dt>
          <dd>
            <Fingerprint value={machine.keyId} />
          </dd>
        </div>
        <div>
          <dt className="mb-1 text-ink-soft text-xs">{t("signingKey")}</dt>
          <dd>
            <Fingerprint value={machine.pinnedKeyId} />
          </dd>
        </div>
      </dl>
      {hasLog && (
        <p className="border-t px-4 py-2.5 text-xs">
          <Link
            href={`/audit?${new URLSearchParams({ actorKind: "machine", actor: machine.id })}`}
            prefetch={false}
            className="font-medium text-accent hover:underline"
          >
            {t("log")}
          </Link>
        </p>
      )}
    </Card>
  );
}
