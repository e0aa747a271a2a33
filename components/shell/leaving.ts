"use client";

import { useEffect, useEffectEvent, useSyncExternalStore } from "react";

/** What a page may hold that leaving it would lose; words for each are in the catalogue. */
export type Loss = "code" | "policy";

interface State {
  held: { what: Loss; letGo: () => void } | null;
  /** Where one wants to go, while it is asked whether. */
  onward: (() => void) | null;
}

const atEase: State = { held: null, onward: null };
let state = atEase;
const listeners = new Set<() => void>();

function set(next: State): void {
  state = next;
  for (const tell of listeners) tell();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Whether leaving the page would lose something now. */
export function wouldLose(): boolean {
  return state.held !== null;
}

/** Goes on by `onward`: at once where nothing would be lost, else when it was asked and agreed to. */
export function leave(onward: () => void): void {
  if (state.held === null) onward();
  else set({ ...state, onward });
}

/** The answer to what `leave` asks: go on, and let go of what is held, or stay. */
export function answerLeaving(goesOn: boolean): void {
  const { held, onward } = state;
  set(goesOn ? atEase : { held, onward: null });
  if (!goesOn) return;
  held?.letGo();
  // After the dialog has given the focus back.
  if (onward !== null) requestAnimationFrame(onward);
}

/** What leaving would lose, and whether it is being asked. */
export function useLeaving(): { what: Loss | null; isAsked: boolean } {
  const { held, onward } = useSyncExternalStore(
    subscribe,
    () => state,
    () => atEase,
  );
  return { what: held?.what ?? null, isAsked: onward !== null };
}

/**
 * Has everybody asked who would leave the page while `isHeld`. `letGo` is called when they leave nonetheless; who is still being asked
 * when nothing is held any more goes on.
 */
export function useLoss(what: Loss, isHeld: boolean, letGo: () => void): void {
  const onLetGo = useEffectEvent(letGo);
  useEffect(() => {
    if (!isHeld) return;
    const held = { what, letGo: () => onLetGo() };
    set({ held, onward: null });
    return () => {
      if (state.held !== held) return;
      const { onward } = state;
      set(atEase);
      onward?.();
    };
  }, [what, isHeld]);
}
