"use client";

import { type ReactNode, useEffect, useRef, useState } from "react";
import { Problem } from "./notice";

/**
 * Has this browser prove that it works for a person who waits, and then sends its form with the proof. The program that does
 * the work is loaded only here. Shows nothing without scripts.
 */
export function RobotCheck({
  ask,
  attemptId,
  way,
  riddle,
  working,
  failed,
  instead,
}: {
  ask: (form: FormData) => Promise<void>;
  attemptId: string;
  way: "text" | "call";
  riddle: string;
  working: string;
  failed: string;
  /** What to do where it fails. */
  instead: ReactNode;
}) {
  const [state, setState] = useState<"off" | "working" | "failed">("off");
  const form = useRef<HTMLFormElement>(null);
  const proof = useRef<HTMLInputElement>(null);
  useEffect(() => {
    const stop = new AbortController();
    setState("working");
    import("./solve-riddle")
      .then(({ solveRiddle }) => solveRiddle(riddle, stop))
      .then(
        (solution) => {
          if (stop.signal.aborted || proof.current === null) return;
          proof.current.value = solution;
          form.current?.requestSubmit();
        },
        () => {
          if (!stop.signal.aborted) setState("failed");
        },
      );
    return () => stop.abort();
  }, [riddle]);
  return (
    <form ref={form} action={ask} className="mt-8 flex flex-col gap-4 empty:hidden">
      <input type="hidden" name="attempt" value={attemptId} />
      <input type="hidden" name="way" value={way} />
      <input ref={proof} type="hidden" name="proof" />
      {state === "working" && (
        <p role="status" className="flex items-center gap-3 text-ink-soft">
          <span
            aria-hidden="true"
            className="size-5 animate-spin rounded-full border-2 border-accent border-t-transparent motion-reduce:hidden"
          />
          {working}
        </p>
      )}
      {state === "failed" && (
        <>
          <Problem>{failed}</Problem>
          {instead}
        </>
      )}
    </form>
  );
}
