import { cva, type VariantProps } from "class-variance-authority";
import type { ComponentProps } from "react";
import { Kbd } from "./kbd";

/** The classes of a button, for links that look like one. */
export const buttonClass = cva(
  "inline-flex shrink-0 select-none items-center justify-center gap-2 whitespace-nowrap rounded-md border font-medium transition-colors aria-disabled:cursor-not-allowed aria-disabled:opacity-55 disabled:cursor-not-allowed disabled:opacity-55",
  {
    variants: {
      variant: {
        primary:
          "border-transparent bg-accent text-on-accent not-disabled:not-aria-disabled:hover:bg-accent-strong",
        plain: "border-line bg-surface text-ink not-disabled:not-aria-disabled:hover:bg-sunken",
        quiet:
          "border-transparent bg-transparent text-ink-soft not-disabled:hover:bg-sunken not-disabled:hover:text-ink",
        danger: "border-line bg-surface text-danger not-disabled:not-aria-disabled:hover:bg-danger-soft",
        "danger-solid": "border-transparent bg-danger-solid text-on-danger not-disabled:hover:brightness-110",
      },
      size: { sm: "min-h-7 px-2.5 text-xs", md: "min-h-9 px-3.5 text-sm", lg: "min-h-12 px-5 text-base" },
    },
    defaultVariants: { variant: "plain", size: "md" },
  },
);

/** A button. `busy` says that its work is under way: it stays focusable and refuses further presses. `keys`: the key that does the same. */
export function Button({
  variant,
  size,
  busy = false,
  keys,
  className,
  type = "button",
  children,
  onClick,
  ...rest
}: ComponentProps<"button"> & VariantProps<typeof buttonClass> & { busy?: boolean; keys?: string }) {
  return (
    <button
      type={type}
      aria-busy={busy || undefined}
      aria-disabled={busy || rest["aria-disabled"] || undefined}
      onClick={busy ? (event) => event.preventDefault() : onClick}
      className={buttonClass({ variant, size, className })}
      {...rest}
    >
      {busy && (
        <span
          aria-hidden="true"
          className="size-3.5 animate-spin rounded-full border-2 border-current border-t-transparent motion-reduce:hidden"
        />
      )}
      {children}
      {keys && <Kbd tone={variant === "primary" ? "onAccent" : "plain"}>{keys}</Kbd>}
    </button>
  );
}
