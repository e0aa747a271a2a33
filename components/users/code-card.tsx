"use client";

import { type KeyboardEvent, useEffect, useEffectEvent, useRef } from "react";
import { useTranslations } from "use-intl/react";
import { useReader } from "@/components/i18n/reader-provider";
import { OfflineTill, useNow, ValidUntil } from "@/components/i18n/time";
import { useShortcut } from "@/components/shell/shortcut";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { groupsOf, spellSymbol } from "@/lib/codes/spelling";
import type { IssuedCode } from "@/lib/grants/issue";
import type { GrantEnd as GrantEndState } from "@/lib/grants/model";
import type { OfflineReach } from "@/lib/machines/holds";
import type { Plain } from "./call-view";
import { GrantEnd, useEndReason } from "./grant-end";
import { OfflineLines } from "./offline-lines";

/** How long a code stays on the screen, unless it is put away before or more time is asked for. */
export const shownSeconds = 75;

/** So long before its end it is announced to who can't see the clock (WCAG 2.2.1). */
const warnedSeconds = 20;

/** What the head of the page covers, and a little more; as `scroll-mt-28`. */
const coveredPx = 112;

/** So long after it appeared no Enter puts it away: that one was meant for the button before. */
const heldMs = 1_500;

/** A code that is on the screen, and until when (ms). */
export interface ShownCode {
  code: Plain<IssuedCode>;
  grantId: string;
  uses: "once" | "reusable";
  /** Where it works without a network. */
  offline: Plain<OfflineReach> | null;
  hidesAt: number;
}

/**
 * The code, once: large, in fours, each symbol with the word that is said for it. It leaves the screen by the clock, which
 * `onKeep` winds up again, by having been read out, by its end, which is said in its place, and
 * with the page, which asks before; it is kept nowhere, so that nothing brings it back.
 */
export function CodeCard({
  shown,
  ended,
  userZone,
  onHide,
  onKeep,
  onRevoke,
}: {
  shown: ShownCode;
  /** How and when (ISO 8601) it ended; null: it lives, for all that is known. */
  ended: { how: GrantEndState; at: string; why: string | null } | null;
  userZone: string | null;
  onHide: () => void;
  onKeep: () => void;
  onRevoke: (() => void) | null;
}) {
  const t = useTranslations("user.code");
  const to = useTranslations("user.offline");
  const tu = useTranslations("ui");
  const { locale, formats } = useReader();
  const now = useNow(1_000);
  const left = Math.ceil((shown.hidesAt - now) / 1000);
  const hide = useEffectEvent(onHide);
  useShortcut("+", () => ended === null && onKeep());
  const card = useRef<HTMLElement>(null);
  const close = useRef<HTMLButtonElement>(null);
  const appearedAt = useRef(0);
  useEffect(() => {
    appearedAt.current = performance.now();
    card.current?.focus({ preventScroll: true });
    const { top = 0, bottom = 0 } = card.current?.getBoundingClientRect() ?? {};
    if (top < coveredPx || bottom > innerHeight) card.current?.scrollIntoView({ block: "start" });
  }, []);
  const isEnded = ended !== null;
  useEffect(() => {
    if (isEnded && card.current?.contains(document.activeElement)) close.current?.focus();
  }, [isEnded]);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || event.target !== event.currentTarget || event.repeat) return;
    if (performance.now() - appearedAt.current > heldMs) onHide();
  };
  useEffect(() => {
    const timer = setTimeout(hide, Math.max(0, shown.hidesAt - Date.now()));
    addEventListener("pagehide", hide);
    return () => {
      clearTimeout(timer);
      removeEventListener("pagehide", hide);
    };
  }, [shown.hidesAt]);

  const { code, offline } = shown;
  const lines = [
    ...(offline?.worksOn ?? []).map((line) => ({ ...line, why: null })),
    ...(offline?.notOn ?? []).map((line) => ({ ...line, until: null, leftAfter: null })),
  ];
  const isDecimal = code.shown === "decimal" && code.decimal !== null;
  const groups = groupsOf(isDecimal ? (code.decimal as string) : code.text);
  const endReason = useEndReason();
  const endWords =
    ended &&
    [
      t(`ended.${ended.how}`, { clock: formats.clock(new Date(ended.at)) }),
      ...(ended.why === null ? [] : [`${endReason(ended.why)}.`]),
    ].join(" ");
  return (
    <Card
      ref={card}
      tabIndex={-1}
      onKeyDown={onKeyDown}
      className="scroll-mt-28 outline-none"
      titleId="code-title"
      title={
        <>
          {t("title")} <GrantEnd state={ended?.how ?? "live"} />
        </>
      }
      aside={
        ended === null && (
          <span className="flex items-center gap-3 tabular-nums">
            <span>
              {t.rich("hides", {
                left: `${Math.floor(Math.max(0, left) / 60)}:${String(Math.max(0, left) % 60).padStart(2, "0")}`,
                b: (chunks) => (
                  <strong
                    className={`font-mono font-semibold ${left <= warnedSeconds ? "text-warn" : "text-ink"}`}
                  >
                    {chunks}
                  </strong>
                ),
              })}
            </span>
            <Button size="sm" keys="+" onClick={onKeep} data-command={t("keep")}>
              {t("keep")}
            </Button>
          </span>
        )
      }
    >
      <div className="px-4 pt-5 pb-4">
        <p className="sr-only" role="status">
          {endWords ??
            t("spoken", {
              words: groups
                .map((group) => [...group].map((s) => spellSymbol(s, locale)).join(" "))
                .join(", "),
            })}
        </p>
        <p className="sr-only" role="status">
          {ended === null && left <= warnedSeconds && t("hidesSoon")}
        </p>
        {ended === null && <Tiles groups={groups} left={left} />}
        {ended === null && code.form === "standard" && lines.length > 0 && (
          <div className="mt-3 rounded-lg bg-sunken/60 px-3 py-2.5">
            <OfflineLines label={to("issued")} lines={lines} linked={false} />
          </div>
        )}
        <div className={`flex flex-wrap items-center justify-between gap-3 ${ended === null ? "mt-3" : ""}`}>
          <p className="text-ink-soft first-letter:uppercase [&_strong]:text-ink">
            {endWords ?? (
              <>
                <ValidUntil at={code.expiresAt} userZone={userZone} /> · {t(`uses.${shown.uses}`)}
                {" · "}
                {code.offlineExpiresAt === null || lines.length === 0 ? (
                  t("onlineOnly")
                ) : (
                  <OfflineTill at={code.offlineExpiresAt} userZone={userZone} />
                )}
              </>
            )}
          </p>
          <div className="ml-auto flex gap-2">
            {onRevoke !== null && (
              <Button variant="danger" onClick={onRevoke}>
                {t("revoke")}
              </Button>
            )}
            <Button ref={close} variant={ended === null ? "primary" : "plain"} keys="↵" onClick={onHide}>
              {ended === null ? t("readOut") : tu("close")}
            </Button>
          </div>
        </div>
      </div>
    </Card>
  );
}

function Tiles({ groups, left }: { groups: readonly string[]; left: number }) {
  const { locale } = useReader();
  const rows = Array.from({ length: Math.ceil(groups.length / 2) }, (_, row) =>
    groups.slice(row * 2, row * 2 + 2).map((text, column) => ({ text, at: row * 2 + column })),
  );
  return (
    <>
      <div aria-hidden="true" data-testid="code" className="flex flex-col items-center gap-4">
        {rows.map((row) => (
          <div key={row[0]?.at} className="flex flex-wrap justify-center gap-x-8 gap-y-4">
            {row.map(({ text, at }) => (
              <div key={at} className="flex gap-1.5">
                {[...text].map((symbol, place) => (
                  <div key={`${at}-${place}`} className="flex w-14 flex-col items-center gap-1 sm:w-16">
                    <span className="flex h-14 w-full items-center justify-center rounded-lg bg-sunken font-mono font-semibold text-4xl">
                      {symbol}
                    </span>
                    <span className="whitespace-nowrap text-2xs text-ink-soft sm:text-xs">
                      {spellSymbol(symbol, locale)}
                    </span>
                  </div>
                ))}
              </div>
            ))}
          </div>
        ))}
      </div>
      <div aria-hidden="true" className="mt-6 h-1 overflow-hidden rounded-full bg-sunken">
        <div
          className={`h-full origin-left rounded-full transition-transform duration-1000 ease-linear ${left <= warnedSeconds ? "bg-warn" : "bg-accent"}`}
          style={{ transform: `scaleX(${Math.min(1, Math.max(0, left / shownSeconds))})` }}
        />
      </div>
    </>
  );
}
