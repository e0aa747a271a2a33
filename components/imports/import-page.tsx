"use client";

import { useQuery, useQueryClient } from "@tanstack/react-query";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { useTranslations } from "use-intl/react";
import { BackLink } from "@/components/back-link";
import { useReader } from "@/components/i18n/reader-provider";
import { Moment } from "@/components/i18n/time";
import { PageHeader } from "@/components/page-header";
import { readJson } from "@/components/read-json";
import { RefusalNotice } from "@/components/staff/refusal-notice";
import { Badge } from "@/components/ui/badge";
import { Button, buttonClass } from "@/components/ui/button";
import { Card, Fact, Facts } from "@/components/ui/card";
import { Progress } from "@/components/ui/progress";
import { Notice } from "@/components/ui/state";
import { sayWhy } from "@/lib/directory/say-why";
import type { ImportActResult } from "@/lib/imports/acts";
import type { ConfirmImportInput, ImportIdInput } from "@/lib/imports/input";
import type { ShownImport } from "@/lib/imports/read";
import type { Action } from "@/lib/staff/action";
import { Confirm } from "./confirm";
import { Counts } from "./counts";
import { Changes, Refusals } from "./looked-at";
import { type ImportRefusal, isMoving, noAnswer, toneOf, useImportWords } from "./words";

const beatMs = { moving: 1_000, still: 15_000 };

/** What the page shows, as it travels. */
export type ImportView = { ok: true; shown: ShownImport };

/** What staff may say about an import. */
export interface ImportActs {
  confirm: Action<ConfirmImportInput, ImportActResult>;
  stop: Action<ImportIdInput, ImportActResult>;
  resume: Action<ImportIdInput, ImportActResult>;
  discard: Action<ImportIdInput, ImportActResult>;
}

/** One import: how far it is, what it comes to or did, and what may be said about it. It follows the work. `manages`: the reader may act. */
export function ImportPage({
  first,
  acts,
  manages,
}: {
  first: ImportView;
  acts: ImportActs;
  manages: boolean;
}) {
  const t = useTranslations("directory");
  const words = useImportWords();
  const router = useRouter();
  const queries = useQueryClient();
  const { locale, renderedAt, formats } = useReader();
  const [busy, setBusy] = useState<keyof ImportActs | null>(null);
  const [refused, setRefused] = useState<ImportRefusal | null>(null);
  const { id: jobId } = first.shown;
  const queryKey = ["import", jobId];
  const { data, isError } = useQuery({
    queryKey,
    queryFn: ({ signal }) => readJson<ImportView>(`/api/directory/imports/${jobId}`, {}, signal),
    initialData: first,
    initialDataUpdatedAt: renderedAt,
    refetchInterval: ({ state }) =>
      state.data !== undefined && isMoving(state.data.shown.state) ? beatMs.moving : beatMs.still,
  });
  const job = data.shown;
  const act = async (name: keyof ImportActs, answer: () => Promise<{ ok: boolean }>) => {
    if (busy !== null) return;
    setBusy(name);
    setRefused(null);
    const result = await answer().catch(noAnswer);
    await Promise.all([queryKey, ["imports"]].map((key) => queries.invalidateQueries({ queryKey: key })));
    setBusy(null);
    const isFinished = queries.getQueryData<ImportView>(queryKey)?.shown.state === "done";
    if (result.ok) setRefused(null);
    else
      setRefused(
        name === "stop" && isFinished ? { ok: false, reason: "finished" } : (result as ImportRefusal),
      );
    if (result.ok && name === "discard") router.push("/directory");
  };
  const say = (name: "stop" | "resume" | "discard", variant: "plain" | "danger" | "primary") => (
    <Button
      variant={variant}
      busy={busy === name}
      data-command={t(`act.${name}`)}
      onClick={() => act(name, () => acts[name]({ jobId }))}
    >
      {t(`act.${name}`)}
    </Button>
  );
  const isLookedAt = job.state !== "failed" || (job.previewCounts.people ?? 0) > 0;
  const percent = job.progress === null ? null : formats.number(Math.floor(job.progress * 100));
  const isPreview = job.phase === "preview" || job.state === "waiting";
  return (
    <>
      <BackLink href="/directory">{t("title")}</BackLink>
      <PageHeader
        title={
          <span className="flex min-w-0 flex-wrap items-center gap-x-3 gap-y-1">
            <span className="break-all">{job.label === "" ? t(`kindOf.${job.kind}`) : job.label}</span>
            <Badge tone={toneOf[job.state]}>{t(`stateOf.${job.state}`)}</Badge>
          </span>
        }
      >
        {manages && (
          <div className="flex flex-wrap gap-2">
            {job.can.stop && say("stop", "danger")}
            {job.can.resume && say("resume", "primary")}
            {job.can.discard && say("discard", "plain")}
          </div>
        )}
      </PageHeader>
      <div className="flex min-w-0 flex-col gap-4">
        {isError && <Notice tone="warn" title={t("stale")} />}
        <RefusalNotice refusal={refused} words={words} />
        {job.state === "failed" && (
          <Notice
            tone="danger"
            title={t(`failure.${job.failure ?? "fault"}`)}
            actions={
              manages && (
                <Link
                  href={job.kind === "ldap" ? "/directory/ldap" : "/directory"}
                  className={buttonClass({ size: "sm" })}
                >
                  {t(`afterFailure.${job.kind}`)}
                </Link>
              )
            }
          >
            {job.failureWhy !== null && (
              <p className="first-letter:uppercase">{sayWhy(locale, job.failureWhy)}</p>
            )}
          </Notice>
        )}
        {(isMoving(job.state) || job.state === "stopped") && (
          <Card className="flex flex-col gap-2 p-4">
            <p className="flex flex-wrap justify-between gap-x-4 font-medium">
              {job.state === "stopped" && percent !== null ? (
                <span>{t("stoppedAt", { percent })}</span>
              ) : (
                <>
                  <span>{t(job.state === "queued" ? "waitsItsTurn" : `phase.${job.phase}`)}</span>
                  {percent !== null && <span className="tabular-nums">{percent} %</span>}
                </>
              )}
            </p>
            <Progress value={job.progress} label={t("progress")} />
            <p className="text-ink-soft text-xs">
              {t(job.state === "stopped" ? "stoppedHint" : "leaveAlone")}
            </p>
          </Card>
        )}
        {job.state === "waiting" && (
          <Confirm
            job={job}
            busy={busy === "confirm"}
            why={manages ? null : t("readOnly")}
            confirm={(disabled) => act("confirm", () => acts.confirm({ jobId, disabled }))}
          />
        )}
        <div
          className={`grid items-start gap-4 ${isLookedAt ? "xl:grid-cols-[minmax(0,1fr)_20rem]" : "max-w-xl"}`}
        >
          {isLookedAt && (
            <div className="flex min-w-0 flex-col gap-4">
              <Counts counts={isPreview ? job.previewCounts : job.counts} isPreview={isPreview} />
              <Changes sample={job.sample} />
              <Refusals
                refusals={job.refusals}
                count={job.previewCounts.refused ?? 0}
                download={
                  manages && job.can.readRefused ? (
                    <a
                      href={`/api/directory/imports/${jobId}/refused`}
                      download
                      className={buttonClass({ size: "sm" })}
                    >
                      {t("refusals.download")}
                    </a>
                  ) : null
                }
              />
            </div>
          )}
          <Card titleId="about-title" title={t("about.title")}>
            <Facts>
              <Fact name={t("about.kind")}>{t(`kindOf.${job.kind}`)}</Fact>
              {job.kind === "csv" && (
                <>
                  <Fact name={t("about.everybody")}>{t(job.isReplacing ? "about.yes" : "about.no")}</Fact>
                  <Fact name={t("about.country")}>{job.country ?? t("about.none")}</Fact>
                </>
              )}
              <Fact name={t("askedBy")}>{job.askedBy.name ?? job.askedBy.kind}</Fact>
              <Fact name={t("about.asked")}>
                <Moment at={job.createdAt} />
              </Fact>
              {job.previewedAt !== null && (
                <Fact name={t("about.previewed")}>
                  <Moment at={job.previewedAt} />
                </Fact>
              )}
              {job.confirmedAt !== null && (
                <Fact name={t("about.confirmed")}>
                  <Moment at={job.confirmedAt} />
                </Fact>
              )}
              {job.endedAt !== null && (
                <Fact name={t("about.ended")}>
                  <Moment at={job.endedAt} />
                </Fact>
              )}
            </Facts>
          </Card>
        </div>
      </div>
    </>
  );
}
