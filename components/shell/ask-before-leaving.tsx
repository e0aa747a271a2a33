"use client";

import { type ComponentType, useEffect, useEffectEvent, useState } from "react";
import { useTranslations } from "use-intl/react";
import type { LeaveDialogProps } from "./leave-dialog";
import { answerLeaving, leave, useLeaving, wouldLose } from "./leaving";

/** The link of the console that a click follows in this tab; null where it leads nowhere else, or elsewhere beside it. */
function findWayOut(event: MouseEvent): HTMLAnchorElement | null {
  if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return null;
  const link = event.target instanceof Element ? event.target.closest("a") : null;
  if (link === null || link.href === "" || link.target !== "" || link.hasAttribute("download")) return null;
  return new URL(link.href).origin !== location.origin || isThisPage(link.href) ? null : link;
}

/** Whether an address is of the open page, at whatever place of it. */
function isThisPage(href: string): boolean {
  const { pathname, search } = new URL(href, location.href);
  return pathname === location.pathname && search === location.search;
}

/**
 * Asks before a link or the way back loses what the page holds (`useLoss`). What leads on by a script asks by `leave`. The question
 * is fetched beforehand; where it can't be, the browser asks in its place. Where the browser knows no Navigation API, nobody asks on
 * the way back.
 *
 * Before a reload, or when the tab is closed, the browser asks by itself, but not for a code: a page that waits for that answer stands
 * still, and the code would outlast its countdown.
 */
export function AskBeforeLeaving() {
  const t = useTranslations("shell.leaving");
  const { what, isAsked } = useLeaving();
  const isHeld = what !== null;
  const asksToUnload = what === "policy";
  const [Question, setQuestion] = useState<ComponentType<LeaveDialogProps> | null>(null);
  const fetchQuestion = useEffectEvent(() => {
    if (Question === null)
      import("./leave-dialog").then(
        ({ default: fetched }) => setQuestion(() => fetched),
        () => undefined,
      );
  });
  useEffect(() => {
    if (!isHeld) return;
    fetchQuestion();
    const onClick = (event: MouseEvent) => {
      const link = wouldLose() ? findWayOut(event) : null;
      if (link === null) return;
      event.preventDefault();
      leave(() => link.click());
    };
    const onNavigate = (event: NavigateEvent) => {
      const { key, sameDocument, url } = event.destination;
      if (!wouldLose() || event.navigationType !== "traverse" || !event.cancelable || !sameDocument) return;
      if (isThisPage(url)) return;
      event.preventDefault();
      leave(() => navigation.traverseTo(key));
    };
    addEventListener("click", onClick, { capture: true });
    globalThis.navigation?.addEventListener("navigate", onNavigate);
    return () => {
      removeEventListener("click", onClick, { capture: true });
      globalThis.navigation?.removeEventListener("navigate", onNavigate);
    };
  }, [isHeld]);
  useEffect(() => {
    if (!asksToUnload) return;
    const onUnload = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener("beforeunload", onUnload);
    return () => removeEventListener("beforeunload", onUnload);
  }, [asksToUnload]);
  const askByBrowser = useEffectEvent(() => {
    if (what !== null && Question === null) answerLeaving(confirm(t(`${what}.title`)));
  });
  useEffect(() => {
    if (isAsked) askByBrowser();
  }, [isAsked]);
  useEffect(() => {
    // What the browser lays over the page would lie over the question too.
    if (isAsked)
      for (const popover of document.querySelectorAll<HTMLElement>(":popover-open")) popover.hidePopover();
  }, [isAsked]);
  return what !== null && Question !== null ? (
    <Question what={what} open={isAsked} onAnswer={answerLeaving} />
  ) : null;
}
