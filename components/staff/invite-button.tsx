"use client";

import { useRouter } from "next/navigation";
import { type FormEvent, useState, useTransition } from "react";
import { useTranslations } from "use-intl/react";
import type { z } from "zod";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { SelectField, TextField } from "@/components/ui/field";
import type { Refusal, Success } from "@/lib/platform/outcome";
import type { Action } from "@/lib/staff/action";
import type { inviteInput } from "@/lib/staff/input";
import type { Link } from "@/lib/staff/link";
import { parseRole, roles } from "@/lib/staff/model";
import type { DoorReason } from "@/lib/staff/outcome";
import { CopyLink } from "./copy-link";
import { RefusalNotice } from "./refusal-notice";
import { useStaffWords } from "./words";

/** Opens the form that makes a staff member, and shows their one-time link. */
export function InviteButton({
  invite,
}: {
  invite: Action<
    z.input<typeof inviteInput>,
    Success<{ link: Link }> | Refusal<"step_up_needed" | "email_taken">
  >;
}) {
  const t = useTranslations("staff");
  const ui = useTranslations("ui");
  const words = useStaffWords();
  const router = useRouter();
  const [open, setOpen] = useState(false);
  const [made, setMade] = useState<{ name: string; link: Link } | null>(null);
  const [refused, setRefused] = useState<Refusal<DoorReason | "step_up_needed" | "email_taken"> | null>(null);
  const [busy, startTransition] = useTransition();
  const send = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const text = (name: string) => String(form.get(name) ?? "");
    startTransition(async () => {
      setRefused(null);
      const name = text("name");
      const result = await invite({
        name,
        email: text("email"),
        role: parseRole(form.get("role")) ?? "helpdesk",
        userDirectoryId: text("userDirectoryId"),
      });
      if (result.ok) {
        setMade({ name, link: result.link });
        router.refresh();
      } else setRefused(result);
    });
  };
  const onOpenChange = (next: boolean) => {
    setOpen(next);
    setMade(null);
    setRefused(null);
  };
  return (
    <>
      <Button variant="primary" onClick={() => onOpenChange(true)}>
        {t("invite")}
      </Button>
      <Dialog
        open={open}
        onOpenChange={onOpenChange}
        title={made === null ? t("invite") : t("link.title", { name: made.name })}
      >
        {made === null ? (
          <form onSubmit={send} className="flex flex-col gap-4">
            <TextField id="invite-name" name="name" label={t("name")} maxLength={120} required />
            <TextField id="invite-email" name="email" type="email" label={t("email")} required />
            <SelectField
              id="invite-role"
              name="role"
              label={t("role")}
              options={roles.map((role) => [role, ui(`role.${role}`)] as const)}
            />
            <TextField
              id="invite-directory"
              name="userDirectoryId"
              label={t("directoryId")}
              hint={t("directoryIdHint")}
              optional={ui("optional")}
              maxLength={200}
            />
            <RefusalNotice refusal={refused} words={words} />
            <div className="flex justify-end gap-2">
              <Button onClick={() => onOpenChange(false)}>{ui("cancel")}</Button>
              <Button type="submit" variant="primary" busy={busy}>
                {t("invite")}
              </Button>
            </div>
          </form>
        ) : (
          <CopyLink {...made.link} onClose={() => onOpenChange(false)} />
        )}
      </Dialog>
    </>
  );
}
