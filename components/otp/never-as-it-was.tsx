"use client";

import { useEffect } from "react";

const reload = ({ persisted }: PageTransitionEvent) => {
  if (persisted) location.reload();
};

/** Loads the page anew where the browser brings it back as it was left, though it was told to keep nothing. */
export function NeverAsItWas() {
  useEffect(() => {
    addEventListener("pageshow", reload);
    return () => removeEventListener("pageshow", reload);
  }, []);
  return null;
}
