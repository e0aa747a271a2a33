"use client";

import type { ReactNode } from "react";
import { useFormStatus } from "react-dom";

/** Sends its form: once, however often it is pressed while the answer is awaited. */
export function SubmitButton({
  className,
  children,
  disabled = false,
}: {
  className: string;
  children: ReactNode;
  disabled?: boolean;
}) {
  const { pending } = useFormStatus();
  return (
    <button
      type="submit"
      className={className}
      aria-busy={pending || undefined}
      aria-disabled={pending || disabled || undefined}
      onClick={pending || disabled ? (event) => event.preventDefault() : undefined}
    >
      {children}
      {pending && (
        <span
          aria-hidden="true"
          className="size-4 shrink-0 animate-spin rounded-full border-2 border-current border-t-transparent motion-reduce:hidden"
        />
      )}
    </button>
  );
}
