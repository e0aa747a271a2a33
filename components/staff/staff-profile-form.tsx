"use client";

import { useRouter } from "next/navigation";
import { type FormEvent, useState, useTransition } from "react";
import { useTranslations } from "use-intl/react";
import type { z } from "zod";
import { Button } from "@/components/ui/button";
import { SelectField, TextField } from "@/components/ui/field";
import { showToast } from "@/components/ui/toast";
import type { Role } from "@/lib/platform/context";
import type { Refusal, Success } from "@/lib/platform/outcome";
import type { Action } from "@/lib/staff/action";
import type { changeStaffInput } from "@/lib/staff/input";
import { parseRole, roles } from "@/lib/staff/model";
import type { DoorReason } from "@/lib/staff/outcome";
import { RefusalNotice } from "./refusal-notice";
import { useStaffWords } from "./words";

/** Name, role and directory id of a staff member. `locked`: why role and id can't be changed, where they can't. */
export function StaffProfileForm({
  change,
  staff,
  locked,
}: {
  change: Action<
    z.input<typeof changeStaffInput>,
    Success | Refusal<"step_up_needed" | "not_found" | "yourself" | "last_owner">
  >;
  staff: { id: string; name: string; role: Role; userDirectoryId: string | null };
  locked: string | null;
}) {
  const t = useTranslations("staff");
  const ui = useTranslations("ui");
  const words = useStaffWords();
  const router = useRouter();
  const [refused, setRefused] = useState<Refusal<
    DoorReason | "step_up_needed" | "not_found" | "yourself" | "last_owner"
  > | null>(null);
  const [busy, startTransition] = useTransition();
  const save = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    startTransition(async () => {
      setRefused(null);
      const result = await change({
        staffId: staff.id,
        name: String(form.get("name")),
        ...(locked === null
          ? {
              role: parseRole(form.get("role")),
              userDirectoryId: String(form.get("userDirectoryId") ?? ""),
            }
          : {}),
      });
      if (result.ok) {
        void showToast(t("saved"));
        router.refresh();
      } else setRefused(result);
    });
  };
  return (
    <form onSubmit={save} className="flex flex-col gap-4 p-4">
      <TextField id="name" name="name" label={t("name")} defaultValue={staff.name} maxLength={120} required />
      <SelectField
        id="role"
        name="role"
        label={t("role")}
        defaultValue={staff.role}
        disabled={locked !== null}
        hint={locked}
        options={roles.map((role) => [role, ui(`role.${role}`)] as const)}
      />
      <TextField
        id="userDirectoryId"
        name="userDirectoryId"
        label={t("directoryId")}
        hint={t("directoryIdHint")}
        optional={ui("optional")}
        defaultValue={staff.userDirectoryId ?? ""}
        disabled={locked !== null}
        maxLength={200}
      />
      <RefusalNotice refusal={refused} words={words} />
      <div>
        <Button type="submit" variant="primary" busy={busy}>
          {t("save")}
        </Button>
      </div>
    </form>
  );
}
