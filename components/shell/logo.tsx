/** The mark alone: decoration beside a name. */
export function Mark({ className = "size-5" }: { className?: string }) {
  return (
    <svg viewBox="0 0 20 20" className={`shrink-0 ${className}`} aria-hidden="true">
      <rect width="20" height="20" rx="5.5" className="fill-accent" />
      <path
        d="M10 4.2 11.5 8.5 15.8 10 11.5 11.5 10 15.8 8.5 11.5 4.2 10 8.5 8.5Z"
        className="fill-on-accent"
      />
    </svg>
  );
}

/** The mark and the name. */
export function Logo() {
  return (
    <span className="flex items-center gap-2.5 font-bold text-base text-ink tracking-tight">
      <Mark />
      Sparekey
    </span>
  );
}
