"use client";

import { Command } from "cmdk";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { useTranslations } from "use-intl/react";
import { leave } from "./leaving";

const item =
  "flex min-h-9 items-center justify-between gap-3 rounded-md px-3 text-sm data-[selected=true]:bg-accent-soft data-[selected=true]:text-accent data-[disabled=true]:opacity-55";
const group =
  "[&_[cmdk-group-heading]]:px-3 [&_[cmdk-group-heading]]:pt-2 [&_[cmdk-group-heading]]:pb-1 [&_[cmdk-group-heading]]:text-2xs [&_[cmdk-group-heading]]:text-ink-soft";

/** The acts that the open page, or a menu over it, offers: every button and link that carries `data-command`. */
function listActs(): HTMLElement[] {
  return [...document.querySelectorAll<HTMLElement>("[data-command]")].filter(
    (button) => !button.matches(":disabled, [aria-disabled='true']"),
  );
}

const isOfMenu = (act: HTMLElement) => act.closest("[popover]") !== null;

/** Everything that can be done from here, by typing a part of its name. */
export default function Palette({
  open,
  onOpenChange,
  sections,
}: {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  sections: readonly { href: string; name: string }[];
}) {
  const t = useTranslations("shell");
  const router = useRouter();
  const [text, setText] = useState("");
  const close = (then: () => void) => {
    onOpenChange(false);
    setText("");
    // After the dialog has given the focus back.
    requestAnimationFrame(then);
  };
  const goTo = (href: string) => close(() => leave(() => router.push(href)));
  const acts = open ? listActs() : [];
  const listed = (heading: "commands.here" | "commands.you", those: readonly HTMLElement[]) =>
    those.length > 0 && (
      <Command.Group heading={t(heading)} className={group}>
        {those.map((button) => (
          <Command.Item
            key={button.dataset.command}
            value={button.dataset.command ?? ""}
            onSelect={() => close(() => button.click())}
            className={item}
          >
            {button.dataset.command}
          </Command.Item>
        ))}
      </Command.Group>
    );
  return (
    <Command.Dialog
      open={open}
      onOpenChange={onOpenChange}
      label={t("commands.label")}
      overlayClassName="fixed inset-0 z-40 bg-backdrop"
      contentClassName="fixed top-[12vh] left-1/2 z-50 w-[min(36rem,calc(100vw-2rem))] -translate-x-1/2 overflow-hidden rounded-xl border bg-surface shadow-2xl"
    >
      <Command.Input
        value={text}
        onValueChange={setText}
        placeholder={t("commands.placeholder")}
        className="h-12 w-full border-b bg-transparent px-4 text-sm outline-none"
      />
      <Command.List className="max-h-[50vh] overflow-y-auto p-2">
        {listed(
          "commands.here",
          acts.filter((act) => !isOfMenu(act)),
        )}
        <Command.Group heading={t("commands.goTo")} className={group}>
          {sections.map(({ href, name }) => (
            <Command.Item key={href} value={name} onSelect={() => goTo(href)} className={item}>
              {name}
            </Command.Item>
          ))}
        </Command.Group>
        {listed("commands.you", acts.filter(isOfMenu))}
        {text.trim() !== "" && (
          <Command.Item
            forceMount
            value={`look-up ${text}`}
            onSelect={() => goTo(`/users?${new URLSearchParams({ q: text.trim() })}`)}
            className={item}
          >
            {t("commands.lookUp", { text: text.trim() })}
          </Command.Item>
        )}
      </Command.List>
    </Command.Dialog>
  );
}
