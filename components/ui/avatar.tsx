/** Initials of a person, one or two; whole characters in any script. */
function initialsOf(name: string): string {
  const parts = name.trim().split(/\s+/u).filter(Boolean);
  const first = [...(parts[0] ?? "")][0] ?? "";
  const last = parts.length > 1 ? ([...(parts.at(-1) ?? "")][0] ?? "") : "";
  return `${first}${last}`.toLocaleUpperCase();
}

/** A person by initials. Decoration: the name stands beside it. */
export function Avatar({ name, size = "sm" }: { name: string; size?: "sm" | "lg" }) {
  const box = size === "lg" ? "size-12 text-base" : "size-7 text-2xs";
  return (
    <span
      aria-hidden="true"
      className={`${box} inline-flex shrink-0 items-center justify-center rounded-full bg-accent-soft in-aria-selected:bg-surface font-semibold text-accent`}
    >
      {initialsOf(name)}
    </span>
  );
}
