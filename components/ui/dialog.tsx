"use client";

import { Dialog as Radix } from "radix-ui";
import { type ReactNode, useRef } from "react";

/**
 * A window over the page that takes the keyboard until it is closed (Esc, the backdrop, or an act), and gives it back to where it was.
 * Load it lazily where the first paint doesn't need it.
 */
export function Dialog({
  open,
  onOpenChange,
  title,
  description,
  children,
}: {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: ReactNode;
  description?: ReactNode;
  children: ReactNode;
}) {
  const before = useRef<Element | null>(null);
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Portal>
        <Radix.Overlay className="fixed inset-0 z-40 bg-backdrop" />
        <Radix.Content
          {...(description ? {} : { "aria-describedby": undefined })}
          onOpenAutoFocus={() => {
            before.current = document.activeElement;
          }}
          onCloseAutoFocus={(event) => {
            event.preventDefault();
            const at = before.current;
            const isThere = at instanceof HTMLElement && at.isConnected && at !== document.body;
            (isThere ? at : document.getElementById("main"))?.focus({ preventScroll: true });
          }}
          className="fixed top-[12vh] left-1/2 z-50 max-h-[80vh] w-[min(30rem,calc(100vw-2rem))] -translate-x-1/2 overflow-y-auto rounded-xl border bg-surface p-5 text-sm shadow-2xl"
        >
          <Radix.Title className="font-semibold text-base">{title}</Radix.Title>
          {description && (
            <Radix.Description className="mt-1 text-ink-soft text-sm">{description}</Radix.Description>
          )}
          <div className="mt-4">{children}</div>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
