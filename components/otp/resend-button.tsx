"use client";

import { useEffect, useState, useSyncExternalStore } from "react";
import { plainButton } from "./notice";
import { SubmitButton } from "./submit-button";

const never = () => () => undefined;

const toClock = (seconds: number) => `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;

/**
 * Asks once more, as soon as that may be; until then it shows how long.
 * Without scripts it may be pressed at any time, and the server says how long.
 * @param waitSeconds from the moment this was rendered. `waiting` holds `{clock}` where the time goes.
 */
export function ResendButton({
  waitSeconds,
  ready,
  waiting,
}: {
  waitSeconds: number;
  ready: string;
  waiting: string;
}) {
  const scripted = useSyncExternalStore(
    never,
    () => true,
    () => false,
  );
  const [left, setLeft] = useState(waitSeconds);
  useEffect(() => {
    const until = performance.now() + waitSeconds * 1000;
    const tick = () => setLeft(Math.max(0, Math.ceil((until - performance.now()) / 1000)));
    tick();
    const timer = setInterval(tick, 250);
    return () => clearInterval(timer);
  }, [waitSeconds]);
  const wait = scripted && left > 0;
  return (
    <SubmitButton className={`${plainButton} tabular-nums`} disabled={wait}>
      {wait ? waiting.replace("{clock}", toClock(left)) : ready}
    </SubmitButton>
  );
}
