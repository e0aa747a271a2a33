import type { ReactNode } from "react";

/** What the colours of a picture stand for. */
export function Legend({ items }: { items: readonly { name: string; fill: string; value?: ReactNode }[] }) {
  return (
    <ul className="flex flex-wrap gap-x-5 gap-y-1 text-xs">
      {items.map(({ name, fill, value }) => (
        <li key={name} className="flex items-center gap-1.5">
          <span aria-hidden="true" className={`size-2.5 rounded-sm ${fill}`} />
          {name}
          {value !== undefined && <strong className="font-semibold tabular-nums">{value}</strong>}
        </li>
      ))}
    </ul>
  );
}
