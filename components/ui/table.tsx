import type { ComponentProps, ReactNode } from "react";

/** A table in a frame of its own that scrolls sideways where it must. `label` names it. */
export function Table({
  label,
  children,
  className = "",
  ...rest
}: ComponentProps<"table"> & { label: string }) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for forms, and a section would be one landmark more
    <div
      role="group"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what may scroll must be reachable by keyboard (WCAG 2.1.1)
      tabIndex={0}
      aria-label={label}
      className="relative min-w-0 overflow-x-auto rounded-[inherit]"
    >
      <table className={`w-full border-collapse text-left text-sm ${className}`} {...rest}>
        {children}
      </table>
    </div>
  );
}

/** The heads of the columns; an empty one is read as `srOnly` text by who can't see. */
export function Heads({ children }: { children: ReactNode }) {
  return (
    <thead>
      <tr className="border-b">{children}</tr>
    </thead>
  );
}

/** A column's head. */
export function Head({ children, className = "", ...rest }: ComponentProps<"th">) {
  return (
    <th
      scope="col"
      className={`whitespace-nowrap px-3 py-2 font-medium text-ink-soft text-xs sm:px-4 ${className}`}
      {...rest}
    >
      {children}
    </th>
  );
}

/** A row; `selected` marks it by colour and a bar, `aria-selected` is the caller's. */
export function Row({
  selected = false,
  className = "",
  ...rest
}: ComponentProps<"tr"> & { selected?: boolean }) {
  return (
    <tr
      className={`border-b last:border-b-0 ${selected ? "bg-accent-soft shadow-[inset_2px_0_0_var(--color-accent)]" : "hover:bg-sunken/60"} ${className}`}
      {...rest}
    />
  );
}

/** A cell. */
export function Cell({ className = "", ...rest }: ComponentProps<"td">) {
  return <td className={`px-3 py-2 align-middle sm:px-4 ${className}`} {...rest} />;
}
