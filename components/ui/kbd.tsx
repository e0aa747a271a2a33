import type { ReactNode } from "react";

/** A key, written where it works: not on a phone. Hidden from assistive technology: `aria-keyshortcuts` tells it there. */
export function Kbd({ children, tone = "plain" }: { children: ReactNode; tone?: "plain" | "onAccent" }) {
  return (
    <span
      aria-hidden="true"
      className={`pointer-coarse:hidden inline-flex h-5 min-w-5 items-center justify-center rounded-sm border px-1 font-sans text-2xs ${
        tone === "onAccent"
          ? "border-on-accent/35 text-on-accent"
          : "border-line border-b-2 bg-surface text-ink-soft"
      }`}
    >
      {children}
    </span>
  );
}
