"use client";

import { useEffect, useEffectEvent } from "react";
import { toSignInPath } from "@/lib/staff/return-path";

const keepers = new Set<() => void>();

/** Calls `keep` before the page gives way to the sign-in because the session is over. */
export function useBeforeSignIn(keep: () => void): void {
  const onSignIn = useEffectEvent(keep);
  useEffect(() => {
    const keeper = () => onSignIn();
    keepers.add(keeper);
    return () => {
      keepers.delete(keeper);
    };
  }, []);
}

/** Leads to the sign-in, which says that the session is over, and back here afterwards. What is filled in may be kept before. */
export function signInAgain(): void {
  for (const keep of keepers) keep();
  location.assign(toSignInPath(`${location.pathname}${location.search}`));
}
