import type { ReactNode } from "react";

/** What went wrong with what was just done, said at once to who can't see it. Never by colour alone. */
export function Problem({ id, children }: { id?: string; children: ReactNode }) {
  return (
    <div id={id} role="alert" className="flex gap-3 rounded-lg bg-danger-soft px-4 py-3.5 text-ink leading-6">
      <svg viewBox="0 0 20 20" className="mt-0.5 size-5 shrink-0 text-danger" aria-hidden="true">
        <circle cx="10" cy="10" r="8.25" fill="none" className="stroke-current" strokeWidth="1.7" />
        <path d="M10 5.8v5" className="stroke-current" strokeWidth="1.9" strokeLinecap="round" />
        <circle cx="10" cy="13.9" r="1.1" className="fill-current" />
      </svg>
      <span className="min-w-0">{children}</span>
    </div>
  );
}

/** The classes of the one main button of a page, and of a field as large as it. */
export const mainButton =
  "inline-flex min-h-14 w-full items-center justify-center gap-2.5 rounded-xl border border-transparent bg-accent px-5 text-center font-semibold text-lg text-on-accent transition-colors hover:bg-accent-strong aria-disabled:cursor-not-allowed aria-disabled:opacity-70";
export const plainButton =
  "inline-flex min-h-12 w-full items-center justify-center gap-2.5 rounded-xl border border-line-field bg-surface px-5 text-center font-medium text-ink transition-colors hover:bg-sunken aria-disabled:cursor-not-allowed aria-disabled:border-line aria-disabled:text-ink-soft aria-disabled:hover:bg-surface";
export const quietLink =
  "inline-flex min-h-12 items-center justify-center self-center rounded-md px-3 text-center font-medium text-accent hover:underline";
export const bigField =
  "min-h-14 w-full rounded-xl border border-line-field bg-surface px-4 text-ink text-lg aria-invalid:border-danger aria-invalid:outline-danger";
