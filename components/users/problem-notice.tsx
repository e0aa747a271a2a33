"use client";

import type { ReactNode } from "react";
import { useTranslations } from "use-intl/react";
import { useReader } from "@/components/i18n/reader-provider";
import { signInAgain } from "@/components/session-over";
import { StepUpLink } from "@/components/staff/step-up-link";
import { Button } from "@/components/ui/button";
import { Notice } from "@/components/ui/state";
import type { Wish } from "./give-access";
import { type IssueRefusal, useIssueRefusal } from "./refusal";

/** Why a wish came to nothing: refused, or never answered; `said`: an act that is not tried again from here, in words. */
export type Problem =
  | { refusal: IssueRefusal; wish: Wish }
  | { noAnswer: true; wish: Wish }
  | { said: string };

/** Says what the problem is, and offers what leads on. */
export function ProblemNotice({
  problem,
  userId,
  onDismiss,
  onGive,
  onNew,
}: {
  problem: Problem;
  userId: string;
  onDismiss: () => void;
  /** Tries again; in place of a grant, where that is named. */
  onGive: (wish: Wish, replaces?: string) => void;
  /** Gives a new one in place of one whose code nobody saw. */
  onNew: (wish: Wish, lostGrantId: string) => void;
}) {
  const t = useTranslations("user.refusal");
  const tl = useTranslations("user.live");
  const tu = useTranslations("ui");
  const { formats, renderedAt } = useReader();
  const explain = useIssueRefusal();
  const act = (words: string, onClick: () => void, variant?: "danger") => (
    <Button size="sm" variant={variant} onClick={onClick}>
      {words}
    </Button>
  );
  const dismiss = (
    <Button size="sm" variant="quiet" onClick={onDismiss}>
      {tu("close")}
    </Button>
  );
  const show = (title: string, actions: ReactNode, more?: string, tone: "warn" | "danger" = "warn") => (
    <Notice tone={tone} alert title={title} actions={actions}>
      {more}
    </Notice>
  );
  if ("said" in problem) return show(problem.said, dismiss);
  const { wish } = problem;
  const retry = act(t("retry"), () => onGive(wish));
  const retryOrDismiss = (
    <>
      {retry}
      {dismiss}
    </>
  );
  if ("noAnswer" in problem) return show(t("noAnswer"), retryOrDismiss);
  const { refusal } = problem;
  const words = explain(refusal);
  switch (refusal.reason) {
    case "changed_meanwhile": {
      const { live } = refusal;
      return show(
        words,
        <>
          {act(t("replaceIt"), () => onGive(wish, live.id), "danger")}
          {dismiss}
        </>,
        t("changedBy", {
          name: live.issuer.label ?? tl("bySystem"),
          at: formats.moment(new Date(live.createdAt), new Date(renderedAt)),
          until: formats.moment(new Date(live.expiresAt), new Date(renderedAt)),
        }),
      );
    }
    case "already_issued":
      return show(
        words,
        <>
          {act(t("makeNew"), () => onNew(wish, refusal.grant.id))}
          {dismiss}
        </>,
        t("already_issuedHint"),
      );
    case "step_up_needed":
      return show(
        words,
        <>
          <StepUpLink returnTo={`/users/${userId}`} />
          {retry}
        </>,
      );
    case "signed_out":
    case "second_factor":
      return show(
        words,
        <Button size="sm" variant="primary" onClick={signInAgain}>
          {t("signIn")}
        </Button>,
      );
    case "busy":
    case "unavailable":
      return show(words, retryOrDismiss);
    default:
      return show(words, dismiss, undefined, "danger");
  }
}
