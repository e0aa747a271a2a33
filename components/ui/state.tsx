import type { ReactNode } from "react";

/** What stands where there is nothing: one sentence, and what to do. */
export function EmptyState({ title, children }: { title: ReactNode; children?: ReactNode }) {
  return (
    <div className="px-6 py-10 text-center">
      <div className="font-medium text-sm">{title}</div>
      {children && <div className="mx-auto mt-1 max-w-prose text-ink-soft text-sm">{children}</div>}
    </div>
  );
}

/** A box that says something about what stands beside it. `alert`: it just happened and is read out at once. */
export function Notice({
  tone = "neutral",
  alert = false,
  title,
  children,
  actions,
}: {
  tone?: "neutral" | "warn" | "danger" | "ok";
  alert?: boolean;
  title: ReactNode;
  children?: ReactNode;
  actions?: ReactNode;
}) {
  const tones = {
    neutral: "bg-sunken text-ink",
    warn: "bg-warn-soft text-warn",
    danger: "bg-danger-soft text-danger",
    ok: "bg-ok-soft text-ok",
  };
  return (
    <div role={alert ? "alert" : undefined} className={`rounded-lg px-3.5 py-2.5 text-sm ${tones[tone]}`}>
      <p className="font-medium">{title}</p>
      {children && <div className="mt-0.5 text-ink">{children}</div>}
      {actions && <div className="mt-2.5 flex flex-wrap gap-2">{actions}</div>}
    </div>
  );
}
