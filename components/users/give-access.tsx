"use client";

import { type FormEvent, useRef, useState } from "react";
import { useTranslations } from "use-intl/react";
import { useReader } from "@/components/i18n/reader-provider";
import { useBeforeSignIn } from "@/components/session-over";
import { useShortcut } from "@/components/shell/shortcut";
import { StepUpLink } from "@/components/staff/step-up-link";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { CheckboxField, SelectField, TextField } from "@/components/ui/field";
import { Kbd } from "@/components/ui/kbd";
import { Notice } from "@/components/ui/state";
import { showToast } from "@/components/ui/toast";
import { type GrantReason, grantReasons } from "@/lib/grants/model";
import type { CodeForm, Method, Uses } from "@/lib/policy/model";
import type { GrantView, OfferView, PreviewView } from "./call-view";
import type { Draft } from "./draft";
import { type AskedOffline, OfflinePreview } from "./offline-preview";
import { useOfferRefusal } from "./refusal";

/** What the form asks for. */
export interface Wish {
  method: Method;
  form: CodeForm | undefined;
  windowSeconds: number | undefined;
  uses: Uses | undefined;
  reason: GrantReason;
  reasonNote: string;
  ticket: string;
  sendNow: boolean;
  /** The machine that the user sits at; empty: not known. */
  machineId: string;
}

/** The order of the call: what works most often first. */
const order: readonly Method[] = ["access_code", "sms", "voice"];
const minute = 60;
const hour = 3600;
const windows = [
  15 * minute,
  30 * minute,
  hour,
  4 * hour,
  8 * hour,
  12 * hour,
  24 * hour,
  72 * hour,
  168 * hour,
];

/** The windows that can be chosen between the bounds, and the default. */
function listWindows(least: number, most: number, usual: number): number[] {
  return [
    ...new Set([...windows.filter((each) => each >= least && each <= most), Math.min(usual, most)]),
  ].sort((a, b) => a - b);
}

/** Of `offered` windows the one that was `wanted`, or the next shorter one; where there is none, the shortest. */
function cutDown(offered: readonly number[], wanted: number): number {
  return offered.findLast((each) => each <= wanted) ?? offered[0] ?? wanted;
}

/** What of the form stands in its fields alone. */
function readTyped(form: HTMLFormElement): { ticket: string; note: string; sendNow: boolean } {
  const data = new FormData(form);
  const text = (name: string) => String(data.get(name) ?? "").trim();
  return { ticket: text("ticket"), note: text("note"), sendNow: data.get("sendNow") === "on" };
}

/** The three methods, and the few questions that each has. */
export function GiveAccess({
  userId,
  preview,
  offers,
  live,
  phones,
  busy,
  hasFocus,
  asksStepUp,
  draft,
  saysBack,
  onDraft,
  onWish,
}: {
  userId: string;
  preview: PreviewView | null;
  offers: readonly OfferView[];
  live: readonly GrantView[];
  phones: Partial<Record<Method, string>>;
  busy: boolean;
  /** Whether the form is what one works on now; a code that is shown comes first. */
  hasFocus: boolean;
  /** Whether to say beforehand that a second factor is to be shown; a refusal that is shown says it by itself. */
  asksStepUp: boolean;
  /** What the form begins with; null: nothing was filled in. */
  draft: Draft | null;
  /** Whether to say that it was filled in before. */
  saysBack: boolean;
  /** Told what is filled in before a sign-in takes the form away. */
  onDraft: (draft: Draft) => void;
  onWish: (wish: Wish) => void;
}) {
  const t = useTranslations("user.give");
  const to = useTranslations("user.offline");
  const { formats } = useReader();
  const explain = useOfferRefusal();
  const sorted = order.flatMap((method) => offers.filter((offer) => offer.method === method));
  const [method, setMethod] = useState<Method | null>(
    () =>
      (
        sorted.find((each) => each.offered && each.method === draft?.method) ??
        sorted.find((each) => each.offered)
      )?.method ?? null,
  );
  const [form, setForm] = useState(draft?.form ?? null);
  const [reason, setReason] = useState<GrantReason | null>(draft?.reason ?? null);
  const [missing, setMissing] = useState(false);
  /** What was chosen stays chosen when the method or the form changes, as far as that allows it; null: as is usual. */
  const [wantedWindow, setWantedWindow] = useState(draft?.windowSeconds ?? null);
  const [wantedUses, setWantedUses] = useState(draft?.uses ?? null);
  const [machineId, setMachineId] = useState(draft?.machineId ?? "");

  const offer = sorted.find((each) => each.method === method);
  const fields = useRef<HTMLFormElement>(null);
  useBeforeSignIn(() => {
    if (fields.current === null || method === null) return;
    const { ticket, note, sendNow } = readTyped(fields.current);
    const sendsNow = sendNow || fields.current.elements.namedItem("sendNow") === null;
    const isChosen = [form, reason, wantedWindow, wantedUses].some((choice) => choice !== null);
    const isOther = method !== sorted.find((each) => each.offered)?.method;
    if (!isChosen && !isOther && `${machineId}${ticket}${note}` === "" && sendsNow) return;
    const chosen = { method, form, reason, windowSeconds: wantedWindow, uses: wantedUses, machineId };
    onDraft({ ...chosen, ticket, note, sendNow: sendsNow });
  });
  const reasons = useRef<HTMLFieldSetElement>(null);
  const choose = (index: number) => {
    const wanted = sorted[index];
    if (wanted === undefined) return;
    if (!wanted.offered) {
      void showToast(`${t(`methods.${wanted.method}`)}: ${explain(wanted.because)}`);
      return;
    }
    setMethod(wanted.method);
    reasons.current?.querySelector<HTMLInputElement>("input:checked, input")?.focus();
  };
  useShortcut("1", () => choose(0));
  useShortcut("2", () => choose(1));
  useShortcut("3", () => choose(2));

  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (busy || !offer?.offered) return;
    if (reason === null) {
      setMissing(true);
      event.currentTarget.querySelector<HTMLInputElement>("input[name=reason]")?.focus();
      return;
    }
    const { ticket, note, sendNow } = readTyped(event.currentTarget);
    onWish({
      method: offer.method,
      form: offer.method === "access_code" ? (chosenForm ?? undefined) : undefined,
      windowSeconds: offer.locked.window ? undefined : chosenWindow,
      uses: offer.uses.length > 1 ? chosenUses : undefined,
      reason,
      reasonNote: reason === "other" ? note : "",
      ticket,
      sendNow,
      machineId: offer.method === "access_code" ? machineId : "",
    });
  };

  const chosenForm =
    offer?.offered && offer.forms.length > 0
      ? (offer.forms.find((each) => each === form) ?? offer.forms[0] ?? null)
      : null;
  const longest = offer?.offered
    ? chosenForm === "short" && offer.shortWindowSecondsMax !== null
      ? offer.shortWindowSecondsMax
      : offer.windowSecondsMax
    : 0;
  const offeredWindows =
    offer?.offered && !offer.locked.window
      ? listWindows(offer.windowSecondsMin, longest, offer.windowSeconds)
      : [];
  const chosenWindow = offer?.offered ? cutDown(offeredWindows, wantedWindow ?? offer.windowSeconds) : 0;
  const offeredUses = offer?.offered ? offer.uses : [];
  const chosenUses = offeredUses.find((each) => each === wantedUses) ?? offeredUses[0];
  const asked: AskedOffline = {
    ...(wantedWindow === null ? {} : { windowSeconds: String(chosenWindow) }),
    ...(wantedUses === null || chosenUses === undefined ? {} : { uses: chosenUses }),
    machineId,
  };
  const replaced = live.find((grant) => grant.method === method);
  const isGone = reason === "stolen" || reason === "lost";
  const aimedAt = method === null ? undefined : phones[method];
  const stillSent = [
    ...new Set(live.flatMap((grant) => (grant.method === method ? [] : (phones[grant.method] ?? [])))),
  ];
  const isByRole = sorted.every((each) => !each.offered && each.because.reason === "no_permission");

  return (
    <Card titleId="give-title" title={t("title")}>
      <form ref={fields} onSubmit={submit} className="p-4" noValidate>
        {draft !== null && saysBack && (
          <p role="status" className="mb-3 text-ink-soft text-xs">
            {t("back")}
          </p>
        )}
        <fieldset>
          <legend className="sr-only">{t("method")}</legend>
          <div className="grid gap-2.5 sm:grid-cols-3">
            {sorted.map((each, index) => (
              <label
                key={each.method}
                data-command={each.offered ? t("choose", { method: t(`methods.${each.method}`) }) : undefined}
                className={`relative flex flex-col gap-1 rounded-lg border p-3 ${
                  each.offered
                    ? "cursor-pointer hover:bg-sunken/60 has-checked:border-accent has-checked:bg-surface has-checked:shadow-[0_0_0_1px_var(--color-accent)]"
                    : "cursor-not-allowed border-dashed text-ink-soft"
                } has-focus-visible:outline-2 has-focus-visible:outline-accent has-focus-visible:outline-offset-2`}
              >
                <input
                  type="radio"
                  name="method"
                  value={each.method}
                  className="absolute inset-0 size-full cursor-[inherit] opacity-0"
                  checked={method === each.method}
                  disabled={!each.offered}
                  aria-keyshortcuts={String(index + 1)}
                  aria-describedby={`method-${each.method}`}
                  onChange={() => setMethod(each.method)}
                />
                <span className="flex items-center justify-between gap-2">
                  <span className="font-semibold">{t(`methods.${each.method}`)}</span>
                  <Kbd>{index + 1}</Kbd>
                </span>
                <span id={`method-${each.method}`} className="text-ink-soft text-xs">
                  {each.offered
                    ? each.method === "access_code"
                      ? t("about.access_code")
                      : t(`about.${each.method}`, { to: phones[each.method] ?? "" })
                    : explain(each.because)}
                </span>
              </label>
            ))}
          </div>
        </fieldset>

        {offer?.offered ? (
          <>
            <fieldset ref={reasons} className="mt-4">
              <legend className="mb-1.5 font-medium text-xs">{t("reason")}</legend>
              <div className="flex flex-wrap gap-1.5">
                {grantReasons.map((each) => (
                  <label
                    key={each}
                    className="relative flex h-8 cursor-pointer items-center rounded-full border border-line-field px-3 text-xs hover:bg-sunken has-checked:border-accent has-checked:bg-accent-soft has-checked:font-medium has-checked:text-accent has-focus-visible:outline-2 has-focus-visible:outline-accent has-focus-visible:outline-offset-2"
                  >
                    <input
                      type="radio"
                      name="reason"
                      value={each}
                      className="absolute inset-0 size-full cursor-pointer opacity-0"
                      checked={reason === each}
                      aria-invalid={missing && reason === null ? true : undefined}
                      aria-describedby={missing && reason === null ? "reason-missing" : undefined}
                      onChange={() => setReason(each)}
                    />
                    {t(`reasons.${each}`)}
                  </label>
                ))}
              </div>
              {missing && reason === null && (
                <p id="reason-missing" role="alert" className="mt-1 font-medium text-danger text-xs">
                  {t("reasonMissing")}
                </p>
              )}
              {reason === "stolen" && <p className="mt-1.5 text-warn text-xs">{t("stolenNote")}</p>}
              {isGone && aimedAt !== undefined && (
                <p className="mt-1.5 text-warn text-xs">{t("goneNote", { to: aimedAt })}</p>
              )}
              {isGone && stillSent.length > 0 && (
                <p className="mt-1.5 text-warn text-xs">{t("goneLive", { to: stillSent.join(", ") })}</p>
              )}
            </fieldset>
            <div className="mt-4 grid gap-3 sm:grid-cols-2 md:grid-cols-3">
              {offer.locked.window ? (
                <p className="self-end text-ink-soft text-xs">
                  {t("windowLocked", { window: formats.span(offer.windowSeconds) })}
                </p>
              ) : (
                <SelectField
                  id="window"
                  name="window"
                  label={t("window")}
                  value={String(chosenWindow)}
                  onChange={(event) => setWantedWindow(Number(event.target.value))}
                  options={offeredWindows.map((seconds) => [String(seconds), formats.span(seconds)])}
                />
              )}
              {offer.forms.length > 1 && (
                <SelectField
                  id="form"
                  name="form"
                  label={t("form")}
                  value={chosenForm ?? ""}
                  onChange={(event) => setForm(event.target.value)}
                  options={offer.forms.map((each) => [each, t(`forms.${each}`)])}
                />
              )}
              {offer.uses.length > 1 && (
                <SelectField
                  id="uses"
                  name="uses"
                  label={t("uses")}
                  value={chosenUses ?? ""}
                  onChange={(event) => setWantedUses(event.target.value)}
                  options={offer.uses.map((each) => [each, t(`usesOf.${each}`)])}
                />
              )}
              <TextField
                id="ticket"
                name="ticket"
                label={t("ticket")}
                optional={t("optional")}
                maxLength={80}
                autoComplete="off"
                placeholder="INC-20418"
                defaultValue={draft?.ticket}
              />
              {reason === "other" && (
                <TextField
                  id="note"
                  name="note"
                  label={t("note")}
                  optional={t("optional")}
                  maxLength={500}
                  autoComplete="off"
                  defaultValue={draft?.note}
                  className="sm:col-span-2 md:col-span-3"
                />
              )}
            </div>
            {chosenForm === "standard" && (
              <OfflinePreview userId={userId} asked={asked} onMachine={setMachineId} first={preview} />
            )}
            {chosenForm === "short" && <p className="mt-4 text-ink-soft text-xs">{to("shortOnly")}</p>}
            {offer.stepUpNeeded && asksStepUp && (
              <div className="mt-4">
                <Notice
                  tone="warn"
                  title={t("stepUp")}
                  actions={<StepUpLink returnTo={`/users/${userId}`} />}
                />
              </div>
            )}
            <div className="mt-4 flex flex-wrap items-center justify-between gap-3">
              {offer.method === "access_code" ? (
                <p className="text-ink-soft text-xs">{replaced ? t("replaces") : t("shownOnce")}</p>
              ) : (
                <div>
                  <CheckboxField
                    id="sendNow"
                    name="sendNow"
                    defaultChecked={draft?.sendNow ?? true}
                    label={t(`sendNow.${offer.method}`)}
                  />
                  {replaced && <p className="mt-1 text-ink-soft text-xs">{t("replacesAccess")}</p>}
                </div>
              )}
              <Button
                type="submit"
                variant={hasFocus && replaced === undefined ? "primary" : "plain"}
                busy={busy}
                data-command={t(`act.${offer.method}`)}
              >
                {t(`act.${offer.method}`)}
              </Button>
            </div>
          </>
        ) : isByRole ? null : (
          <p className="mt-3 text-ink-soft text-sm">{t("nothingWorks")}</p>
        )}
      </form>
    </Card>
  );
}
