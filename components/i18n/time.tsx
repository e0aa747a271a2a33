"use client";

import { type ReactNode, useSyncExternalStore } from "react";
import { useTranslations } from "use-intl/react";
import { useReader } from "./reader-provider";

interface Clock {
  subscribe: (listener: () => void) => () => void;
  read: () => number;
}

const clocks = new Map<number, Clock>();

/** The clock that beats every `everyMs`, shared by all who ask for that beat; it stands still while nobody listens. */
function clockOf(everyMs: number): Clock {
  const known = clocks.get(everyMs);
  if (known !== undefined) return known;
  const listeners = new Set<() => void>();
  let now = 0;
  let timer: ReturnType<typeof setInterval> | undefined;
  const clock: Clock = {
    subscribe(listener) {
      if (listeners.size === 0) {
        now = Date.now();
        timer = setInterval(() => {
          now = Date.now();
          for (const tell of listeners) tell();
        }, everyMs);
      }
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
        if (listeners.size === 0) clearInterval(timer);
      };
    },
    read: () => now,
  };
  clocks.set(everyMs, clock);
  return clock;
}

/**
 * The time, ms, renewed every `everyMs`. The first paint uses the server's moment, so that server and browser agree.
 */
export function useNow(everyMs = 15_000): number {
  const { renderedAt } = useReader();
  const clock = clockOf(everyMs);
  const now = useSyncExternalStore(clock.subscribe, clock.read, () => 0);
  return Math.max(now, renderedAt);
}

/** "today 14:05", with the exact moment for who asks. */
export function Moment({ at }: { at: string }) {
  const { formats, renderedAt } = useReader();
  const date = new Date(at);
  return (
    <time dateTime={at} title={formats.exact(date)} className="tabular-nums">
      {formats.moment(date, new Date(renderedAt))}
    </time>
  );
}

/** "2 minutes ago", counting on. */
export function Ago({ at }: { at: string }) {
  const { formats } = useReader();
  const now = useNow();
  const date = new Date(at);
  return (
    <time dateTime={at} title={formats.exact(date)}>
      {formats.relative(new Date(Math.min(date.getTime(), now)), new Date(now))}
    </time>
  );
}

/**
 * "valid until 14:05 (23 min)", counting down; the day too where it isn't today.
 * @param userZone the user's time zone: its clock stands beside the reader's where the two differ.
 */
export function ValidUntil({ at, userZone }: { at: string; userZone?: string | null | undefined }) {
  const { formats } = useReader();
  const t = useTranslations("ui.time");
  const now = useNow();
  const date = new Date(at);
  const left = (date.getTime() - now) / 1000;
  const { here, theirs } = useClocks(date, now, userZone);
  return (
    <time dateTime={at} title={formats.exact(date)} className="tabular-nums">
      {left <= 0
        ? t("over", { clock: here })
        : t.rich(theirs === null ? "until" : "untilBoth", {
            clock: here,
            left: formats.span(left),
            theirs: theirs ?? "",
            b: strong,
          })}
    </time>
  );
}

/** "offline till 15:00": when a code stops opening a machine without a network; the day and the user's clock as in `ValidUntil`. */
export function OfflineTill({ at, userZone }: { at: string; userZone: string | null }) {
  const { formats } = useReader();
  const t = useTranslations("ui.time");
  const now = useNow();
  const date = new Date(at);
  const { here, theirs } = useClocks(date, now, userZone);
  return (
    <time dateTime={at} title={formats.exact(date)} className="tabular-nums">
      {t.rich(theirs === null ? "offline" : "offlineBoth", { clock: here, theirs: theirs ?? "", b: strong })}
    </time>
  );
}

const strong = (chunks: ReactNode) => <strong className="font-semibold">{chunks}</strong>;

/** An instant on the reader's clock, with the day unless it is near, and on the user's where that differs. */
function useClocks(date: Date, now: number, userZone: string | null | undefined) {
  const { formats, timeZone } = useReader();
  const theirs = userZone && userZone !== timeZone ? formats.clock(date, userZone) : null;
  const isNear = date.getTime() - now < 12 * 3_600_000;
  return {
    here: isNear ? formats.clock(date) : formats.moment(date, new Date(now)),
    theirs: theirs === formats.clock(date) ? null : theirs,
  };
}
