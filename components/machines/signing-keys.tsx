"use client";

import { Suspense, useState } from "react";
import { useTranslations } from "use-intl/react";
import { Moment } from "@/components/i18n/time";
import { Badge, type Tone } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { fetchLater } from "@/components/ui/fetch-later";
import { showToast } from "@/components/ui/toast";
import type { Plain } from "@/components/users/call-view";
import type { SigningKeyView } from "@/lib/machines/rotate-signing-key";
import { Fingerprint } from "./fingerprint";
import type { RefusedAct } from "./words";

const ActDialog = fetchLater(() => import("./act-dialog"));

type Key = Plain<SigningKeyView>;
type Answer = Promise<{ ok: true } | RefusedAct>;

/** The three steps of a rotation. */
export interface SigningKeyActs {
  announce: (input: Record<string, never>) => Answer;
  force: (input: Record<string, never>) => Answer;
  end: (input: { id: string; force: boolean }) => Answer;
}

type Step = { act: "announce" | "force" } | { act: "end"; key: Key };

const toneOf: Readonly<Record<Key["state"], Tone>> = {
  announced: "accent",
  in_force: "ok",
  older: "warn",
  ended: "neutral",
};

/** The keys that packages are signed with, and the way from one to the next. `why`: why the reader may not rotate. */
export function SigningKeys({
  keys,
  acts,
  why,
}: {
  keys: readonly Key[];
  acts: SigningKeyActs;
  why: string | null;
}) {
  const t = useTranslations("machines.key");
  const [step, setStep] = useState<Step | null>(null);
  const living = keys.filter(({ state }) => state !== "ended");
  const announced = living.some(({ state }) => state === "announced");
  const run = async (): Answer => {
    if (step === null) return { ok: true };
    const result =
      step.act === "end"
        ? await acts.end({ id: step.key.id, force: step.key.machines > 0 })
        : await acts[step.act]({});
    if (result.ok) void showToast(t(`done.${step.act}`));
    return result;
  };
  const wordsOf = (of: Step) =>
    of.act === "end" && of.key.machines > 0 ? t("endForce", { count: of.key.machines }) : t(of.act);
  const hintOf = (of: Step) => t(of.act === "end" && of.key.machines > 0 ? "endForceHint" : `${of.act}Hint`);
  const button = (of: Step) => (
    <Button
      size="sm"
      variant={of.act === "end" ? "danger" : "plain"}
      aria-disabled={why === null ? undefined : true}
      aria-describedby={why === null ? undefined : "key-why"}
      data-command={why === null ? wordsOf(of) : undefined}
      onClick={() => {
        if (why === null) setStep(of);
      }}
    >
      {wordsOf(of)}
    </Button>
  );
  return (
    <Card titleId="key-title" title={t("title")}>
      <p className="max-w-prose px-4 pt-3 text-ink-soft text-xs">{t("about")}</p>
      {living.length === 0 && <p className="px-4 pt-2 pb-3.5">{t("none")}</p>}
      <ul className="divide-y">
        {living.map((key) => (
          <li key={key.id} className="flex flex-wrap items-center justify-between gap-x-6 gap-y-2 px-4 py-3">
            <div className="min-w-0 flex-1 basis-72">
              <p className="flex flex-wrap items-baseline gap-x-2.5 gap-y-1">
                <Badge tone={toneOf[key.state]}>{t(`state.${key.state}`)}</Badge>
                <span className="text-ink-soft text-xs">
                  <Moment at={key.inForceAt ?? key.createdAt} /> · {t("machines", { count: key.machines })}
                </span>
              </p>
              <p className="mt-1.5">
                <Fingerprint value={key.id} />
              </p>
            </div>
            {key.state === "announced" && button({ act: "force" })}
            {key.state === "older" && button({ act: "end", key })}
          </li>
        ))}
      </ul>
      {living.length > 0 && (
        <details className="border-t px-4 py-2.5 text-xs">
          <summary className="cursor-pointer font-medium">{t("steps")}</summary>
          <ol className="mt-2 flex max-w-prose list-decimal flex-col gap-1.5 pl-5 text-ink-soft">
            {(["announce", "force", "end"] as const).map((act) => (
              <li key={act}>
                <strong className="font-medium text-ink">{t(act)}.</strong> {t(`${act}Hint`)}
              </li>
            ))}
          </ol>
          <div className="mt-3 flex flex-wrap items-center gap-3">
            {!announced && button({ act: "announce" })}
          </div>
        </details>
      )}
      {why !== null && living.length > 0 && (
        <p id="key-why" className="border-t px-4 py-2.5 text-ink-soft text-xs">
          {why}
        </p>
      )}
      {step !== null && (
        <Suspense fallback={null}>
          <ActDialog
            title={t("confirm", { act: wordsOf(step) })}
            description={hintOf(step)}
            act={wordsOf(step)}
            danger={step.act === "end"}
            onClose={() => setStep(null)}
            onAct={run}
          />
        </Suspense>
      )}
    </Card>
  );
}
