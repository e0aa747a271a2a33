"use client";

import type { ReactNode } from "react";
import { useFormStatus } from "react-dom";

const look =
  "group flex min-h-19 w-full items-center justify-between gap-4 rounded-xl border bg-surface px-4.5 py-3.5 text-start transition-colors hover:border-line-field hover:bg-sunken aria-disabled:cursor-progress aria-disabled:bg-sunken";

function Words({ hint, children }: { hint: string; children: ReactNode }) {
  return (
    <>
      <span className="min-w-0">
        <span className="block font-semibold text-lg leading-7">{children}</span>
        <span className="block text-ink-soft leading-6">{hint}</span>
      </span>
      <svg viewBox="0 0 12 20" className="h-4 shrink-0 text-ink-soft rtl:rotate-180" aria-hidden="true">
        <path d="m2 2 8 8-8 8" fill="none" className="stroke-current" strokeWidth="2.2" />
      </svg>
    </>
  );
}

/** One of the ways, where choosing it does something: sends its form, once. */
export function WayButton({ hint, children }: { hint: string; children: ReactNode }) {
  const { pending } = useFormStatus();
  return (
    <button
      type="submit"
      className={look}
      aria-busy={pending || undefined}
      aria-disabled={pending || undefined}
      onClick={pending ? (event) => event.preventDefault() : undefined}
    >
      <Words hint={hint}>{children}</Words>
    </button>
  );
}

/** One of the ways, where choosing it only leads on. */
export function WayLink({ href, hint, children }: { href: string; hint: string; children: ReactNode }) {
  return (
    <a href={href} className={look}>
      <Words hint={hint}>{children}</Words>
    </a>
  );
}
