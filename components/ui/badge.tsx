import { cva, type VariantProps } from "class-variance-authority";
import type { ReactNode } from "react";

const badge = cva(
  "inline-flex max-w-full items-center gap-1.5 whitespace-nowrap rounded-full px-2 py-px font-medium text-xs",
  {
    variants: {
      tone: {
        neutral: "bg-sunken text-ink-soft",
        accent: "bg-accent-soft text-accent",
        ok: "bg-ok-soft text-ok",
        warn: "bg-warn-soft text-warn",
        danger: "bg-danger-soft text-danger",
      },
      dot: { true: "before:size-1.5 before:shrink-0 before:rounded-full before:bg-current" },
    },
    defaultVariants: { tone: "neutral" },
  },
);
export type Tone = NonNullable<VariantProps<typeof badge>["tone"]>;

/** A state in a word that begins small, with a dot: the word says it, the colour only helps. */
export function Badge({ tone, children }: { tone?: Tone; children: ReactNode }) {
  return (
    <span className={badge({ tone, dot: true })}>
      <span className="truncate">{children}</span>
    </span>
  );
}

/** A name among others, as of a group: no state, so no dot. */
export function Tag({ children }: { children: ReactNode }) {
  return (
    <span className={badge()}>
      <span className="truncate">{children}</span>
    </span>
  );
}
