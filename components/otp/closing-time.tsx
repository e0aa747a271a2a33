"use client";

import { useSyncExternalStore } from "react";

const never = () => () => undefined;

/** "Open until 14:05.", on the reader's own clock: in UTC until the browser has told which that is. */
export function ClosingTime({ at, locale }: { at: number; locale: string }) {
  const say = (timeZone?: string) =>
    new Intl.DateTimeFormat(locale, {
      hour: "2-digit",
      minute: "2-digit",
      hourCycle: "h23",
      ...(timeZone === undefined ? {} : { timeZone, timeZoneName: "short" }),
    }).format(at);
  const words = useSyncExternalStore(
    never,
    () => say(),
    () => say("UTC"),
  );
  return (
    <>
      Open until <time dateTime={new Date(at).toISOString()}>{words}</time>.
    </>
  );
}
