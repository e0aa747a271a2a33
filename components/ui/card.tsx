import type { ComponentProps, ReactNode } from "react";

/** A titled part of a page. `aside` stands right of the title. */
export function Card({
  title,
  titleId,
  aside,
  children,
  className = "",
  ...rest
}: Omit<ComponentProps<"section">, "title"> & { title?: ReactNode; titleId?: string; aside?: ReactNode }) {
  return (
    <section
      aria-labelledby={title === undefined ? undefined : titleId}
      className={`min-w-0 rounded-xl border bg-surface ${className}`}
      {...rest}
    >
      {title !== undefined && (
        <header className="flex min-h-11 flex-wrap items-center justify-between gap-x-4 gap-y-1 border-b px-4 py-2">
          <h2 id={titleId} className="flex items-center gap-2.5 font-semibold text-sm">
            {title}
          </h2>
          {aside !== undefined && <div className="text-ink-soft text-sm">{aside}</div>}
        </header>
      )}
      {children}
    </section>
  );
}

/** Names and values, one a line, as under "Who this is"; `className`: the classes of two a line, where there is room. */
export function Facts({ className = "", children }: { className?: string; children: ReactNode }) {
  return (
    <dl
      className={`grid grid-cols-[minmax(4.5rem,auto)_minmax(0,1fr)] gap-x-3 gap-y-1.5 px-4 py-3.5 text-sm ${className}`}
    >
      {children}
    </dl>
  );
}

/** One name and its value in `Facts`. */
export function Fact({ name, children }: { name: ReactNode; children: ReactNode }) {
  return (
    <>
      <dt className="text-ink-soft">{name}</dt>
      <dd className="min-w-0 break-words">{children}</dd>
    </>
  );
}
