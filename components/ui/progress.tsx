/** How far something is, from 0 to 1; null: it goes on, and nobody knows how far it is. `label` names it. */
export function Progress({ value, label }: { value: number | null; label: string }) {
  return (
    <div
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={value === null ? undefined : Math.floor(value * 100)}
      className="h-2 w-full overflow-hidden rounded-full bg-sunken"
    >
      <div
        className={`h-full rounded-full bg-accent ${value === null ? "w-1/4 animate-pulse" : "transition-[width] duration-500 motion-reduce:transition-none"}`}
        style={value === null ? undefined : { width: `${value * 100}%` }}
      />
    </div>
  );
}
