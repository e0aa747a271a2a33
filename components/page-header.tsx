import type { ReactNode } from "react";

/** The title of a page, and what stands right of it. */
export function PageHeader({ title, children }: { title: ReactNode; children?: ReactNode }) {
  return (
    <div className="mb-3 flex min-h-9 flex-wrap items-center justify-between gap-x-4 gap-y-2">
      <h1 className="font-bold text-xl tracking-tight">{title}</h1>
      {children}
    </div>
  );
}
