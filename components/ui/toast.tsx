"use client";

import { Suspense, useSyncExternalStore } from "react";
import { fetchLater } from "./fetch-later";

const fetchToasts = () => import("sonner");
const Toaster = fetchLater(
  async () => ({ default: (await fetchToasts()).Toaster }),
  () => null,
);

const state = { needed: false, listeners: new Set<() => void>() };

/** Says in passing that something was done. Never the only place of something that must be read. */
export async function showToast(message: string): Promise<void> {
  state.needed = true;
  for (const tell of state.listeners) tell();
  const fetched = await fetchToasts().catch(() => undefined);
  fetched?.toast(message);
}

/** Where toasts appear; its script is fetched with the first one. */
export function Toasts() {
  const needed = useSyncExternalStore(
    (listener) => {
      state.listeners.add(listener);
      return () => state.listeners.delete(listener);
    },
    () => state.needed,
    () => false,
  );
  if (!needed) return null;
  return (
    <Suspense fallback={null}>
      <Toaster
        position="top-right"
        offset={{ top: 92 }}
        mobileOffset={{ top: 104 }}
        toastOptions={{
          unstyled: true,
          classNames: {
            toast:
              "flex w-full items-center font-sans rounded-lg border bg-surface px-4 py-3 text-ink text-sm shadow-lg",
          },
        }}
      />
    </Suspense>
  );
}
