"use client";

import { lazy, Suspense, useEffect } from "react";
import { answerLeaving, leave, useLeaving, wouldLose } from "./leaving";

const loadDialog = () => import("./leave-dialog");
const LeaveDialog = lazy(loadDialog);

/** The link of the console that a click follows in this tab; null where it leads nowhere else, or elsewhere beside it. */
function findWayOut(event: MouseEvent): HTMLAnchorElement | null {
  if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return null;
  const link = event.target instanceof Element ? event.target.closest("a") : null;
  if (link === null || link.href === "" || link.target !== "" || link.hasAttribute("download")) return null;
  const { origin, pathname, search } = new URL(link.href);
  return origin !== location.origin || (pathname === location.pathname && search === location.search)
    ? null
    : link;
}

/**
 * Asks before a link, the way back, a reload or closing the tab loses what the page holds (`useLoss`). What leads on by
 * a script asks by `leave`. The browser asks in its own words where the document itself goes, and, where it knows no Navigation API,
 * not at all on the way back.
 */
export function AskBeforeLeaving() {
  const { what, isAsked } = useLeaving();
  const isHeld = what !== null;
  useEffect(() => {
    if (!isHeld) return;
    void loadDialog();
    const onClick = (event: MouseEvent) => {
      const link = wouldLose() ? findWayOut(event) : null;
      if (link === null) return;
      event.preventDefault();
      leave(() => link.click());
    };
    const onNavigate = (event: NavigateEvent) => {
      const { key, sameDocument } = event.destination;
      if (!wouldLose() || event.navigationType !== "traverse" || !event.cancelable || !sameDocument) return;
      event.preventDefault();
      leave(() => navigation.traverseTo(key));
    };
    const onUnload = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener("click", onClick, { capture: true });
    addEventListener("beforeunload", onUnload);
    globalThis.navigation?.addEventListener("navigate", onNavigate);
    return () => {
      removeEventListener("click", onClick, { capture: true });
      removeEventListener("beforeunload", onUnload);
      globalThis.navigation?.removeEventListener("navigate", onNavigate);
    };
  }, [isHeld]);
  useEffect(() => {
    // What the browser lays over the page would lie over the question too.
    if (isAsked)
      for (const popover of document.querySelectorAll<HTMLElement>(":popover-open")) popover.hidePopover();
  }, [isAsked]);
  if (what === null) return null;
  return (
    <Suspense fallback={null}>
      <LeaveDialog what={what} open={isAsked} onAnswer={answerLeaving} />
    </Suspense>
  );
}
