"use client";

import { usePathname, useRouter, useSearchParams } from "next/navigation";
import { parseAsString, throttle, useQueryState } from "nuqs";
import { type KeyboardEvent, useEffect, useRef, useState, useTransition } from "react";
import { useTranslations } from "use-intl/react";
import { Kbd } from "@/components/ui/kbd";
import { leave, useLeaving } from "./leaving";
import { useLookUpSelection } from "./look-up-selection";
import { useShortcut } from "./shortcut";

/** The longest text that one can look up by. */
const queryLengthMax = 200;

/**
 * The field at the top of every page. On `/users` what is typed stands in the address and the table follows; on other pages
 * the first letter leads there, but where that would lose what the page holds: there Enter does, and asks first. `/` focuses it, the arrows move through the table, Enter opens what answers
 * the whole of what is typed, and waits for that answer: never a row of an earlier text, nor by a key that was held down elsewhere.
 */
export function LookUpField() {
  const t = useTranslations("shell");
  const router = useRouter();
  const field = useRef<HTMLInputElement>(null);
  const [isUnderWay, startTransition] = useTransition();
  const [isLeading, setIsLeading] = useState(false);
  const isThere = usePathname() === "/users";
  const onUsers = isThere && !isLeading;
  const addressed = useSearchParams().get("q") ?? "";
  const [typed, setTyped] = useState("");
  const [query, setQuery] = useQueryState(
    "q",
    parseAsString.withDefault("").withOptions({ history: "replace", limitUrlUpdates: throttle(150) }),
  );
  const selection = useLookUpSelection();
  const { what: loss } = useLeaving();
  const [isHeldBack, setIsHeldBack] = useState(false);

  // For one render after the page has changed, nuqs still has the query of the page before.
  const isWritten = query === addressed;
  if (isLeading && !isUnderWay && isWritten) setIsLeading(false);

  const settled = onUsers && isWritten ? query.trim() : null;
  useEffect(() => selection.setAddressed(settled), [selection, settled]);

  // Who comes to look somebody up types at once; a keyboard on the glass would only cover the page.
  useEffect(() => {
    const isFree = document.activeElement === document.body;
    if (isThere && isFree && matchMedia("(pointer: fine)").matches)
      field.current?.focus({ preventScroll: true });
  }, [isThere]);

  useShortcut("/", () => {
    field.current?.focus();
    field.current?.select();
  });

  const goTo = (text: string) => {
    setIsLeading(true);
    startTransition(() => {
      const address = `/users${text === "" ? "" : `?${new URLSearchParams({ q: text })}`}`;
      router[isThere ? "replace" : "push"](address);
    });
  };

  const onChange = (text: string) => {
    selection.forget();
    if (onUsers) void setQuery(text === "" ? null : text);
    else if (loss === null) goTo(text);
    setIsHeldBack(!onUsers && loss !== null);
    setTyped(text);
  };

  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === "/" && event.currentTarget.value === "") event.preventDefault();
    else if (event.key === "Escape") {
      if (onUsers && query !== "") onChange("");
      else field.current?.blur();
    } else if (event.key === "Enter" && !event.repeat) {
      // Else the key goes on to the question that it brings up, and answers it.
      event.preventDefault();
      const text = event.currentTarget.value.trim();
      if (!onUsers && text === "") return;
      leave(() => {
        if (!onUsers && !isLeading) goTo(typed);
        selection.openFor(text);
      });
    } else if (onUsers && selection.onArrow(event.key)) event.preventDefault();
  };

  return (
    <search className="relative min-w-0 flex-1 lg:max-w-[33rem]">
      <input
        ref={field}
        type="search"
        name="q"
        maxLength={queryLengthMax}
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        enterKeyHint="search"
        aria-label={t("lookUp.label")}
        aria-keyshortcuts="/"
        placeholder={t("lookUp.placeholder")}
        value={onUsers ? query : typed}
        onChange={(event) => onChange(event.target.value)}
        onKeyDown={onKeyDown}
        onBlur={() => {
          selection.forget();
          setIsHeldBack(false);
        }}
        {...(onUsers && selection.count > 0
          ? {
              role: "combobox",
              "aria-expanded": true,
              "aria-haspopup": "grid",
              "aria-controls": selection.gridId,
              "aria-activedescendant": selection.activeId,
            }
          : {})}
        className="h-9 w-full rounded-lg border border-line-field bg-surface pr-10 pl-3 text-sm"
      />
      <span className="pointer-events-none absolute inset-y-0 right-2 flex items-center">
        <Kbd>/</Kbd>
      </span>
      <p role="status" className="absolute inset-x-0 top-full">
        {loss !== null && isHeldBack && (
          <span className="mt-1 block rounded-lg border bg-surface px-3 py-2 text-xs shadow-lg">
            {t(`leaving.${loss}.lookUp`)}
          </span>
        )}
      </p>
    </search>
  );
}
