"use client";

import { useTranslations } from "use-intl/react";
import { useReader } from "@/components/i18n/reader-provider";
import { useDoorWords } from "@/components/staff/words";
import type { IssueResult } from "@/lib/grants/issue";
import type { SendAgainResult } from "@/lib/grants/send-again";
import { assertNever } from "@/lib/platform/outcome";
import { type DoorRefusal, isDoorRefusal } from "@/lib/staff/outcome";
import type { OfferView, Plain } from "./call-view";

/** Why a wish was not fulfilled, or the door's own no. */
export type IssueRefusal = Plain<Exclude<IssueResult, { ok: true }>> | DoorRefusal;

/** Why no other text or call goes out, or the door's own no. */
export type SendAgainRefusal = Plain<Exclude<SendAgainResult, { ok: true }>> | DoorRefusal;

/** Says why a method can't work for this user, and what would help. */
export function useOfferRefusal(): (because: Extract<OfferView, { offered: false }>["because"]) => string {
  const t = useTranslations("user.refusal");
  const { formats, renderedAt } = useReader();
  return (because) => {
    switch (because.reason) {
      case "method_off":
        return (
          because.because ??
          t(because.group === null ? "method_off" : "method_off_group", { group: because.group ?? "" })
        );
      case "privileged":
        return t("privileged", { group: because.group });
      case "number_held":
        return t("number_held", { until: formats.moment(new Date(because.heldUntil), new Date(renderedAt)) });
      case "country":
        return t("country", { country: because.country ?? "?" });
      case "yourself":
      case "user_disabled":
      case "no_number":
      case "number_barred":
      case "no_permission":
        return t(because.reason);
      default:
        return assertNever(because);
    }
  };
}

/** Says why nothing was issued, and what to do next. */
export function useIssueRefusal(): (refusal: IssueRefusal) => string {
  const t = useTranslations("user.refusal");
  const { formats } = useReader();
  const explainOffer = useOfferRefusal();
  return (refusal) => {
    switch (refusal.reason) {
      case "yourself":
      case "privileged":
      case "user_disabled":
      case "method_off":
      case "no_number":
      case "number_held":
      case "country":
      case "number_barred":
        return explainOffer(refusal);
      case "send_limit":
      case "too_soon":
        return t(refusal.reason, { wait: formats.span(refusal.retryAfterSeconds ?? 0) });
      case "window_too_long":
        return t("window_too_long", { most: formats.span(refusal.windowSecondsMax) });
      case "window_too_short":
        return t("window_too_short", { least: formats.span(refusal.windowSecondsMin) });
      case "fault":
        return t("fault", { id: refusal.requestId });
      case "already_issued":
      case "changed_meanwhile":
      case "user_not_found":
      case "issuing_stopped":
      case "busy":
      case "budget":
      case "form_off":
      case "uses_off":
      case "step_up_needed":
      case "signed_out":
      case "second_factor":
      case "denied":
      case "invalid":
      case "unavailable":
        return t(refusal.reason);
      default:
        return assertNever(refusal);
    }
  };
}

/** Says why no other text or call goes out, and what to do next. */
export function useSendAgainRefusal(): (refusal: SendAgainRefusal) => string {
  const t = useTranslations("user.again.refusal");
  const { formats } = useReader();
  const explainOffer = useOfferRefusal();
  const doorWords = useDoorWords();
  return (refusal) => {
    if (isDoorRefusal(refusal)) return doorWords(refusal);
    switch (refusal.reason) {
      case "send_limit":
      case "too_soon":
        return t(refusal.reason, { wait: formats.span(refusal.retryAfterSeconds ?? 0) });
      case "grant_not_found":
      case "already_ended":
        return t("already_ended");
      case "nothing_to_send":
      case "issuing_stopped":
      case "budget":
        return t(refusal.reason);
      default:
        return explainOffer(refusal);
    }
  };
}
